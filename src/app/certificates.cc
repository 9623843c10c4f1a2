// SPDX-License-Identifier: Apache-2.0
#include "app/certificates.h"

#include <chrono>
#include <utility>
#include <vector>

namespace hawser::app {

namespace {

std::optional<tls::client_terms> terms_of(const std::optional<client_trust>& given) {
    if (!given) return std::nullopt;
    return tls::client_terms{.mode = given->mode, .authorities = given->ca.path};
}

tls::server_settings settings_of(const listener& given,
                                 std::shared_ptr<const tls::ticket_keys> tickets) {
    const listener_tls& terms = *given.tls;
    tls::server_settings made{.certificates = {},
                              .least = terms.minimum_version,
                              .ciphers = terms.ciphers,
                              .strict_names = terms.strict_sni,
                              .http2 = given.http2,
                              .tickets = std::move(tickets)};
    for (const auto& each : terms.certificates)
        made.certificates.push_back({.certificate = each.chain.path,
                                     .key = each.key.path.empty() ? each.chain.path : each.key.path,
                                     .ocsp = each.ocsp.path,
                                     .clients = terms_of(each.clients)});
    if (const auto& clients = terms.client_certificates)
        made.clients = {.mode = clients->mode, .authorities = clients->ca.path};
    return made;
}

config::position place_of(const tls::fault& what, const std::string& listener,
                          const config::node& written) {
    using part = tls::fault::part;
    const auto number = std::to_string(what.number);
    const auto of_certificate = [&](std::string_view key, std::string_view below = {}) {
        return written.place({"listeners", listener, "tls", "certificates", number, key, below});
    };
    switch (what.where) {
        case part::certificate: return of_certificate("certificate");
        case part::key: return of_certificate("key");
        case part::ocsp: return of_certificate("ocsp");
        case part::own_authorities: return of_certificate("client-certificates", "ca");
        case part::authorities:
            return written.place({"listeners", listener, "tls", "client-certificates", "ca"});
        case part::ciphers: return written.place({"listeners", listener, "tls", "ciphers"});
    }
    std::unreachable();
}

/// Clients refuse it from then on.
void warn_of_end(const tls::server_context& made, const std::string& listener,
                 const config::node& written, config::diagnostics& out) {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    for (const auto& each : made.certificates()) {
        if (each.ends > now) continue;
        out.warning(written.place({"listeners", listener, "tls", "certificates",
                                   std::to_string(each.number), "certificate"}),
                    "expired-certificate",
                    "the certificate of `" + each.name + "` is out of date: clients refuse it");
    }
}

tls::client_settings settings_of(const pool& given) {
    const pool_tls& terms = *given.tls;
    tls::client_settings made{.verifies = terms.verify,
                              .authorities = terms.ca.path,
                              .own = {},
                              .least = terms.minimum_version,
                              .http2 = given.protocol == proxy::server_protocol::h2};
    made.own.certificate = terms.certificate.path;
    made.own.key = terms.key.path.empty() ? terms.certificate.path : terms.key.path;
    return made;
}

config::position place_of_pool(const tls::fault& what, const std::string& pool,
                               const config::node& written) {
    using part = tls::fault::part;
    if (what.where == part::certificate)
        return written.place({"pools", pool, "tls", "certificate"});
    if (what.where == part::key) return written.place({"pools", pool, "tls", "key"});
    return written.place({"pools", pool, "tls", "ca"});
}

}  // namespace

secured_terms load_certificates(const configuration& given, const config::node& written,
                                std::shared_ptr<const tls::ticket_keys> tickets,
                                config::diagnostics& out) {
    secured_terms made;
    for (const auto& [name, each] : given.listeners) {
        if (!each.tls) continue;
        std::vector<tls::fault> faults;
        made.listeners[name] = tls::server_context::make(settings_of(each, tickets), faults);
        for (auto& what : faults) out.error(place_of(what, name, written), std::move(what.what));
        if (made.listeners[name]) warn_of_end(*made.listeners[name], name, written, out);
    }
    for (const auto& [name, each] : given.pools) {
        if (!each.tls) continue;
        std::vector<tls::fault> faults;
        made.pools[name] = tls::client_context::make(settings_of(each), faults);
        for (auto& what : faults)
            out.error(place_of_pool(what, name, written), std::move(what.what));
    }
    return made;
}

result<secured_terms> load_certificates(const configuration& given, const config::node& written,
                                        const crypto::key_ring& ring, const secured_terms& before) {
    config::diagnostics problems;
    auto made =
        load_certificates(given, written, std::make_shared<const tls::ticket_keys>(ring), problems);
    if (problems.has_errors()) return fail(errc::invalid, problems.text());
    for (auto& [name, terms] : made.pools) {
        const auto known = before.pools.find(name);
        if (known != before.pools.end() && known->second->is_like(*terms)) terms = known->second;
    }
    return made;
}

void collect_certificates(observe::exposition& into, const secured_terms& terms) {
    for (const auto& [listener, made] : terms.listeners) {
        for (const auto& each : made->certificates()) {
            into.gauge("tls_certificate_end_seconds",
                       "When a certificate ends, in seconds since 1970.",
                       {{"listener", listener},
                        {"number", std::to_string(each.number)},
                        {"name", each.name}},
                       double(each.ends.time_since_epoch().count()));
        }
    }
}

}  // namespace hawser::app
