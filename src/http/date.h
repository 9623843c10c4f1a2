// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace hawser::http {

inline constexpr std::size_t date_size = 29;

/// Writes the IMF-fixdate of `at`, e.g. `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 5.6.7), for
/// years 0 to 9999.
void write_date(wall_time at, std::array<char, date_size>& out) noexcept;

/// Reads a date as cookies have it (RFC 6265 5.1.1): any order of its parts, any zone taken for
/// GMT. Nothing if a part is missing, twice there or out of its range.
[[nodiscard]] std::optional<wall_time> read_cookie_date(std::string_view text) noexcept;

/// The text of Date fields, written anew once a second. One per worker.
class date_clock {
  public:
    /// Valid until the next call.
    [[nodiscard]] std::string_view text(wall_time now) noexcept;

  private:
    std::chrono::sys_seconds shown_ = std::chrono::sys_seconds::min();
    std::array<char, date_size> text_{};
};

}  // namespace hawser::http
