// SPDX-License-Identifier: Apache-2.0
#include "tls/server_context.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/clock.h"
#include "base/ensure.h"
#include "base/limits.h"
#include "tls/certificates.h"
#include "tls/errors.h"

namespace hawser::tls {

namespace {

/// Forward secrecy and authenticated encryption, nothing else (E119).
constexpr const char* our_ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* our_groups = "X25519:P-256:P-384";

constexpr std::string_view alpn_http2 = "h2";
constexpr std::string_view alpn_http1 = "http/1.1";

const server_context& context_of(void* told) { return *static_cast<const server_context*>(told); }

int certificate_callback(SSL* session, int* alert, void* told) {
    const server_context& terms = context_of(told);
    const char* const asked = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name);
    SSL_CTX* const found = asked != nullptr ? terms.find(lower_case(asked)) : nullptr;
    if (found != nullptr) {
        SSL_set_SSL_CTX(session, found);
        return SSL_TLSEXT_ERR_OK;
    }
    if (!terms.is_strict()) return asked != nullptr ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
    *alert = SSL_AD_UNRECOGNIZED_NAME;
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

int protocol_callback(SSL*, const unsigned char** chosen, unsigned char* size,
                      const unsigned char* offered, unsigned offered_size, void* told) {
    const auto found = context_of(told).choose_protocol(
        {reinterpret_cast<const char*>(offered), std::size_t(offered_size)});
    if (found.empty()) return SSL_TLSEXT_ERR_ALERT_FATAL;  // no_application_protocol
    *chosen = reinterpret_cast<const unsigned char*>(found.data());
    *size = static_cast<unsigned char>(found.size());
    return SSL_TLSEXT_ERR_OK;
}

/// 1: here is the key; 2: and a new ticket is due; 0: none of ours.
int ticket_callback(SSL* session, unsigned char* name, unsigned char* vector,
                    EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac, int seals) {
    const auto& by = context_of(SSL_CTX_get_app_data(SSL_get_SSL_CTX(session)));
    const wall_time now = read_clocks().wall;
    ticket_keys::name named = by.tickets()->sealing_at(now);
    const ticket_keys::name newest = named;
    if (seals == 0)
        std::copy_n(name, named.size(), named.begin());
    else if (std::ranges::copy(named, name); RAND_bytes(vector, EVP_MAX_IV_LENGTH) != 1)
        return -1;
    const auto key = by.tickets()->open(named, by.terms(), now);
    if (!key) return 0;

    char digest[] = "SHA256";
    const auto mac_key = key->mac.bytes();
    const std::array how{
        OSSL_PARAM_construct_octet_string(
            OSSL_MAC_PARAM_KEY, const_cast<unsigned char*>(mac_key.data()), mac_key.size()),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end()};
    const bool is_set = EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), nullptr,
                                          key->cipher.bytes().data(), vector, seals) == 1 &&
                        EVP_MAC_CTX_set_params(mac, how.data()) == 1;
    if (!is_set) return -1;
    return named == newest ? 1 : 2;
}

void follow(const SSL* session, int where, int value) {
    const bool is_refusal =
        where == SSL_CB_WRITE_ALERT && (value & 0xff) == SSL_AD_NO_RENEGOTIATION;
    if (is_refusal) static_cast<stream*>(SSL_get_app_data(session))->refused_renegotiation();
}

bool offers(std::string_view list, std::string_view wanted) noexcept {
    while (!list.empty()) {
        const auto size = static_cast<unsigned char>(list.front());
        if (list.substr(1, size) == wanted) return true;
        list.remove_prefix(std::min<std::size_t>(list.size(), std::size_t(size) + 1));
    }
    return false;
}

}  // namespace

/// Makes a context out of settings, and notes all that is wrong with them.
class server_context::maker {
  public:
    maker(const server_settings& given, std::vector<fault>& faults)
        : given_(given), faults_(faults) {}

    std::shared_ptr<const server_context> make() {
        const std::size_t before = faults_.size();
        made_->strict_names_ = given_.strict_names;
        made_->http2_ = given_.http2;
        made_->tickets_ = given_.tickets;
        read_certificates();
        read_authorities();
        if (!given_.ciphers.empty()) check_ciphers();
        digest_terms();
        if (faults_.size() != before) return nullptr;
        make_contexts();
        return faults_.size() == before ? made_ : nullptr;
    }

  private:
    struct identity {
        chain certificates;
        key_handle key;
    };

    void complain(fault::part where, std::size_t number, std::string what) {
        faults_.push_back({.where = where, .number = number, .what = std::move(what)});
    }

