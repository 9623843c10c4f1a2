// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "async/stop.h"
#include "async/task.h"
#include "proxy/arrival.h"
#include "proxy/snapshot.h"

namespace hawser::proxy {

/// What listening for a PROXY header has come to.
struct announcement {
    enum class outcome : std::uint8_t {
        known,    ///< `client` is the client; what follows the header is still unread
        refused,  ///< the connection must be closed without a word
        gone,     ///< nothing was said, and nothing will be
    };

    outcome ended = outcome::known;
    std::string_view cause = {};  ///< static text, when refused
};

/// Hears what the listener's `proxy-protocol` lets `who` say before anything else (E136-E140). A
/// header is looked for only from a trusted proxy. Not a byte behind it is read: TLS or HTTP
/// begins there. `who` and `by` outlast the wait, which `leaving` ends.
[[nodiscard]] task<announcement> hear_announcement(arrival& who, const listener_settings& by,
                                                   stop_source& leaving);

}  // namespace hawser::proxy
