// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "registry/drain_survey.h"
#include "upstream/drain_policy.h"

namespace hawser::admin {

/// One drain as operators see it.
struct drain_status {
    std::uint64_t number = 0;  ///< in the process: another one is another drain
    std::string pool;
    std::string server;
    std::string_view phase;         ///< `draining`, `cutting`, `drained`, `lifted`
    std::string_view outcome = {};  ///< `empty`, `deadline`, `lifted`; empty: it goes on
    std::chrono::seconds age{0};
    std::chrono::seconds deadline_in{0};
    std::optional<std::chrono::seconds> expected_in = {};  ///< none: nobody can tell
    std::optional<registry::drain_left> left = {};         ///< none: not counted yet
    std::uint64_t released = 0;                            ///< sessions that its end found there
    std::uint64_t in_flight = 0;                           ///< requests and tunnels
    std::uint64_t connections = 0;                         ///< open, unused ones too
    upstream::drain_policy policy = {};
};

/// As a JSON document.
[[nodiscard]] std::string json_of(const drain_status& one);

}  // namespace hawser::admin