    void read_certificates() {
        for (std::size_t i = 0; i < given_.certificates.size(); ++i) {
            const auto& files = given_.certificates[i];
            auto certificates = read_chain(files.certificate);
            auto key = read_key(files.key);
            if (!certificates)
                complain(fault::part::certificate, i, std::move(certificates.error().context));
            if (!key) complain(fault::part::key, i, std::move(key.error().context));
            if (!certificates || !key) continue;
            if (!belong_together(certificates->leaf.get(), key->get())) {
                complain(fault::part::key, i,
                         "the key in `" + files.key + "` does not belong to the certificate in `" +
                             files.certificate + "`");
                continue;
            }
            identities_.push_back({std::move(*certificates), std::move(*key)});
        }
    }

    void read_authorities() {
        if (given_.clients == client_certificates::none) return;
        auto text = read_file(given_.client_authorities, limits::tls_authorities_max);
        if (!text)
            return complain(fault::part::client_authorities, 0, std::move(text.error().context));
        authorities_text_ = std::move(*text);
        BIO* const from = BIO_new_mem_buf(authorities_text_.data(), int(authorities_text_.size()));
        ensure(from != nullptr, "memory for a BIO");
        while (X509* const next = PEM_read_bio_X509(from, nullptr, nullptr, nullptr))
            authorities_.emplace_back(next);
        BIO_free(from);
        forget_errors();
        if (authorities_.empty())
            complain(fault::part::client_authorities, 0,
                     "`" + given_.client_authorities + "` holds no certificate in PEM");
    }

    /// What was settled under other terms is no session here (E123).
    void digest_terms() {
        const std::string terms = std::to_string(int(given_.clients)) + authorities_text_;
        unsigned size = 0;
        ensure(EVP_Digest(terms.data(), terms.size(), made_->terms_.data(), &size, EVP_sha256(),
                          nullptr) == 1 &&
                   size == made_->terms_.size(),
               "SHA-256 is there");
    }

    /// None that HTTP/2 forbids (E130) or that a stolen key would open later (E119).
    void check_ciphers() {
        const context_handle trial(SSL_CTX_new(TLS_server_method()));
        ensure(trial != nullptr, "memory for a context");
        if (SSL_CTX_set_cipher_list(trial.get(), given_.ciphers.c_str()) != 1)
            return complain(fault::part::ciphers, 0,
                            "`" + given_.ciphers + "` names no cipher that OpenSSL knows");
        const auto* const all = SSL_CTX_get_ciphers(trial.get());
        for (int i = 0; i < sk_SSL_CIPHER_num(all); ++i) {
            const SSL_CIPHER* const one = sk_SSL_CIPHER_value(all, i);
            const int exchange = SSL_CIPHER_get_kx_nid(one);
            const bool is_fine = SSL_CIPHER_is_aead(one) == 1 &&
                                 (exchange == NID_kx_ecdhe || exchange == NID_kx_any);
            if (!is_fine)
                complain(fault::part::ciphers, 0,
                         "`" + std::string(SSL_CIPHER_get_name(one)) +
                             "` is not safe: only ECDHE with an authenticated cipher is");
        }
    }

    /// A context for each group of certificates that serve a name together: one of each kind of
    /// key, the first of its kind.
    void make_contexts() {
        std::map<std::string, std::set<std::size_t>> groups;
        for (std::size_t i = 0; i < identities_.size(); ++i)
            for (auto& name : names_of(identities_[i].certificates.leaf.get()))
                add_to(groups[std::move(name)], i);
        std::set<std::size_t> first{0};
        for (std::size_t i = 1; i < identities_.size(); ++i)
            if (names(i) == names(0)) add_to(first, i);
        made_->first_ = context_for(first);
        for (const auto& [name, group] : groups) made_->by_name_[name] = context_for(group);
    }

    std::vector<std::string> names(std::size_t number) const {
        return names_of(identities_[number].certificates.leaf.get());
    }

    void add_to(std::set<std::size_t>& group, std::size_t number) const {
        const auto kind = [&](std::size_t one) {
            return EVP_PKEY_get_base_id(identities_[one].key.get());
        };
        const bool is_new =
            std::ranges::none_of(group, [&](std::size_t one) { return kind(one) == kind(number); });
        if (is_new) group.insert(number);
    }

    SSL_CTX* context_for(const std::set<std::size_t>& group) {
        auto& known = by_group_[group];
        if (known != nullptr) return known;
        made_->contexts_.push_back(new_context());
        known = made_->contexts_.back().get();
        for (const std::size_t number : group) add_identity(known, number);
        return known;
    }

