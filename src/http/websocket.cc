// SPDX-License-Identifier: Apache-2.0
#include "http/websocket.h"

#include <openssl/evp.h>

#include <array>

#include "base/ensure.h"

namespace hawser::http {

namespace {

constexpr std::string_view suffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::size_t digest_size = 20;

}  // namespace

websocket_accept::websocket_accept(std::string_view key) noexcept {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    const bool done = context != nullptr && EVP_DigestInit_ex(context, EVP_sha1(), nullptr) == 1 &&
                      EVP_DigestUpdate(context, key.data(), key.size()) == 1 &&
                      EVP_DigestUpdate(context, suffix.data(), suffix.size()) == 1 &&
                      EVP_DigestFinal_ex(context, digest.data(), &size) == 1;
    EVP_MD_CTX_free(context);
    ensure(done && size == digest_size, "SHA-1 is there");
    std::array<unsigned char, 29> text;
    EVP_EncodeBlock(text.data(), digest.data(), digest_size);
    for (std::size_t i = 0; i < text_.size(); ++i) text_[i] = static_cast<char>(text[i]);
}

}  // namespace hawser::http
