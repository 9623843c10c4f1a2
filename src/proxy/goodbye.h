// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "http/websocket_close.h"

namespace hawser::proxy {

/// Why somebody goes, as the access log and the client of a WebSocket are told
/// (docs/websockets.md). Static texts.
struct goodbye {
    std::string_view word;        ///< of the access log: `ended`
    http::websocket_close close;  ///< from us, in the server's place
};

/// The process ends.
inline constexpr goodbye node_stops{"stopped", {1001, "shutting down"}};
/// Nobody has said anything for too long.
inline constexpr goodbye tunnel_is_idle{"idle", {1001, "idle timeout"}};

// Come again: it will not be where it was.

/// Another process serves from now on.
inline constexpr goodbye node_retires{"upgraded", {1012, "service restart"}};
/// A server has no sessions any more.
inline constexpr goodbye server_drained{"drained", {1012, "server drained"}};
/// An operator has given the session another home.
inline constexpr goodbye session_moved{"moved", {1012, "session moved"}};

/// 1008, policy violation: an operator has ended the session. Clients that come again begin
/// another.
inline constexpr goodbye session_ended{"session-ended", {1008, "session ended"}};

// 1014, bad gateway. Not 1012, by which clients wait until something has started again, and not
// 1006, which no frame may say.

/// Whoever was behind us is gone without a word: in order, or not.
inline constexpr goodbye server_left{"server-ended", {1014, "server lost"}};
inline constexpr goodbye server_lost{"reset", {1014, "server lost"}};
/// It takes nothing any more.
inline constexpr goodbye server_stalled{"write-timeout", {1014, "server stalled"}};

}  // namespace hawser::proxy
