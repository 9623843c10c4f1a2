// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>

#include "base/clock.h"

namespace hawser::observe {

/// Writes moments as texts, and works out the calendar only when a new second has begun.
class timestamp {
  public:
    enum class style : std::uint8_t {
        rfc3339,   ///< `2026-11-24T12:35:22.123Z`
        combined,  ///< `24/Nov/2026:12:35:22 +0000`
        clock,     ///< `12:35:22.123` by the local clock
    };

    explicit timestamp(style how) : style_(how) {}

    void append(std::string& line, wall_time when);

  private:
    void write_second(std::chrono::sys_seconds second);

    style style_;
    std::chrono::sys_seconds second_ = std::chrono::sys_seconds::min();
    std::string text_;  ///< of `second_`, up to where the milliseconds go
};

}  // namespace hawser::observe
