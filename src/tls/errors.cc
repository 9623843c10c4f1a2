// SPDX-License-Identifier: Apache-2.0
#include "tls/errors.h"

#include <openssl/err.h>

namespace hawser::tls {

std::string take_error() {
    const unsigned long number = ERR_peek_last_error();
    const char* const reason = number != 0 ? ERR_reason_error_string(number) : nullptr;
    std::string told = reason != nullptr ? reason : "it failed without a reason";
    ERR_clear_error();
    return told;
}

/// Looking is much cheaper than clearing.
void forget_errors() noexcept {
    if (ERR_peek_error() != 0) ERR_clear_error();
}

}  // namespace hawser::tls
