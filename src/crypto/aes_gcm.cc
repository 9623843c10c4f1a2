// SPDX-License-Identifier: Apache-2.0
#include "crypto/aes_gcm.h"

#include <openssl/evp.h>

#include <algorithm>

#include "base/ensure.h"

namespace hawser::crypto {

namespace {

const EVP_CIPHER* algorithm() {
    static const EVP_CIPHER* const fetched = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
    ensure(fetched != nullptr, "OpenSSL's default provider has AES-256-GCM");
    return fetched;
}

int length_of(aes_gcm::bytes some) { return static_cast<int>(some.size()); }

}  // namespace

void aes_gcm::free_context::operator()(evp_cipher_ctx_st* context) const {
    EVP_CIPHER_CTX_free(context);  // which wipes the key schedule
}

aes_gcm::aes_gcm() : context_(EVP_CIPHER_CTX_new()) {
    ensure(context_ != nullptr, "memory for a cipher");
}

void aes_gcm::seal_with(key_view key) {
    ensure(EVP_EncryptInit_ex2(context_.get(), algorithm(), key.data(), nullptr, nullptr) == 1,
           "AES-256-GCM takes any key of 32 bytes");
}

void aes_gcm::open_with(key_view key) {
    ensure(EVP_DecryptInit_ex2(context_.get(), algorithm(), key.data(), nullptr, nullptr) == 1,
           "AES-256-GCM takes any key of 32 bytes");
}

void aes_gcm::seal(const nonce& once, bytes associated, bytes plain, std::span<std::uint8_t> out) {
    ensure(out.size() == plain.size() + tag_size, "room for the text and its tag");
    auto* const context = context_.get();
    int written = 0;
    bool fine = EVP_EncryptInit_ex2(context, nullptr, nullptr, once.data(), nullptr) == 1;
    fine &= EVP_EncryptUpdate(context, nullptr, &written, associated.data(),
                              length_of(associated)) == 1;
    fine &= EVP_EncryptUpdate(context, out.data(), &written, plain.data(), length_of(plain)) == 1;
    fine &= EVP_EncryptFinal_ex(context, out.data() + plain.size(), &written) == 1;
    fine &= EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, tag_size,
                                out.data() + plain.size()) == 1;
    ensure(fine, "AES-256-GCM seals any short text");
}

bool aes_gcm::open(const nonce& once, bytes associated, bytes sealed, std::span<std::uint8_t> out) {
    ensure(sealed.size() == out.size() + tag_size, "room for the text, and a tag behind it");
    auto* const context = context_.get();
    const auto text = sealed.first(out.size());
    // OpenSSL only reads the tag.
    auto* const tag = const_cast<std::uint8_t*>(sealed.last(tag_size).data());
    int written = 0;
    bool fine = EVP_DecryptInit_ex2(context, nullptr, nullptr, once.data(), nullptr) == 1;
    fine = fine && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tag_size, tag) == 1;
    fine = fine && EVP_DecryptUpdate(context, nullptr, &written, associated.data(),
                                     length_of(associated)) == 1;
    fine =
        fine && EVP_DecryptUpdate(context, out.data(), &written, text.data(), length_of(text)) == 1;
    // The tag is compared here, in constant time.
    fine = fine && EVP_DecryptFinal_ex(context, out.data() + out.size(), &written) == 1;
    if (!fine) std::ranges::fill(out, std::uint8_t{0});
    return fine;
}

}  // namespace hawser::crypto
