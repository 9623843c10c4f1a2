// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

struct evp_cipher_ctx_st;

namespace hawser::crypto {

/// AES-256-GCM with a context that is kept from one message to the next: setting one up costs
/// several times what a short message does. Never used but by `sealer`, which owns the nonces.
class aes_gcm {
  public:
    static constexpr std::size_t tag_size = 16;
    using key_view = std::span<const std::uint8_t, 32>;
    using nonce = std::array<std::uint8_t, 12>;
    using bytes = std::span<const std::uint8_t>;

    aes_gcm();

    /// From now on this object seals (or opens) with `key`.
    void seal_with(key_view key);
    void open_with(key_view key);

    /// `out` is `plain` encrypted, then the tag.
    void seal(const nonce& once, bytes associated, bytes plain, std::span<std::uint8_t> out);

    /// The reverse. False if anything was changed; `out` is zeros then.
    [[nodiscard]] bool open(const nonce& once, bytes associated, bytes sealed,
                            std::span<std::uint8_t> out);

  private:
    struct free_context {
        void operator()(evp_cipher_ctx_st* context) const;
    };
    std::unique_ptr<evp_cipher_ctx_st, free_context> context_;
};

}  // namespace hawser::crypto
