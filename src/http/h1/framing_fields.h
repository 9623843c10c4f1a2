// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "http/field.h"

/// The values of fields that decide where a message ends and what its connection does. Shared by
/// both parsers: how a fault is answered differs, what a value means does not.
namespace hawser::http::h1 {

/// A length written as 1*DIGIT, at most 2^63-1 (E12). `digits` is the value without leading zeros.
struct length_value {
    std::uint64_t bytes = 0;
    std::string_view digits;
};
[[nodiscard]] std::optional<length_value> parse_length(std::string_view value) noexcept;

/// What the value of the one Transfer-Encoding field says (E8, E9).
enum class coding : std::uint8_t {
    chunked,    ///< exactly `chunked`, in any letter case
    unknown,    ///< a well-formed list with codings that we do not know
    malformed,  ///< everything else
};
[[nodiscard]] coding parse_coding(std::string_view value) noexcept;

/// What all Connection fields of a head say together.
struct connection_options {
    bool close = false;
    bool keep_alive = false;
    bool upgrade = false;
    bool names_fields = false;  ///< there are options beside those that only rule the connection
    unsigned count = 0;

    /// More than this is no honest head (E92), and would make marking slow.
    static constexpr unsigned count_max = 64;

    void take(std::string_view value) noexcept;
    [[nodiscard]] bool are_too_many() const noexcept { return count > count_max; }
    [[nodiscard]] bool keep_connection(unsigned minor) const noexcept {
        return !close && (minor > 0 || keep_alive);
    }
};

/// Marks the fields that Connection names as hop-by-hop, but those that it cannot undo (E18, E88,
/// E89).
void mark_named_by_connection(field_list& fields) noexcept;

/// Takes the next member off the front of a comma-separated list, trimmed; it may be empty.
[[nodiscard]] std::string_view take_member(std::string_view& list) noexcept;

/// Whether a line is exactly `name: value\r\n`.
[[nodiscard]] inline bool is_plain_line(std::string_view name, std::string_view value,
                                        std::string_view line) noexcept {
    const char* const colon = name.data() + name.size();
    return value.data() == colon + 2 && line.size() == name.size() + value.size() + 4 &&
           colon[0] == ':' && colon[1] == ' ' && line[line.size() - 2] == '\r';
}

}  // namespace hawser::http::h1
