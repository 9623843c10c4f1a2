// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What the service knows of data that libraries keep, without building anything of it.
namespace hawser::sessions {

/// Where a field of an object stands in the object's text.
struct member {
    std::size_t begin;  ///< of its name
    std::size_t value;
    std::size_t end;  ///< behind its value
};

/// Finds the field `name` of the JSON object `text`; not in those inside it. Nothing also where
/// `text` is no such object.
[[nodiscard]] std::optional<member> find_member(std::string_view text, std::string_view name);

/// Whether the JSON object `text` has a field at `path` (names with dots between them) that says
/// something: anything but null, false, 0 and what is empty.
[[nodiscard]] bool has_something(std::string_view text, std::string_view path);

/// Whether they are the same, but for the time in `cookie.expires`, which express-session moves on
/// at every request (T4).
[[nodiscard]] bool is_same_but_expiry(std::string_view one, std::string_view other);

/// `data` with a field of ours in front, which says by which reading it went out: libraries that
/// know nothing of it carry it along, whatever connection they save it on. In JSON objects and in
/// PHP's two formats for arrays; other data goes out as it is.
[[nodiscard]] std::string with_mark(std::string data, std::string_view field,
                                    std::uint64_t reading);

/// Takes that field off, and returns what it said.
[[nodiscard]] std::optional<std::uint64_t> take_mark(std::string& data, std::string_view field);

}  // namespace hawser::sessions
