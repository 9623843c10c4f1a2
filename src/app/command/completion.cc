// SPDX-License-Identifier: Apache-2.0
// `hawser completion`: what bash needs to complete commands and options.

#include <CLI/CLI.hpp>

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "app/command/documents.h"

namespace hawser::app {

namespace {

// The first word that is no option is the command; what is neither may be a file.
constexpr std::string_view beginning = R"(# Completion of hawser's commands and options for bash.
_hawser() {
    local word=${COMP_WORDS[COMP_CWORD]} command= words= at
    for ((at = 1; at < COMP_CWORD; ++at)); do
        if [[ ${COMP_WORDS[at]} != -* ]]; then
            command=${COMP_WORDS[at]}
            break
        fi
    done
    case $command in
)";

constexpr std::string_view end = R"(    esac
    COMPREPLY=($(compgen -W "$words" -- "$word"))
    if [[ ${#COMPREPLY[@]} -eq 0 && $word != -* ]]; then
        COMPREPLY=($(compgen -f -- "$word"))
    fi
}
complete -F _hawser hawser
)";

std::string words_of(const CLI::App& command) {
    std::string words;
    for (const CLI::App* each : command.get_subcommands({})) words += each->get_name() + " ";
    for (const CLI::Option* each : command.get_options()) {
        for (const auto& name : each->get_snames()) words += "-" + name + " ";
        for (const auto& name : each->get_lnames()) words += "--" + name + " ";
    }
    if (!words.empty()) words.pop_back();
    return words;
}

}  // namespace

std::string completion_of(const CLI::App& program) {
    std::string script(beginning);
    for (const CLI::App* each : program.get_subcommands({})) {
        std::string names = each->get_name();
        for (const auto& other : each->get_aliases()) names += "|" + other;
        script += fmt::format("        {}) words='{}' ;;\n", names, words_of(*each));
    }
    script += fmt::format("        *) words='{}' ;;\n", words_of(program));
    return script.append(end);
}

}  // namespace hawser::app
