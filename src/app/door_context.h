// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "app/configuration/door_tls.h"
#include "config/diagnostics.h"
#include "tls/server_context.h"

namespace hawser::app {

/// Reads the files that `given` names. Where it names authorities, `clients` says what is asked of
/// clients. What is wrong with a file is told at the `place` of its field; null then.
[[nodiscard]] std::shared_ptr<const tls::server_context> make_door_context(
    const door_tls& given, tls::client_certificates clients,
    const std::function<config::position(std::string_view field)>& place, config::diagnostics& out);

}  // namespace hawser::app
