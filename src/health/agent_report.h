// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "upstream/server.h"

namespace hawser::health {

/// What a server says of itself on its agent's port. What it leaves out it says nothing about.
struct agent_report {
    std::optional<unsigned> percent;  ///< of its weight, 0 to 100
    std::optional<bool> is_fit;
    std::optional<upstream::admin_state> wish;

    friend bool operator==(const agent_report&, const agent_report&) = default;
};

/// Reads one line, without its end, in the words of HAProxy's agent checks: `75%`; `up`; `down`,
/// `fail`, `stopped`; `ready`, `drain`, `maint`; between them blanks, tabs or commas; and behind a
/// `#` text for people. `malformed` if any of it is something else, contradicts another word, or if
/// there is no word at all: half a report is none.
[[nodiscard]] result<agent_report> read_agent_report(std::string_view line);

/// `75%`, or the number alone as header fields have it. Nothing for all else.
[[nodiscard]] std::optional<unsigned> read_percent(std::string_view text) noexcept;

}  // namespace hawser::health
