// SPDX-License-Identifier: Apache-2.0
#include "tls/client_context.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <utility>

#include "base/ensure.h"
#include "base/limits.h"
#include "io/ip_address.h"
#include "tls/certificates.h"
#include "tls/errors.h"

namespace hawser::tls {

namespace {

int shelf_index() {
    static const int made = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return made;
}

/// What outlives a stream of ours.
struct kept_terms {
    std::shared_ptr<const client_context> context;
    std::shared_ptr<session_shelf> shelf;
};

constexpr std::string_view offers_http1("\x08http/1.1", 9);
constexpr std::string_view offers_http2("\x02h2", 3);

/// Where a session of ours leaves what it was offered; null: nowhere.
session_shelf* shelf_of(const SSL* session) {
    return static_cast<session_shelf*>(SSL_get_ex_data(session, shelf_index()));
}

/// 1: we own the session now.
int keep_offered(SSL* session, SSL_SESSION* offered) {
    session_shelf* const shelf = shelf_of(session);
    if (shelf == nullptr) return 0;
    shelf->keep(resumable_handle(offered));
    return 1;
}

/// TLS 1.2 lets a session be resumed again, and may offer no other one.
void keep_used(const SSL* session, int where, int) {
    const bool is_reusable =
        where == SSL_CB_HANDSHAKE_DONE && SSL_version(session) < TLS1_3_VERSION;
    session_shelf* const shelf = shelf_of(session);
    // OpenSSL has no const here, and only looks.
    auto* const looked_at = const_cast<SSL*>(session);
    if (is_reusable && shelf != nullptr && SSL_session_reused(looked_at) == 1)
        shelf->keep(resumable_handle(SSL_get1_session(looked_at)));
}

void use_own(SSL_CTX* context, const certificate_files& own, std::vector<fault>& faults) {
    if (own.certificate.empty()) return;
    auto certificates = read_chain(own.certificate);
    auto key = read_key(own.key);
    if (!certificates)
        faults.push_back({fault::part::certificate, 0, std::move(certificates.error().context)});
    if (!key) faults.push_back({fault::part::key, 0, std::move(key.error().context)});
    if (!certificates || !key) return;
    if (!belong_together(certificates->leaf.get(), key->get())) {
        faults.push_back({fault::part::key, 0,
                          "the key in `" + own.key + "` does not belong to the certificate in `" +
                              own.certificate + "`"});
        return;
    }
    forget_errors();
    bool is_fine = SSL_CTX_use_certificate(context, certificates->leaf.get()) == 1 &&
                   SSL_CTX_use_PrivateKey(context, key->get()) == 1;
    for (const auto& above : certificates->above)
        is_fine = is_fine && SSL_CTX_add1_chain_cert(context, above.get()) == 1;
    if (!is_fine)
        faults.push_back({fault::part::certificate, 0,
                          "OpenSSL does not take the certificate in `" + own.certificate +
                              "`: " + take_error()});
}

/// Of the settings, and of what the files hold now.
terms_digest digest_of(const client_settings& given) {
    std::string all = std::to_string(int(given.verifies)) + std::to_string(int(given.least)) +
                      std::to_string(int(given.http2));
    for (const auto& path : {given.authorities, given.own.certificate, given.own.key}) {
        all += '\n' + path + '\n';
        if (!path.empty()) all += read_file(path, limits::tls_authorities_max).value_or("");
    }
    terms_digest made{};
    unsigned size = 0;
    ensure(EVP_Digest(all.data(), all.size(), made.data(), &size, EVP_sha256(), nullptr) == 1 &&
               size == made.size(),
           "SHA-256 is there");
    OPENSSL_cleanse(all.data(), all.size());
    return made;
}

void trust(SSL_CTX* context, const client_settings& given, std::vector<fault>& faults) {
    if (!given.verifies) return;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    forget_errors();
    const bool is_fine = given.authorities.empty()
                             ? SSL_CTX_set_default_verify_paths(context) == 1
                             : SSL_CTX_load_verify_file(context, given.authorities.c_str()) == 1;
    if (!is_fine)
        faults.push_back({fault::part::authorities, 0,
                          "`" + given.authorities +
                              "` holds no certificate in PEM, or cannot be "
                              "read: " +
                              take_error()});
}

}  // namespace

std::shared_ptr<const client_context> client_context::make(const client_settings& given,
                                                           std::vector<fault>& faults) {
    const std::size_t before = faults.size();
    auto made = std::make_shared<client_context>();
    made->verifies_ = given.verifies;
    made->http2_ = given.http2;
    made->context_.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX* const context = made->context_.get();
    ensure(context != nullptr, "memory for a context");
    const int least = given.least == version::tls_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
    const auto offered = given.http2 ? offers_http2 : offers_http1;
    ensure(
        SSL_CTX_set_min_proto_version(context, least) == 1 &&
            SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(offered.data()),
                                    unsigned(offered.size())) == 0,
        "OpenSSL knows the versions and takes a list of protocols");
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_NO_AUTO_CHAIN);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_session_cache_mode(context,
                                   SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
    SSL_CTX_sess_set_new_cb(context, keep_offered);
    SSL_CTX_set_info_callback(context, keep_used);
    made->digest_ = digest_of(given);
    trust(context, given, faults);
    use_own(context, given.own, faults);
    return faults.size() == before ? made : nullptr;
}

std::unique_ptr<stream> client_context::connect(std::unique_ptr<io::stream> below, work_room& room,
                                                const std::string& name,
                                                std::shared_ptr<session_shelf> shelf) const {
    session_handle session(SSL_new(context_.get()));
    ensure(session != nullptr, "memory for a session");
    SSL_set_connect_state(session.get());
    const bool is_address = io::ip_address::parse(name).has_value();
    // An address is no name of a server (RFC 6066 3).
    if (!is_address && !name.empty()) SSL_set_tlsext_host_name(session.get(), name.c_str());
    if (verifies_) {
        X509_VERIFY_PARAM* const terms = SSL_get0_param(session.get());
        X509_VERIFY_PARAM_set_hostflags(terms, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        const bool is_set = is_address
                                ? X509_VERIFY_PARAM_set1_ip_asc(terms, name.c_str()) == 1
                                : X509_VERIFY_PARAM_set1_host(terms, name.data(), name.size()) == 1;
        ensure(is_set, "a server that is verified has a name");
    }
    if (shelf != nullptr) {
        SSL_set_ex_data(session.get(), shelf_index(), shelf.get());
        if (const auto earlier = shelf->take()) SSL_set_session(session.get(), earlier.get());
    }
    return std::make_unique<stream>(
        std::move(below), std::move(session),
        std::make_shared<const kept_terms>(kept_terms{shared_from_this(), std::move(shelf)}), room);
}

}  // namespace hawser::tls
