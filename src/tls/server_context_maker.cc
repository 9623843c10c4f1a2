// SPDX-License-Identifier: Apache-2.0
#include "tls/server_context_maker.h"

#include <openssl/evp.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <utility>

#include "base/ensure.h"
#include "base/limits.h"
#include "tls/errors.h"
#include "tls/server_callbacks.h"

namespace hawser::tls {

namespace {

/// Forward secrecy and authenticated encryption, nothing else (E119).
constexpr const char* our_ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* our_groups = "X25519:P-256:P-384";

bool is_safe(const SSL_CIPHER* one) {
    const int exchange = SSL_CIPHER_get_kx_nid(one);
    return SSL_CIPHER_is_aead(one) == 1 && (exchange == NID_kx_ecdhe || exchange == NID_kx_any);
}

}  // namespace

std::shared_ptr<const server_context> server_context_maker::make() {
    const std::size_t before = faults_.size();
    made_->strict_names_ = given_.strict_names;
    made_->http2_ = given_.http2;
    made_->tickets_ = given_.tickets;
    read_identities();
    read_authorities();
    if (!given_.ciphers.empty()) check_ciphers();
    if (faults_.size() != before) return nullptr;
    make_contexts();
    return faults_.size() == before ? made_ : nullptr;
}

void server_context_maker::complain(fault::part where, std::size_t number, std::string what) {
    faults_.push_back({.where = where, .number = number, .what = std::move(what)});
}

// ---- files ----------------------------------------------------------------------------------

void server_context_maker::read_identities() {
    for (std::size_t i = 0; i < given_.certificates.size(); ++i) read_identity(i);
}

void server_context_maker::read_identity(std::size_t number) {
    const auto& files = given_.certificates[number];
    auto certificates = read_chain(files.certificate);
    auto key = read_key(files.key);
    if (!certificates)
        complain(fault::part::certificate, number, std::move(certificates.error().context));
    if (!key) complain(fault::part::key, number, std::move(key.error().context));
    if (!certificates || !key) return;
    if (!belong_together(certificates->leaf.get(), key->get()))
        return complain(fault::part::key, number,
                        "the key in `" + files.key + "` does not belong to the certificate in `" +
                            files.certificate + "`");
    std::unique_ptr<stapled_answer> stapled;
    if (!files.ocsp.empty()) {
        auto answer = stapled_answer::read(files.ocsp, certificates->leaf.get());
        if (!answer) return complain(fault::part::ocsp, number, std::move(answer.error().context));
        stapled = std::make_unique<stapled_answer>(std::move(*answer));
    }
    identities_.push_back({number, std::move(*certificates), std::move(*key), std::move(stapled)});
}

void server_context_maker::read_authorities() {
    read_authorities(given_.clients, fault::part::authorities, 0);
    for (std::size_t i = 0; i < given_.certificates.size(); ++i)
        if (const auto& own = given_.certificates[i].clients)
            read_authorities(*own, fault::part::own_authorities, i);
}

void server_context_maker::read_authorities(const client_terms& of, fault::part where,
                                            std::size_t number) {
    if (of.mode == client_certificates::none || authorities_.contains(of.authorities)) return;
    auto text = read_file(of.authorities, limits::tls_authorities_max);
    if (!text) return complain(where, number, std::move(text.error().context));
    if (certificates_in(*text).empty())
        return complain(where, number, "`" + of.authorities + "` holds no certificate in PEM");
    authorities_.emplace(of.authorities, std::move(*text));
}

/// None that HTTP/2 forbids (E130) or that a stolen key would open later (E119).
void server_context_maker::check_ciphers() {
    const context_handle trial(SSL_CTX_new(TLS_server_method()));
    ensure(trial != nullptr, "memory for a context");
    if (SSL_CTX_set_cipher_list(trial.get(), given_.ciphers.c_str()) != 1) {
        forget_errors();
        return complain(fault::part::ciphers, 0,
                        "`" + given_.ciphers + "` names no cipher that OpenSSL knows");
    }
    const auto* const all = SSL_CTX_get_ciphers(trial.get());
    for (int i = 0; i < sk_SSL_CIPHER_num(all); ++i) {
        const SSL_CIPHER* const one = sk_SSL_CIPHER_value(all, i);
        if (!is_safe(one))
            complain(fault::part::ciphers, 0,
                     "`" + std::string(SSL_CIPHER_get_name(one)) +
                         "` is not safe: only ECDHE with an authenticated cipher is");
    }
}

// ---- contexts -------------------------------------------------------------------------------

/// One for each group, and each name finds its group's.
void server_context_maker::make_contexts() {
    std::map<std::string, group> groups;
    std::vector<std::vector<std::string>> names;
    for (std::size_t i = 0; i < identities_.size(); ++i) {
        names.push_back(names_of(identities_[i].certificates.leaf.get()));
        for (const auto& name : names.back()) add_to(groups[name], i);
        made_->certificates_.push_back(
            {.number = identities_[i].number,
             .name = names.back().empty() ? std::string() : names.back().front(),
             .ends = end_of(identities_[i].certificates.leaf.get())});
    }
    group first{0};
    for (std::size_t i = 1; i < identities_.size(); ++i)
        if (names[i] == names[0]) add_to(first, i);
    made_->first_ = terms_for(first);
    for (const auto& [name, together] : groups) made_->by_name_[name] = terms_for(together);
    made_->has_several_terms_ = std::ranges::any_of(
        made_->all_, [&](const auto& each) { return each->digest != made_->first_->digest; });
}

const client_terms& server_context_maker::clients_of(std::size_t identity) const {
    const auto& own = given_.certificates[identities_[identity].number].clients;
    return own ? *own : given_.clients;
}

/// The first of its kind counts, and the first one's terms.
void server_context_maker::add_to(group& names, std::size_t identity) const {
    const auto kind = [&](std::size_t one) {
        return EVP_PKEY_get_base_id(identities_[one].key.get());
    };
    const bool fits = std::ranges::none_of(names, [&](std::size_t one) {
        return kind(one) == kind(identity) || clients_of(one) != clients_of(identity);
    });
    if (fits) names.insert(identity);
}

const host_terms* server_context_maker::terms_for(const group& names) {
    auto& known = by_group_[names];
    if (known != nullptr) return known;
    auto& made = *made_->all_.emplace_back(std::make_unique<host_terms>());
    known = &made;
    made.context = new_context();
    ask_clients(made, clients_of(*names.begin()));
    for (const std::size_t one : names) add_identity(made, identities_[one]);
    return known;
}

context_handle server_context_maker::new_context() const {
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
                                     SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_NO_AUTO_CHAIN);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // tickets only
    if (!given_.resumes) SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    // Each costs time of its handshake, OpenSSL would give two. One for each connection is enough
    // for a client to resume as many as it has.
    SSL_CTX_set_num_tickets(context, given_.resumes ? 1 : 0);
    answer_callbacks(context, *made_);
    return made;
}

