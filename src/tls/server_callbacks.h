// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tls/handles.h"
#include "tls/server_context.h"

namespace hawser::tls {

/// Lets OpenSSL ask `whole` about names, protocols, tickets and stapled answers during handshakes
/// on `context`. `whole` outlives its sessions.
void answer_callbacks(ssl_ctx_st* context, const server_context& whole);

/// The terms under which a session on the server's side stands; null on a client's.
[[nodiscard]] const host_terms* terms_of(const ssl_st* session) noexcept;

}  // namespace hawser::tls
