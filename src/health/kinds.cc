// SPDX-License-Identifier: Apache-2.0
#include "health/kinds.h"

#include "health/command_check.h"
#include "health/grpc_check.h"
#include "health/http_check.h"
#include "health/tcp_check.h"
#include "health/tls_check.h"

namespace hawser::health {

/// Adding one: its include above, its type here.
constexpr config::kind_table<check> kinds =
    config::kinds_of<check>::list<http_check, tcp_check, tls_check, grpc_check, command_check>();

}  // namespace hawser::health
