// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

#include "base/clock.h"
#include "clients/proxy_header.h"
#include "io/stream.h"
#include "proxy/admission.h"
#include "tls/facts.h"

namespace hawser::proxy {

/// A connection that has come, and who is there, before anybody knows what it speaks.
struct arrival {
    std::unique_ptr<io::stream> stream;
    clients::address_and_port client;  ///< the peer, or whom a PROXY header names in its place
    steady_time came;                  ///< the client's first head is due from here on
    /// What a PROXY header has said; null: there was none.
    std::unique_ptr<const clients::proxy_header> announced = nullptr;
    /// What the handshake has settled; null: it speaks in clear.
    std::unique_ptr<const tls::facts> secured = nullptr;
    admission::place place = {};  ///< which the client has in the process

    /// The peer itself.
    [[nodiscard]] static arrival of(std::unique_ptr<io::stream> come, steady_time when) {
        const io::endpoint peer = come->peer();
        return {.stream = std::move(come),
                .client = {.ip = peer.ip(), .port = peer.port()},
                .came = when};
    }
};

}  // namespace hawser::proxy