void server_context_maker::ask_clients(host_terms& made, const client_terms& by) const {
    const bool asks = by.mode != client_certificates::none;
    const std::string& authorities = asks ? authorities_.at(by.authorities) : std::string();
    const std::string terms = std::to_string(int(by.mode)) + authorities;
    unsigned size = 0;
    ensure(EVP_Digest(terms.data(), terms.size(), made.digest.data(), &size, EVP_sha256(),
                      nullptr) == 1 &&
               size == made.digest.size(),
           "SHA-256 is there");
    // The same for all hosts: OpenSSL compares it before it knows which one is asked for. It is the
    // ticket's key that depends on the host's terms (E123).
    constexpr std::string_view session_context = "hawser";
    SSL_CTX_set_session_id_context(made.context.get(),
                                   reinterpret_cast<const unsigned char*>(session_context.data()),
                                   unsigned(session_context.size()));
    if (!asks) return;
    SSL_CTX* const context = made.context.get();
    const store_handle store(X509_STORE_new());
    ensure(store != nullptr, "memory for a store");
    for (const auto& each : certificates_in(authorities)) {
        X509_STORE_add_cert(store.get(), each.get());
        SSL_CTX_add_client_CA(context, each.get());
    }
    forget_errors();  // one that stands there twice
    SSL_CTX_set1_verify_cert_store(context, store.get());
    const bool must = by.mode == client_certificates::required;
    made.verifies = SSL_VERIFY_PEER | (must ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0);
    SSL_CTX_set_verify(context, made.verifies, nullptr);
}

void server_context_maker::add_identity(host_terms& made, identity& one) {
    SSL_CTX* const context = made.context.get();
    X509* const leaf = one.certificates.leaf.get();
    forget_errors();
    bool is_fine = SSL_CTX_use_certificate(context, leaf) == 1 &&
                   SSL_CTX_use_PrivateKey(context, one.key.get()) == 1;
    for (const auto& above : one.certificates.above)
        is_fine = is_fine && SSL_CTX_add1_chain_cert(context, above.get()) == 1;
    if (is_fine && one.stapled != nullptr) made.stapled.emplace(leaf, *one.stapled);
    if (!is_fine)
        complain(fault::part::certificate, one.number,
                 "OpenSSL does not take the certificate in `" +
                     given_.certificates[one.number].certificate + "`: " + take_error());
}

}  // namespace hawser::tls
