// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Paths that are written anew, where matching them has lost how they were spelled.
namespace hawser::http {

/// What follows the first `depth` segments of a path, spelled as it was sent: of `/api/../api//x`
/// and 1 it is `//x`. The path's normal form (see uri.h) has at least so many segments; what is
/// returned never climbs above them.
[[nodiscard]] std::string_view path_below(std::string_view path, std::size_t depth) noexcept;

/// Appends a part of a path's normal form, escaped as paths are (RFC 3986 3.3).
void append_escaped_path(std::string_view normal, std::string& into);

/// Whether a path's normal form could be escaped in two ways: `%252F` and `%2F` have the same one.
[[nodiscard]] bool has_ambiguous_slash(std::string_view path) noexcept;

/// Appends a part of a target as it was sent; bytes that no URI holds, such as `\` or `"`, are
/// escaped.
void append_as_sent(std::string_view raw, std::string& into);

}  // namespace hawser::http
