// SPDX-License-Identifier: Apache-2.0
#include "http/weighted_list.h"

#include <algorithm>

#include "http/field.h"
#include "http/scan.h"

namespace hawser::http {
namespace {

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
    while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
    return text;
}

/// `0`, `1`, `0.125`: at most three digits behind the point, and nothing above 1.
std::optional<unsigned> parse_weight(std::string_view text) {
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
    if (text.size() > 1 && text[1] != '.') return std::nullopt;
    unsigned weight = text[0] == '1' ? 1000 : 0;
    unsigned place = 100;
    for (const char c : text.substr(std::min<std::size_t>(text.size(), 2))) {
        if (!scan::is_digit(c)) return std::nullopt;
        weight += unsigned(c - '0') * place;
        place /= 10;
    }
    return weight <= 1000 ? std::optional(weight) : std::nullopt;
}

/// Cuts what stands before `separator` off the front of `rest`.
std::string_view take_until(char separator, std::string_view& rest) {
    const auto part = rest.substr(0, rest.find(separator));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    return trimmed(part);
}

std::optional<unsigned> weight_of(std::string_view parameters) {
    while (!parameters.empty()) {
        auto parameter = take_until(';', parameters);
        if (parameter.size() < 2 || (parameter[0] | 0x20) != 'q' || parameter[1] != '=') continue;
        return parse_weight(parameter.substr(2));
    }
    return 1000;
}

}  // namespace

std::optional<unsigned> weight_in(std::string_view list, std::string_view member) noexcept {
    while (!list.empty()) {
        auto parameters = take_until(',', list);
        if (equal_ignoring_case(take_until(';', parameters), member)) return weight_of(parameters);
    }
    return std::nullopt;
}

}  // namespace hawser::http
