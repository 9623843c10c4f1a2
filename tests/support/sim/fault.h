// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace hawser::sim {

/// One operation of one kind of end fails: the `at`th connect, send or receive there was. Tests
/// count `at` up until nothing fails any more, and so see a failure at every point.
struct fault {
    enum class kind : std::uint8_t {
        reset,  ///< both ends see a reset
        end,    ///< the other end is gone in order: nothing more comes, what is sent is reset
        stall,  ///< from here on nothing moves over this connection
    };

    kind what = kind::reset;
    unsigned end = 0;  ///< whose operations count: 0 for ends that connect, 1 for accepted ones
    std::size_t at = 0;
    std::size_t operations = 0;  ///< so far

    [[nodiscard]] bool has_struck() const { return operations > at; }
    /// Counts one operation of `which` end: is it the one that fails?
    bool strikes(unsigned which) { return which == end && operations++ == at; }
};

[[nodiscard]] inline std::string name_of(fault::kind what) {
    switch (what) {
        case fault::kind::reset: return "reset";
        case fault::kind::end: return "end";
        case fault::kind::stall: return "stall";
    }
    return "unknown";
}

}  // namespace hawser::sim
