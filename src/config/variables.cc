// SPDX-License-Identifier: Apache-2.0
#include "config/variables.h"

#include <algorithm>
#include <cstdlib>

namespace hawser::config {
namespace {

bool is_variable_name(std::string_view name) {
    if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
    return std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
    });
}

/// `reference` is what stands between the braces.
std::expected<std::string, std::string> value_of(std::string_view reference,
                                                 const variables& known) {
    const auto colon = reference.find(":-");
    const std::string name(reference.substr(0, colon));
    if (!is_variable_name(name)) {
        return std::unexpected("`${" + std::string(reference) +
                               "}` names no variable: write ${NAME} or ${NAME:-default}");
    }
    auto value = known(name);
    if (colon == reference.npos) {
        if (value) return std::move(*value);
        return std::unexpected("the variable `" + name + "` is not set; ${" + name +
                               ":-default} would give it a default");
    }
    if (value && !value->empty()) return std::move(*value);
    return std::string(reference.substr(colon + 2));
}

}  // namespace

std::optional<std::string> from_environment(std::string_view name) {
    const char* value = std::getenv(std::string(name).c_str());
    return value ? std::optional<std::string>(value) : std::nullopt;
}

std::expected<std::string, std::string> replace_variables(std::string_view text,
                                                          const variables& known) {
    std::string all;
    while (!text.empty()) {
        const auto dollar = std::min(text.find('$'), text.size());
        all += text.substr(0, dollar);
        text.remove_prefix(dollar);

        if (text.starts_with("$$")) {
            all += '$';
            text.remove_prefix(2);
        } else if (text.starts_with("${")) {
            const auto end = text.find('}');
            if (end == text.npos) return std::unexpected("`${` without `}`; `$$` is a dollar");
            auto value = value_of(text.substr(2, end - 2), known);
            if (!value) return value;
            all += *value;
            text.remove_prefix(end + 1);
        } else if (!text.empty()) {
            all += '$';
            text.remove_prefix(1);
        }
    }
    return all;
}

}  // namespace hawser::config
