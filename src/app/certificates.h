// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "app/configuration.h"
#include "base/result.h"
#include "config/diagnostics.h"
#include "config/node.h"
#include "crypto/key_ring.h"
#include "observe/exposition.h"
#include "tls/client_context.h"
#include "tls/server_context.h"

namespace hawser::app {

/// The terms of TLS by listener and by pool; what speaks in clear has none.
struct secured_terms {
    std::map<std::string, std::shared_ptr<const tls::server_context>, std::less<>> listeners;
    std::map<std::string, std::shared_ptr<const tls::client_context>, std::less<>> pools;
};

/// Reads every certificate that the configuration names, and tells all that is wrong, by the place
/// in what was `written`. Sessions are resumed by `tickets`; null: by keys of their own.
[[nodiscard]] secured_terms load_certificates(const configuration& given,
                                              const config::node& written,
                                              std::shared_ptr<const tls::ticket_keys> tickets,
                                              config::diagnostics& out);

/// The same, as one error; sessions are resumed wherever the ring is the same. Terms of pools that
/// are the same as `before` stay: their connections do.
[[nodiscard]] result<secured_terms> load_certificates(const configuration& given,
                                                      const config::node& written,
                                                      const crypto::key_ring& ring,
                                                      const secured_terms& before);

/// When each certificate of a listener ends, for metrics.
void collect_certificates(observe::exposition& into, const secured_terms& terms);

}  // namespace hawser::app
