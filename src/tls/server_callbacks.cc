// SPDX-License-Identifier: Apache-2.0
#include "tls/server_callbacks.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "tls/certificates.h"
#include "tls/stream.h"

namespace hawser::tls {

namespace {

/// Every context of a server has the whole as its own data.
const server_context* whole_of(const SSL* session) noexcept {
    return static_cast<const server_context*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(session)));
}

/// The host that a ClientHello names, in lower case; empty: none (RFC 6066 3).
std::string name_asked(SSL* session) {
    const unsigned char* at = nullptr;
    std::size_t size = 0;
    if (SSL_client_hello_get0_ext(session, TLSEXT_TYPE_server_name, &at, &size) != 1) return {};
    // A list of one: its size, the kind of name, the name's size, the name.
    constexpr std::size_t before_name = 5;
    const std::span bytes(at, size);
    if (size <= before_name || bytes[2] != TLSEXT_NAMETYPE_host_name) return {};
    const std::size_t length = std::size_t(bytes[3]) << 8U | bytes[4];
    if (size != before_name + length) return {};
    return lower_case({reinterpret_cast<const char*>(at) + before_name, length});
}

/// Before anything else: also before a ticket is opened, so that the host which is asked for now
/// decides whether it does (E123, CVE-2025-23419).
int choose_host(SSL* session, int* alert, void*) {
    const server_context& whole = *whole_of(session);
    const std::string asked = name_asked(session);
    if (whole.is_strict() && whole.find(asked) == nullptr) {
        *alert = SSL_AD_UNRECOGNIZED_NAME;
        return SSL_CLIENT_HELLO_ERROR;
    }
    const host_terms& chosen = whole.of(asked);
    SSL_set_SSL_CTX(session, chosen.context.get());
    SSL_set_verify(session, chosen.verifies, nullptr);
    return SSL_CLIENT_HELLO_SUCCESS;
}

/// The host was chosen before.
int acknowledge_name(SSL*, int*, void*) { return SSL_TLSEXT_ERR_OK; }

int choose_protocol(SSL* session, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void*) {
    const auto found = whole_of(session)->choose_protocol(
        {reinterpret_cast<const char*>(offered), std::size_t(offered_size)});
    if (found.empty()) return SSL_TLSEXT_ERR_ALERT_FATAL;  // no_application_protocol
    *chosen = reinterpret_cast<const unsigned char*>(found.data());
    *size = static_cast<unsigned char>(found.size());
    return SSL_TLSEXT_ERR_OK;
}

bool use_key(const ticket_keys::key& key, const unsigned char* vector, EVP_CIPHER_CTX* cipher,
             EVP_MAC_CTX* mac, int seals) {
    char digest[] = "SHA256";
    const auto mac_key = key.mac.bytes();
    const std::array how{
        // OpenSSL's parameters are not const-correct; it only reads these.
        OSSL_PARAM_construct_octet_string(
            OSSL_MAC_PARAM_KEY, const_cast<unsigned char*>(mac_key.data()), mac_key.size()),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end()};
    return EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key.cipher.bytes().data(), vector,
                             seals) == 1 &&
           EVP_MAC_CTX_set_params(mac, how.data()) == 1;
}

/// 1: here is the key; 2: and a new ticket is due; 0: none of ours. The key depends on what the
/// host asks of its clients: a ticket of another one does not open (E123).
int choose_ticket_key(SSL* session, unsigned char* name, unsigned char* vector,
                      EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac, int seals) {
    const server_context& whole = *whole_of(session);
    const wall_time now = read_clocks().wall;
    const ticket_keys::name newest = whole.tickets()->sealing_at(now);
    ticket_keys::name named = newest;
    if (seals == 0) {
        std::copy_n(name, named.size(), named.begin());
    } else {
        std::ranges::copy(named, name);
        if (RAND_bytes(vector, EVP_MAX_IV_LENGTH) != 1) return -1;
    }
    auto& of = *static_cast<stream*>(SSL_get_app_data(session));
    const auto* const key =
        whole.tickets()->open(named, terms_of(session)->digest, now, of.room().last_ticket_key);
    if (key == nullptr) return 0;
    if (!use_key(*key, vector, cipher, mac, seals)) return -1;
    return named == newest ? 1 : 2;
}

int staple(SSL* session, void*) {
    const host_terms* const by = terms_of(session);
    const auto found = by->stapled.find(SSL_get_certificate(session));
    if (found == by->stapled.end() || found->second.until <= std::time(nullptr))
        return SSL_TLSEXT_ERR_NOACK;
    const auto& bytes = found->second.bytes;
    auto* const copy = static_cast<unsigned char*>(OPENSSL_memdup(bytes.data(), bytes.size()));
    if (copy == nullptr) return SSL_TLSEXT_ERR_NOACK;
    SSL_set_tlsext_status_ocsp_resp(session, copy, long(bytes.size()));  // which it then owns
    return SSL_TLSEXT_ERR_OK;
}

void follow(const SSL* session, int where, int value) {
    const bool is_refusal =
        where == SSL_CB_WRITE_ALERT && (value & 0xff) == SSL_AD_NO_RENEGOTIATION;
    if (is_refusal) static_cast<stream*>(SSL_get_app_data(session))->refused_renegotiation();
}

}  // namespace

void answer_callbacks(ssl_ctx_st* context, const server_context& whole) {
    // OpenSSL has no const here either.
    SSL_CTX_set_app_data(context, const_cast<server_context*>(&whole));
    SSL_CTX_set_client_hello_cb(context, choose_host, nullptr);
    SSL_CTX_set_tlsext_servername_callback(context, acknowledge_name);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
    SSL_CTX_set_tlsext_status_cb(context, staple);
    SSL_CTX_set_info_callback(context, follow);
    if (whole.tickets() != nullptr)
        SSL_CTX_set_tlsext_ticket_key_evp_cb(context, choose_ticket_key);
}

const host_terms* terms_of(const ssl_st* session) noexcept {
    const server_context* const whole = whole_of(session);
    return whole != nullptr ? whole->served_by(SSL_get_SSL_CTX(session)) : nullptr;
}

}  // namespace hawser::tls
