// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "crypto/jwt_keys.h"

namespace hawser::crypto {

/// Why a token's claims are not told.
enum class jwt_fault : std::uint8_t {
    malformed,    ///< no token of three parts, or one that asks for what we do not know
    unknown_key,  ///< signed by a key or algorithm that is none of ours
    forged,       ///< its signature is not of its content
};

/// The claims of a signed token (RFC 7515 compact, RFC 7519), as JSON text, once one of `keys` has
/// verified it. `none` is no algorithm, and each key serves those of its kind alone.
[[nodiscard]] std::expected<std::string, jwt_fault> verified_claims(std::string_view token,
                                                                    const jwt_keys& keys);

/// What a token claims, whoever has written it.
[[nodiscard]] std::expected<std::string, jwt_fault> unverified_claims(std::string_view token);

}  // namespace hawser::crypto
