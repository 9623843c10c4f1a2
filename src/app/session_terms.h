// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "app/configuration.h"
#include "base/result.h"
#include "config/diagnostics.h"
#include "config/node.h"
#include "tls/server_context.h"

namespace hawser::app {

/// What one of the session service's doors takes from files: passwords, of which only digests are
/// kept, and certificates.
struct session_door_terms {
    std::map<std::string, std::array<std::uint8_t, 32>, std::less<>> passwords;
    std::shared_ptr<const tls::server_context> tls;  ///< null: in clear
};

struct session_terms {
    session_door_terms resp;
    session_door_terms api;
};

/// Reads them, and tells all that is wrong, by the place in what was `written`.
[[nodiscard]] session_terms load_session_terms(const configuration& given,
                                               const config::node& written,
                                               config::diagnostics& out);
/// The same, as one error.
[[nodiscard]] result<session_terms> load_session_terms(const configuration& given,
                                                       const config::node& written);

}  // namespace hawser::app
