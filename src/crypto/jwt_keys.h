// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;

namespace hawser::crypto {

/// What a key is, and so which algorithms it is for. A token names its algorithm itself, so a key
/// that served several kinds of them could be made to verify what it must not.
enum class jwt_key_kind : std::uint8_t { rsa, p256, p384, ed25519, secret };

/// A key by which tokens are verified: a public one, or a secret that both sides have.
struct jwt_key {
    jwt_key_kind kind;
    std::string id = {};         ///< `kid`; empty: it has none
    std::string algorithm = {};  ///< the only one it is for; empty: any of its kind
    std::shared_ptr<evp_pkey_st> key = {};
    std::vector<std::uint8_t> secret = {};
};

/// The keys of an issuer of tokens.
class jwt_keys {
  public:
    /// Of a JWK set, one JWK, or PEM texts of public keys and certificates. The error says what is
    /// wrong. Keys of other kinds or uses in a set are passed over, as RFC 7517 5 asks.
    [[nodiscard]] static std::expected<jwt_keys, std::string> read(std::string_view text);

    [[nodiscard]] const std::vector<jwt_key>& all() const { return all_; }
    /// Of the text that they were read from.
    [[nodiscard]] const std::array<std::uint8_t, 32>& digest() const { return digest_; }

  private:
    std::vector<jwt_key> all_;
    std::array<std::uint8_t, 32> digest_{};
};

}  // namespace hawser::crypto
