// SPDX-License-Identifier: Apache-2.0
#include "app/listener_terms.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "app/routing.h"
#include "base/ensure.h"

namespace hawser::app {

namespace {

std::optional<proxy::marking> marks_of(const listener& given) {
    if (!given.request_id && !given.traceparent) return std::nullopt;
    proxy::marking made;
    if (given.request_id) {
        made.id_name = given.request_id->header;
        made.ids = given.request_id->believe;
        made.tells_client = given.request_id->to_client;
    }
    if (given.traceparent) made.traces = given.traceparent;
    return made;
}

std::string hsts_line(const hsts& given) {
    return "Strict-Transport-Security: max-age=" + std::to_string(given.max_age.count()) +
           (given.include_subdomains ? "; includeSubDomains" : "") +
           (given.preload ? "; preload" : "") + "\r\n";
}

/// A route for all that is to be asked again over TLS.
std::shared_ptr<const proxy::route> route_to_https(std::uint16_t port) {
    const auto where = port == 443 ? std::string() : ":" + std::to_string(port);
    auto location = proxy::text_template::parse("https://{host}" + where + "{uri}", 0);
    ensure(location.has_value(), "the template is ours");
    proxy::fixed_answer answer;
    answer.status = 308;
    answer.location = std::move(*location);
    proxy::route made;
    made.pool = proxy::no_pool;
    made.answer = std::make_shared<const proxy::fixed_answer>(std::move(answer));
    return std::make_shared<const proxy::route>(std::move(made));
}

/// How servers learn of clients' certificates, where any host of the listener asks for them.
std::optional<client_certificates> certificates_told(const listener& given) {
    if (!given.tls) return std::nullopt;
    if (given.tls->client_certificates) return given.tls->client_certificates;
    const bool asks = std::ranges::any_of(
        given.tls->certificates, [](const certificate& each) { return each.clients.has_value(); });
    return asks ? std::optional(client_certificates()) : std::nullopt;
}

void secure(proxy::listener_settings& settings, const listener& given, std::size_t workers) {
    if (given.hsts) settings.hsts = hsts_line(*given.hsts);
    if (given.redirect_to_https) settings.to_https = route_to_https(given.https_port);
    if (!given.tls) return;
    const auto share = [&](const config::switchable<std::size_t>& most) {
        return most ? (*most + workers - 1) / workers : 0;
    };
    settings.handshakes_max = share(given.tls->handshakes.at_once);
    settings.handshakes_of_source_max = share(given.tls->handshakes.per_source);
    const auto clients = certificates_told(given);
    if (!clients) return;
    settings.subject_field = clients->subject_header;
    if (clients->fingerprint_header) settings.fingerprint_field = *clients->fingerprint_header;
}

}  // namespace

std::vector<std::string> certificate_fields(const configuration& given) {
    std::vector<std::string> all;
    for (const auto& [name, each] : given.listeners) {
        const auto clients = certificates_told(each);
        if (!clients) continue;
        all.push_back(clients->subject_header);
        if (clients->fingerprint_header) all.push_back(*clients->fingerprint_header);
    }
    return all;
}

proxy::listener_settings listener_terms(const std::string& name, const listener& given,
                                        std::size_t workers) {
    proxy::listener_settings settings;
    settings.name = name;
    settings.head_timeout = given.timeouts.head;
    settings.body_timeout = given.timeouts.body;
    settings.idle_timeout = given.timeouts.idle;
    settings.write_timeout = given.timeouts.write;
    settings.body_rate_min = given.minimum_body_rate.value;
    settings.forwarded = given.forwarded_for;
    settings.forwarded_field = given.forwarded;
    settings.announcements = given.proxy_protocol;
    settings.trusted_proxies = clients::network_set(given.trusted_proxies);
    settings.access = access_of(given.allow, given.allow_file, given.deny, given.deny_file);
    settings.adds_via = given.via;
    settings.pages = pages_of(given.error_pages);
    settings.marks = marks_of(given);
    settings.http2 = given.http2;
    settings.limits = {.head = given.limits.head.value,
                       .line = given.limits.request_line.value,
                       .fields = given.limits.fields,
                       .underscores = given.underscores};
    // The kernel spreads connections evenly enough for each worker to hold its share.
    if (given.limits.connections)
        settings.connections_max = (*given.limits.connections + workers - 1) / workers;
    settings.connections_of_source_max = given.limits.connections_per_source.value_or(0);
    secure(settings, given, workers);
    return settings;
}

}  // namespace hawser::app
