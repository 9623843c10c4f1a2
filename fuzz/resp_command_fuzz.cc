// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include "input.h"
#include "store/resp/command_parser.h"

namespace hawser::store::resp {
namespace {

using outcome = command_parser::outcome;

/// What `bytes` say, in portions of `portion`; the last line says how it ended.
std::vector<std::string> hear(std::string_view bytes, std::size_t portion,
                              const command_limits& most) {
    command_parser parser(most);
    std::vector<std::string> all;
    std::string held;
    while (!bytes.empty()) {
        held += bytes.substr(0, portion);
        bytes.remove_prefix(std::min(portion, bytes.size()));
        for (bool more = true; more;) {
            const fuzz::exact_copy shown(held);
            switch (parser.parse(shown.view())) {
                case outcome::incomplete: more = false; continue;
                case outcome::broken: all.emplace_back(parser.complaint()); return all;
                case outcome::nothing: break;
                case outcome::command:
                    ensure(!parser.arguments().empty(), "a command has a name");
                    ensure(parser.arguments().size() <= most.arguments, "arguments are bounded");
                    for (const auto each : parser.arguments()) {
                        ensure(each.size() <= std::max(most.argument, most.inline_line),
                               "each argument is bounded");
                        all.emplace_back(each);
                    }
            }
            ensure(parser.used() > 0 && parser.used() <= held.size(), "it goes on");
            held.erase(0, parser.used());
        }
        ensure(held.size() <= most.command + most.inline_line + 64, "what is held is bounded");
    }
    return all;
}

}  // namespace
}  // namespace hawser::store::resp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hawser::store::resp;
    hawser::fuzz::input given(data, size);
    const command_limits most{.arguments = 1 + given.choose(8),
                              .argument = 1 + given.choose(64),
                              .command = 64 + given.choose(255),
                              .inline_line = 1 + given.choose(64)};
    const std::size_t portion = 1 + given.choose(16);
    const auto whole = hear(given.text(), std::max<std::size_t>(1, given.text().size()), most);
    hawser::ensure(whole == hear(given.text(), portion, most),
                   "portions don't change what is said");
    return 0;
}
