// SPDX-License-Identifier: Apache-2.0
#include "health/tcp_check.h"

namespace hawser::health {

task<outcome> tcp_check::run(visit at) const {
    const auto connection = co_await at.connect();
    if (!connection) co_return outcome::of(connection.error());
    co_return outcome::passed("L4 connected");
}

}  // namespace hawser::health
