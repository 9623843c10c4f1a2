// SPDX-License-Identifier: Apache-2.0
#include "health/tls_check.h"

#include <string>
#include <utility>

#include "base/ensure.h"

namespace hawser::health {

task<outcome> tls_check::run(visit at) const {
    ensure(at.to().secured != nullptr, "the configuration was checked for it");
    auto connection = co_await at.connect();
    if (!connection) co_return outcome::of(connection.error());
    const auto secured = co_await at.shake_hands(std::move(*connection));
    if (!secured) co_return outcome::of(secured.error());
    co_return outcome::passed("L6 " + std::string((*secured)->settled().version));
}

}  // namespace hawser::health
