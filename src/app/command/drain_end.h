// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "app/command/span.h"

namespace hawser::app {

/// When a drain will be over, in seconds from now: `in about 5 min, at the latest in 30 min`.
inline std::string end_in(std::optional<std::uint64_t> expected, std::uint64_t deadline) {
    const auto at_the_latest = "at the latest in " + span_of(deadline);
    return expected ? fmt::format("in about {}, {}", span_of(*expected), at_the_latest)
                    : at_the_latest;
}

}  // namespace hawser::app
