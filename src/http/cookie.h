// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "http/message.h"

namespace hawser::http {

/// Every value of the cookies with one exact name, over all Cookie fields of a request, in order.
///
///     for (std::string_view value : cookies_named("hawser-1f2e3d4c", head.fields)) ...
///
/// Pairs are split at `;` only (E151) and blanks around names and values do not count (E150).
/// A value in quotes comes without them. The views point into the head's bytes.
class cookies_named {
  public:
    cookies_named(std::string_view name, std::span<const field> fields) noexcept
        : name_(name), fields_(fields) {}

    class iterator {
      public:
        using value_type = std::string_view;
        using difference_type = std::ptrdiff_t;
        using iterator_category = std::input_iterator_tag;

        iterator() noexcept = default;
        iterator(std::string_view name, std::span<const field> fields) noexcept
            : name_(name), fields_(fields) {
            advance();
        }

        std::string_view operator*() const noexcept { return value_; }
        iterator& operator++() noexcept {
            advance();
            return *this;
        }
        void operator++(int) noexcept { advance(); }
        bool operator==(std::default_sentinel_t) const noexcept { return at_end_; }

      private:
        void advance() noexcept;

        std::string_view name_;
        std::span<const field> fields_;  ///< not looked at yet
        std::string_view rest_;          ///< of the Cookie field that is being read
        std::string_view value_;
        bool at_end_ = false;
    };

    [[nodiscard]] iterator begin() const noexcept { return {name_, fields_}; }
    [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

  private:
    std::string_view name_;
    std::span<const field> fields_;
};

/// The first value of the cookie with this exact name, if any.
[[nodiscard]] std::optional<std::string_view> find_cookie(std::string_view name,
                                                          std::span<const field> fields) noexcept;

/// Whether one Cookie field's value holds a cookie with this exact name.
[[nodiscard]] bool has_cookie(std::string_view name, std::string_view cookie_value) noexcept;

/// Writes a Cookie field's value without every cookie called `name`, valid or not; all others stay
/// byte for byte in order (E152). `out` has at least the value's size. The answer is empty if no
/// other cookie is left.
[[nodiscard]] std::string_view strip_cookie(std::string_view name, std::string_view cookie_value,
                                            std::span<char> out) noexcept;

/// A mark of ours before a cookie's value: so many characters of base64url, then a `~`.
struct cookie_mark {
    std::string_view mark;  ///< empty: there is none
    std::string_view value;
};
[[nodiscard]] cookie_mark split_mark(std::string_view value, std::size_t mark_size) noexcept;

/// Writes a Cookie field's value with the marks of every cookie called `name` taken off; all else
/// stays byte for byte. `out` has at least the value's size.
[[nodiscard]] std::string_view unmark_cookie(std::string_view name, std::size_t mark_size,
                                             std::string_view cookie_value,
                                             std::span<char> out) noexcept;

enum class same_site : unsigned char { lax, strict, none };

/// A cookie that we set. Always `HttpOnly`.
struct set_cookie {
    std::string_view name;
    std::string_view value;  ///< cookie-octets only (base64url is)
    std::string_view path = "/";
    std::string_view domain = {};
    same_site cross_site = same_site::lax;
    bool secure = false;
    std::optional<long long> max_age = std::nullopt;  ///< seconds; none: for the browser's session
};

/// Appends the complete line `Set-Cookie: name=value; Path=/; HttpOnly; SameSite=Lax\r\n`.
void append_set_cookie(const set_cookie& cookie, std::string& lines);

/// A cookie that a server sets, as browsers read it (RFC 6265 5.2).
struct cookie_set {
    std::string_view name;
    std::string_view value;         ///< without quotes
    bool is_deleted = false;        ///< it is over already: by Max-Age, else by Expires
    std::string_view max_age = {};  ///< as sent; empty: not said
    std::string_view expires = {};
};

/// Reads a Set-Cookie field's value at `now`.
[[nodiscard]] cookie_set read_set_cookie(std::string_view value, wall_time now) noexcept;

/// The name in a Set-Cookie field's value, as browsers read it (RFC 6265 5.2).
[[nodiscard]] std::string_view name_set_by(std::string_view set_cookie_value) noexcept;

/// Whether a name is a token, as a cookie's and a field's name must be.
[[nodiscard]] bool is_token(std::string_view name) noexcept;

}  // namespace hawser::http
