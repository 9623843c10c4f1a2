// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "clients/proxy_header.h"
#include "io/source.h"

namespace hawser::upstream {

/// How connections to a server are opened. A server that is approached otherwise is another one:
/// what was opened before does not serve.
struct approach {
    /// Each begins with a PROXY header that names its client; nothing: without one.
    std::optional<clients::proxy_version> announces = {};

    io::source from = {};  ///< where they begin; foreign: at their client's address

    /// A connection carries requests of the one client alone that it was opened for.
    [[nodiscard]] bool is_for_one_client() const noexcept {
        return announces.has_value() || from.is_foreign;
    }

    friend bool operator==(const approach&, const approach&) = default;
};

}  // namespace hawser::upstream
