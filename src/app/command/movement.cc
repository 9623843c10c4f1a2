// SPDX-License-Identifier: Apache-2.0
#include "app/command/movement.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>

namespace hawser::app {

namespace {

/// With a comma before each three digits.
std::string with_commas(std::uint64_t number) {
    auto text = std::to_string(number);
    for (auto at = std::ptrdiff_t(text.size()) - 3; at > 0; at -= 3)
        text.insert(std::size_t(at), 1, ',');
    return text;
}

}  // namespace

hawser::admin::movement read_movement(const std::string& document) {
    const auto read = nlohmann::json::parse(document, nullptr, false);
    const auto number = [&](const char* key) {
        const bool is_there = read.is_object() && read.contains(key) && read[key].is_number();
        return is_there ? read[key].get<std::uint64_t>() : 0;
    };
    return {.with_tunnel = number("with_tunnel"),
            .active = number("active"),
            .idle = number("idle"),
            .tentative = number("tentative"),
            .of = number("of")};
}

std::string text_of(const hawser::admin::movement& all, std::string_view becomes) {
    if (all.total() == 0) return fmt::format("no session would {}", becomes);
    return fmt::format("{} of {} sessions would {}, {} with open tunnels", with_commas(all.total()),
                       with_commas(all.of), becomes, with_commas(all.with_tunnel));
}

}  // namespace hawser::app
