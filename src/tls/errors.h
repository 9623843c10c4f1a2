// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace hawser::tls {

/// What OpenSSL says of the last failure of this thread, in words for people; forgets it.
[[nodiscard]] std::string take_error();

/// What failed before must not be taken for a failure of what comes next.
void forget_errors() noexcept;

}  // namespace hawser::tls
