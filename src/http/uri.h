// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hawser::http {

/// An authority `host[:port]`, taken apart.
struct authority {
    std::string_view host;              ///< IPv6 with its brackets
    std::optional<std::uint16_t> port;  ///< none: not named

    friend bool operator==(const authority&, const authority&) = default;
    [[nodiscard]] bool is_ipv6() const noexcept { return !host.empty() && host.front() == '['; }
};

/// Takes `host[:port]` or `[v6][:port]` apart; nothing if it is not exactly that (E42): empty,
/// userinfo, a blank, a comma, a port beyond 65535 or without digits.
[[nodiscard]] std::optional<authority> split_authority(std::string_view text) noexcept;

/// Writes `host` as hosts are compared (E44): lower case, without one trailing dot. `out` has at
/// least the host's size. Not for a whole authority: take the port off before.
[[nodiscard]] std::string_view fold_host(std::string_view host, std::span<char> out) noexcept;

/// Whether two valid authorities name the same place (E44): letter case, one trailing dot and the
/// default port do not count.
[[nodiscard]] bool same_authority(std::string_view a, std::string_view b,
                                  std::uint16_t default_port) noexcept;

/// The path as routes match on it (E37): percent-decoded once but for `%2F`, slashes merged, dot
/// segments resolved. Nothing if it climbs above the root or holds `%00`. `out` has at least the
/// path's size; a path that needs no change is returned itself. Never forwarded.
[[nodiscard]] std::optional<std::string_view> normal_path(std::string_view path,
                                                          std::span<char> out) noexcept;

/// `value` percent-decoded once; an escape that is none stays as it is. `out` has at least its
/// size; a value without escapes is returned itself.
[[nodiscard]] std::string_view percent_decoded(std::string_view value,
                                               std::span<char> out) noexcept;

/// The value of the next parameter of that name in `rest`, which moves on behind it; nothing once
/// there is none left. A parameter without `=` has an empty value.
[[nodiscard]] std::optional<std::string_view> take_parameter(std::string_view name, char separator,
                                                             std::string_view& rest) noexcept;

/// `target` with a `*` in the place of each value of a parameter called `name` in its path or
/// query, in whatever letter case: for logs, where the value is a secret.
[[nodiscard]] std::string mask_parameter(std::string_view target, std::string_view name);

}  // namespace hawser::http
