// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "http/message.h"
#include "io/ip_address.h"
#include "proxy/client_connection.h"

namespace hawser::proxy {

/// Who asks: the client of one request, whoever brings it. What affinity by address, lists, limits
/// and logs go by (E132).
struct request_client {
    io::ip_address address;
    /// Whoever is at the connection's other end is a trusted proxy: what it says of others counts.
    bool is_told_by_proxy = false;
};

/// Of a request without a head that could be read: whoever is at the other end.
[[nodiscard]] request_client client_of(const client_connection& from) noexcept;
/// By the fields that the listener believes of a trusted proxy (E135: for each request anew).
[[nodiscard]] request_client client_of(const client_connection& from,
                                       const http::request_head& head) noexcept;

}  // namespace hawser::proxy
