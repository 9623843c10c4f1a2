// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "clients/network.h"
#include "observe/access_record.h"

namespace hawser::proxy {

/// Requests that the error log tells of, whatever its level, for a time: those of one session, one
/// pool, the clients of one network, or all that is named of these.
struct watch {
    std::uint64_t session = 0;  ///< as the access log shows it; 0: any
    std::string pool = {};      ///< empty: any
    std::optional<clients::network> client = {};
    wall_time until;

    [[nodiscard]] bool concerns(const observe::access_record& request) const noexcept;
    friend bool operator==(const watch&, const watch&) = default;
};

/// All that is being watched; in a snapshot only while there is anything.
using watches = std::vector<watch>;

/// Somebody watches the request, as far as it is known.
[[nodiscard]] bool is_watched(const watches& by, const observe::access_record& request,
                              wall_time now) noexcept;

/// Tells of a request if somebody watches it: all that the access log would say.
void tell_if_watched(const watches& by, const observe::access_record& request, wall_time now);

}  // namespace hawser::proxy