    context_handle new_context() {
        context_handle made(SSL_CTX_new(TLS_server_method()));
        ensure(made != nullptr, "memory for a context");
        SSL_CTX* const context = made.get();
        const int least = given_.least == version::tls_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
        const char* const ciphers = given_.ciphers.empty() ? our_ciphers : given_.ciphers.c_str();
        ensure(SSL_CTX_set_min_proto_version(context, least) == 1 &&
                   SSL_CTX_set_cipher_list(context, ciphers) == 1 &&
                   SSL_CTX_set1_groups_list(context, our_groups) == 1,
               "OpenSSL knows the versions, ciphers and groups that were checked");
        SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                         SSL_OP_CIPHER_SERVER_PREFERENCE |
                                         SSL_OP_PRIORITIZE_CHACHA);
        SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_NO_AUTO_CHAIN);
        SSL_CTX_set_read_ahead(context, 1);
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // tickets only
        SSL_CTX_set_app_data(context, made_.get());
        if (given_.tickets != nullptr)
            SSL_CTX_set_tlsext_ticket_key_evp_cb(context, ticket_callback);
        if (!given_.resumes) {
            SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
            SSL_CTX_set_num_tickets(context, 0);
        }
        SSL_CTX_set_tlsext_servername_callback(context, certificate_callback);
        SSL_CTX_set_tlsext_servername_arg(context, made_.get());
        SSL_CTX_set_alpn_select_cb(context, protocol_callback, made_.get());
        SSL_CTX_set_info_callback(context, follow);
        ask_clients(context);
        return made;
    }

    void ask_clients(SSL_CTX* context) {
        ensure(SSL_CTX_set_session_id_context(context, made_->terms_.data(),
                                              unsigned(made_->terms_.size())) == 1,
               "a digest fits into a session's context");
        if (given_.clients == client_certificates::none) return;
        const store_handle store(X509_STORE_new());
        ensure(store != nullptr, "memory for a store");
        for (const auto& each : authorities_) {
            X509_STORE_add_cert(store.get(), each.get());
            SSL_CTX_add_client_CA(context, each.get());
        }
        forget_errors();  // one that stands there twice
        SSL_CTX_set1_verify_cert_store(context, store.get());
        const bool must = given_.clients == client_certificates::required;
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (must ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                           nullptr);
    }

    void add_identity(SSL_CTX* context, std::size_t number) {
        const identity& one = identities_[number];
        forget_errors();
        bool is_fine = SSL_CTX_use_certificate(context, one.certificates.leaf.get()) == 1 &&
                       SSL_CTX_use_PrivateKey(context, one.key.get()) == 1;
        for (const auto& above : one.certificates.above)
            is_fine = is_fine && SSL_CTX_add1_chain_cert(context, above.get()) == 1;
        if (!is_fine)
            complain(fault::part::certificate, number,
                     "OpenSSL does not take the certificate in `" +
                         given_.certificates[number].certificate + "`: " + take_error());
    }

    const server_settings& given_;
    std::vector<fault>& faults_;
    std::vector<identity> identities_;
    std::vector<certificate_handle> authorities_;
    std::string authorities_text_;
    std::map<std::set<std::size_t>, SSL_CTX*> by_group_;
    std::shared_ptr<server_context> made_ = std::make_shared<server_context>();
};

std::shared_ptr<const server_context> server_context::make(const server_settings& given,
                                                           std::vector<fault>& faults) {
    return maker(given, faults).make();
}

std::unique_ptr<stream> server_context::accept(std::unique_ptr<io::stream> below,
                                               work_room& room) const {
    session_handle session(SSL_new(first_));
    ensure(session != nullptr, "memory for a session");
    SSL_set_accept_state(session.get());
    return std::make_unique<stream>(std::move(below), std::move(session), shared_from_this(), room);
}

ssl_ctx_st* server_context::find(std::string_view name) const noexcept {
    if (name.ends_with('.')) name.remove_suffix(1);
    if (const auto exact = by_name_.find(name); exact != by_name_.end()) return exact->second;
    const auto dot = name.find('.');
    if (dot == 0 || dot == name.npos) return nullptr;
    const auto wildcard = by_name_.find("*" + std::string(name.substr(dot)));
    return wildcard != by_name_.end() ? wildcard->second : nullptr;
}

std::string_view server_context::choose_protocol(std::string_view offered) const noexcept {
    if (http2_ && offers(offered, alpn_http2)) return alpn_http2;
    return offers(offered, alpn_http1) ? alpn_http1 : std::string_view();
}

}  // namespace hawser::tls
