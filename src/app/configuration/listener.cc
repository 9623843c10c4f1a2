// SPDX-License-Identifier: Apache-2.0
#include "app/configuration/listener.h"

#include "app/configuration/list_checks.h"
#include "app/configuration/route.h"
#include "http/field.h"
#include "http/field_settings.h"

namespace hawser::app {

using namespace std::chrono_literals;

void listener_timeouts::describe(config::fields<listener_timeouts>& field) {
    using self = listener_timeouts;
    field("head", &self::head,
          "From accept, or a later request's first byte, to the end of its head; bytes do not "
          "extend it (408).")
        .minimum(1ms);
    field("body", &self::body, "Between two pieces of a request's body (408).").minimum(1ms);
    field("idle", &self::idle, "How long a connection without a request is kept.").minimum(1ms);
    field("write", &self::write, "How long a client may take nothing of its answer.").minimum(1ms);
}

void listener_limits::describe(config::fields<listener_limits>& field) {
    using self = listener_limits;
    field("head", &self::head, "Bytes of a request's head (431).")
        .minimum({256})
        .maximum({limits::request_head_max});
    field("request-line", &self::request_line, "Bytes of a request line (414).")
        .minimum({64})
        .maximum({limits::request_head_max});
    field("fields", &self::fields, "Header fields of a request (431).")
        .minimum(1)
        .maximum(http::field_list::capacity);
    field("connections", &self::connections,
          "Connections at once; more get 503. `off`: as many as the process may open.")
        .minimum(1);
    field("connections-per-source", &self::connections_per_source,
          "Connections of one client's address at once (of IPv6 the /64), over all listeners that "
          "count them; more get 503. Those of `trusted-proxies` are not counted.")
        .minimum(1);
}

void request_id::describe(config::fields<request_id>& field) {
    using self = request_id;
    field("header", &self::header, "The field that carries it.").check([](const std::string& name) {
        return is_token(name) ? http::why_reserved(name) : "is no name of a header field";
    });
    field("believe", &self::believe, "Whose id is kept; all others get one of ours.");
    field("to-client", &self::to_client, "Whether the answer carries it too.");
    field.shorthand("header");
}

void listener::describe(config::fields<listener>& field) {
    field("bind", &listener::bind,
          "Where to accept: `:8080` (IPv6 and IPv4), `127.0.0.1:80`, `[::1]:80`, `unix:PATH`.")
        .required()
        .check(not_empty())
        .check(no_more_than<limits::addresses_of_listener_max>());
    field("timeouts", &listener::timeouts, "How long to wait for clients.");
    field("minimum-body-rate", &listener::minimum_body_rate,
          "Bytes a second that a request's body must bring after its first ten seconds (408); "
          "0: any.");
    field("forwarded-for", &listener::forwarded_for,
          "What happens to `X-Forwarded-For` and its kin.");
    field("forwarded", &listener::forwarded, "What happens to `Forwarded` (RFC 7239).");
    field("trusted-proxies", &listener::trusted_proxies,
          "Networks of the proxies in front, whose `X-Forwarded-*` and PROXY header are believed; "
          "`unix:` is who comes by a unix socket.")
        .check(no_more_than<limits::networks_max>());
    field("proxy-protocol", &listener::proxy_protocol,
          "Whether trusted proxies say first, by a PROXY header (version 1 or 2), whose connection "
          "they bring.");
    field(
        "allow", &listener::allow,
        "Networks of clients that may come; others may not. Of all networks that hold a client, in "
        "all lists, the longest decides; whoever may not come is closed without an answer.")
        .check(no_more_than<limits::networks_max>());
    field("deny", &listener::deny,
          "Networks of clients that may not come. Where one is both allowed and denied, it is "
          "denied.")
        .check(no_more_than<limits::networks_max>());
    field("allow-file", &listener::allow_file,
          "Files of further networks to `allow`, one a line; read again at a reload.")
        .check(list_something);
    field("deny-file", &listener::deny_file,
          "Files of further networks to `deny`, one a line; read again at a reload.");
    field("via", &listener::via, "Adds `Via` to requests and answers.");
    field("http2", &listener::http2,
          "Clients may speak HTTP/2: in clear by prior knowledge, over TLS if the handshake agrees "
          "on it.");
    field("limits", &listener::limits, "What a client may ask for.");
    field("rate-limit", &listener::rate_limit,
          "How often requests may come, by key; of several, each must let them through.")
        .check(no_more_than<limits::rate_limits_max>());
    field("request-id", &listener::request_id,
          "Gives each request an id in this header, or keeps the one that it has.");
    field("traceparent", &listener::traceparent,
          "Whose W3C `traceparent` is kept; all other requests begin a trace of their own. `off`: "
          "it is passed on as it came.");
    field("error-pages", &listener::error_pages,
          "Bodies of our own error answers where neither route nor pool has one.")
        .check(wrong_error_pages);
    field("tls", &listener::tls, "Clients speak TLS here; docs/tls.md.");
    field(
        "hsts", &listener::hsts,
        "Adds `Strict-Transport-Security` to every answer over TLS, in the place of the server's.");
    field("redirect-to-https", &listener::redirect_to_https,
          "Sends every request to the same place at `https:` (308), but those of routes that name "
          "this listener.");
    field("https-port", &listener::https_port, "Where `redirect-to-https` leads.").minimum(1);
    field("underscores", &listener::underscores,
          "What happens to header fields with `_` in their name.");
}

}  // namespace hawser::app
