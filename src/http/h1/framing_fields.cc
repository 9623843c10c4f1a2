// SPDX-License-Identifier: Apache-2.0
#include "http/h1/framing_fields.h"

#include <limits>

#include "http/cookie.h"
#include "http/scan.h"

namespace hawser::http::h1 {

std::optional<length_value> parse_length(std::string_view value) noexcept {
    constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
    if (value.empty()) return std::nullopt;
    while (value.size() > 1 && value.front() == '0') value.remove_prefix(1);
    // Nineteen nines fit into 64 bits, so the sum below cannot wrap (E15).
    if (value.size() > 19) return std::nullopt;
    std::uint64_t bytes = 0;
    for (const char c : value) {
        if (!scan::is_digit(c)) return std::nullopt;
        bytes = bytes * 10 + static_cast<std::uint64_t>(c - '0');
    }
    if (bytes > most) return std::nullopt;
    return length_value{bytes, value};
}

coding parse_coding(std::string_view value) noexcept {
    if (equal_ignoring_case(value, "chunked")) return coding::chunked;
    bool chunked_came = false;
    std::string_view rest = value;
    do {
        const std::string_view member = take_member(rest);
        if (chunked_came || !is_token(member) || equal_ignoring_case(member, "identity"))
            return coding::malformed;
        chunked_came = equal_ignoring_case(member, "chunked");
    } while (rest.data() != nullptr);
    return coding::unknown;
}

std::string_view take_member(std::string_view& list) noexcept {
    const std::size_t comma = list.find(',');
    const std::string_view member = list.substr(0, comma);
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    return scan::trim(member);
}

void connection_options::take(std::string_view value) noexcept {
    for (std::string_view rest = value; rest.data() != nullptr && count <= count_max;) {
        const std::string_view option = take_member(rest);
        if (option.empty()) continue;
        ++count;
        if (equal_ignoring_case(option, "close"))
            close = true;
        else if (equal_ignoring_case(option, "keep-alive"))
            keep_alive = true;
        else if (equal_ignoring_case(option, "upgrade"))
            upgrade = true;
        else
            names_fields = true;
    }
}

namespace {

void mark_named(std::string_view name, field_list& fields) noexcept {
    for (field& each : fields)
        if (equal_ignoring_case(each.name, name) && !is_kept_against_connection(each.id))
            each.hop_by_hop = true;
}

}  // namespace

void mark_named_by_connection(field_list& fields) noexcept {
    for (const field& each : fields) {
        if (each.id != field_id::connection) continue;
        for (std::string_view rest = each.value; rest.data() != nullptr;) {
            const std::string_view option = take_member(rest);
            if (!option.empty()) mark_named(option, fields);
        }
    }
}

}  // namespace hawser::http::h1
