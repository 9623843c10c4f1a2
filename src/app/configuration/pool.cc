// SPDX-License-Identifier: Apache-2.0
#include "app/configuration/pool.h"

#include <algorithm>

#include "http/uri.h"

namespace hawser::app {

using namespace std::chrono_literals;

void server::describe(config::fields<server>& field) {
    field("address", &server::address,
          "`10.0.0.1:8000`, `app.internal:8000` (looked up at start and reload), `unix:PATH`.")
        .required();
    field("weight", &server::weight, "Its share beside the others'; 0: no new sessions.")
        .maximum(limits::server_weight_max);
    field("state", &server::state,
          "`drain`: no new sessions; `maintenance`: nothing at all. What a person sets at run time "
          "holds until it is lifted, or until this changes.");
    field("max-connections", &server::max_connections, "Requests and tunnels at once.").minimum(1);
    field("max-sessions", &server::max_sessions,
          "Sessions that it may be home of; new ones go elsewhere.")
        .minimum(1);
    field(
        "proxy-protocol", &server::proxy_protocol,
        "Each connection to it begins with a PROXY header that names the client, and carries only "
        "that client's requests.");
    field("priority", &server::priority,
          "New sessions go there only where no server of a lower number can take them.")
        .maximum(limits::server_priority_max);
    field("release", &server::release, "Which of the pool's `releases` it runs.");
    field("successor", &server::successor,
          "Server that takes over from it, with `when-home-is-down: successor`.");
    field(
        "server-name", &server::server_name,
        "Name that it must prove over TLS; left out: `tls.server-name` of the pool, else the host "
        "of its address.");
    field.shorthand("address");
}

void discovered::describe(config::fields<discovered>& field) {
    field("weight", &discovered::weight, "Where what was found says nothing of it.")
        .maximum(limits::server_weight_max);
    field("max-connections", &discovered::max_connections, "Requests and tunnels at once, of each.")
        .minimum(1);
    field("max-sessions", &discovered::max_sessions, "Sessions that each may be home of.")
        .minimum(1);
    field("proxy-protocol", &discovered::proxy_protocol, "As of a server in `servers`.");
    field("release", &discovered::release,
          "Which of the pool's `releases` they run, where what was found says nothing of it.");
    field("when-gone", &discovered::when_gone,
          "What becomes of a server that is found no more, and of its sessions.");
}

void passive_health::describe(config::fields<passive_health>& field) {
    using self = passive_health;
    field("connect-failures", &self::connect_failures,
          "Failed connects in a row that take a server out.")
        .minimum(1);
    field("answer-failures", &self::answer_failures,
          "Answers 5xx, none, or too late, in a row, that take a server out.")
        .minimum(1);
    field("out-for", &self::out_for, "How long the first time; it doubles with each further one.")
        .minimum(1ms);
    field("out-for-at-most", &self::out_for_at_most, "How long at most.").minimum(1ms);
    field("out-at-most", &self::out_at_most,
          "Share of the pool that may be out for anything but failed connects; one always may, "
          "where there are others.")
        .maximum({100});
    field(
        "error-rate", &self::error_rate,
        "Share of a server's requests in a `window` that fail, and twice the others' share: it is "
        "taken out.")
        .minimum({1})
        .maximum({100});
    field("slowness", &self::slowness,
          "Times the median of the pool's servers that a server's answers take to begin, in a "
          "`window`: it is taken out.")
        .minimum(2)
        .maximum(1000);
    field("slow-from", &self::slow_from, "Whoever answers sooner is never slow.").minimum(1ms);
    field("window", &self::window, "How long requests are counted for these two.").minimum(1s);
    field("requests-at-least", &self::requests_at_least,
          "A server with fewer in a `window` is not judged by them.")
        .minimum(1);
}

void agent::describe(config::fields<agent>& field) {
    using self = agent;
    field("port", &self::port, "At each server's address.").required().minimum(1);
    field("interval", &self::interval, "How often it is asked.").minimum(10ms);
    field("timeout", &self::timeout, "How long it has to report.").minimum(1ms);
    field("send", &self::send, "A line that it is told first; left out, nothing.")
        .check([](const std::string& text) {
            const bool is_line = text.size() <= limits::agent_line_max &&
                                 text.find_first_of("\r\n") == std::string::npos;
            return is_line ? "" : "is no short line";
        });
    field.shorthand("port");
}

void pool_health::describe(config::fields<pool_health>& field) {
    using self = pool_health;
    config::add_kinds(field, &self::check);
    field("interval", &self::interval, "How often a server is checked.").minimum(10ms);
    field("fast-interval", &self::fast_interval,
          "The same while its last check contradicts its state; left out, so often that what "
          "decides comes within one `interval`.")
        .minimum(10ms);
    field("timeout", &self::timeout, "A check that takes longer has failed.").minimum(1ms);
    field("rise", &self::rise, "Passed checks in a row that bring a server up.")
        .minimum(1)
        .maximum(1000);
    field("fall", &self::fall, "Failed checks in a row that take it down.")
        .minimum(1)
        .maximum(1000);
    field("port", &self::port, "Where checks connect to, instead of the server's own port.")
        .minimum(1);
    field("passive", &self::passive, "What traffic itself shows.");
    field("panic-threshold", &self::panic_threshold,
          "With a smaller share of its servers up, all are used, whatever health says.")
        .minimum({1})
        .maximum({100});
    field("agent", &self::agent,
          "Servers report on a port of their own how they are: `75%`, `up`, `down`, `ready`, "
          "`drain`, `maint`.");
    field("weight-header", &self::weight_header,
          "A field of answers in which a server asks for a share of its weight, 1 to 100; "
          "`Hawser-Weight` does not reach clients.")
        .check([](const auto& name) {
            return !name || is_token(*name) ? "" : "is no name of a header field";
        });
}

health::pace pool_health::pace() const noexcept {
    return {.interval = interval,
            .fast = fast_interval.value_or(health::fast_for(interval, rise, fall))};
}

void pool_timeouts::describe(config::fields<pool_timeouts>& field) {
    using self = pool_timeouts;
    field("connect", &self::connect, "To a connection; then the next server is tried.")
        .minimum(1ms);
    field("response", &self::response, "From the request's end to the answer's head (504).")
        .minimum(1ms);
    field("body", &self::body, "Between two pieces of an answer's body.").minimum(1ms);
    field("idle", &self::idle, "How long an unused connection to a server is kept.").minimum(1ms);
    field("tunnel", &self::tunnel, "How long a WebSocket may be silent both ways.").minimum(1ms);
}

void guessing::describe(config::fields<guessing>& field) {
    field("per-minute", &guessing::per_minute,
          "So many of one source, an IPv4 address or an IPv6 /64, are none yet.")
        .minimum(1);
    field("then", &guessing::then, "What becomes of more.");
}

std::vector<server_source> pool::sources() const {
    std::vector<server_source> all;
    if (discover) all.push_back({*discover, {}});
    for (const auto& each : releases)
        if (each.discover) all.push_back({*each.discover, each.name});
    return all;
}

bool pool::finds_servers() const noexcept {
    return discover || std::ranges::any_of(
                           releases, [](const auto& each) { return each.discover.has_value(); });
}

void pool::describe(config::fields<pool>& field) {
    field("servers", &pool::servers, "The application servers.")
        .check([](const auto& all) -> std::string {
            if (all.size() <= limits::servers_of_pool_max) return {};
            return "has more than " + std::to_string(limits::servers_of_pool_max) + " servers";
        });
    field("discover", &pool::discover,
          "Where servers are found, instead of those in `servers` or beside them.");
    field("discovered", &pool::discovered, "What is true of all servers that are found.");
    field("balance", &pool::balance, "Who becomes the home of a session that has none.");
    field("affinity", &pool::affinity,
          "How a session is found in a request, tried in order; `[]`: sessions are not kept.")
        .check([](const auto& all) -> std::string {
            if (all.size() <= limits::affinity_chain_max) return {};
            return "has more than " + std::to_string(limits::affinity_chain_max) + " affinities";
        });
    field(
        "guessing", &pool::guessing,
        "Sources that show session ids which a server would have had to give out, and that nobody "
        "knows; docs/affinity.md.");
    field("application", &pool::application,
          "Pools that name the same application share their sessions.");
    field("when-home-is-down", &pool::when_home_is_down,
          "What becomes of a session whose home is down; docs/policies.md.");
    field("when-home-is-back", &pool::when_home_is_back,
          "What becomes of sessions that a `successor` has served meanwhile.");
    field("valuable", &pool::valuable, "Sessions that nothing but need moves; docs/policies.md.");
    field("placement", &pool::placement, "By what sessions that begin are placed.");
    field("first-claim", &pool::first_claim,
          "First requests without a key that one client sends at once end on one server; "
          "docs/policies.md.");
    field("releases", &pool::releases,
          "Versions of the application: a session that began with one stays with it; "
          "docs/policies.md.")
        .check([](const auto& all) -> std::string {
            if (all.size() <= limits::releases_of_pool_max) return {};
            return "has more than " + std::to_string(limits::releases_of_pool_max) + " releases";
        });
    field("when-home-is-full", &pool::when_home_is_full,
          "What becomes of a request when its session's home has no place left for it.");
    field("queue", &pool::queue,
          "Requests wait for a place when all servers are full; docs/queueing.md.");
    field("retry-after", &pool::retry_after,
          "Told with a 503 to whoever found all full, or waited in vain.")
        .minimum(1s)
        .maximum(limits::retry_after_max);
    field("circuit-breaker", &pool::circuit_breaker,
          "What the pool may have to do at once; docs/queueing.md.");
    field("slow-start", &pool::slow_start,
          "A server that is added or comes back gets to its weight little by little; "
          "docs/balancing.md.");
    field("session-data", &pool::session_data,
          "Where the application keeps what it knows of a session; docs/affinity.md.");
    field("sessions", &pool::sessions,
          "The namespace in which the session service keeps what is in its sessions: a binding and "
          "its data are known as one; docs/sessions.md.");
    field("rebalance", &pool::rebalance,
          "Moves sessions to servers that have too few of them; docs/draining.md.");
    field("drain", &pool::drain, "How its servers are drained; docs/draining.md.");
    field("health", &pool::health, "When a server counts as down.");
    field("timeouts", &pool::timeouts, "How long to wait for servers.");
    field("retries", &pool::retries, "Further attempts of one request.").maximum(10);
    field("retry-budget", &pool::retry_budget,
          "Share of the pool's requests that may be retries; three at once are always allowed.");
    field("idle-connections", &pool::idle_connections,
          "Unused connections that each worker keeps to each server.")
        .maximum(65'536);
    field("protocol", &pool::protocol, "What the servers speak.");
    field("tls", &pool::tls, "Servers speak TLS; docs/tls.md.");
    field("source", &pool::source,
          "Where connections to the servers begin; left out, the kernel chooses.");
    field("host", &pool::host, "The Host that servers see.");
    field("error-pages", &pool::error_pages,
          "Bodies of our own error answers where the route has none.")
        .check(wrong_error_pages);
}

}  // namespace hawser::app

namespace hawser::config {

bool codec<app::host_setting>::read(const node& given, app::host_setting& into, diagnostics& out) {
    if (!detail::expect_scalar(given, "`preserve`, `server` or a host", out)) return false;
    if (given.text() == "preserve") {
        into = {proxy::host_policy::preserve};
    } else if (given.text() == "server") {
        into = {proxy::host_policy::server};
    } else if (http::split_authority(given.text())) {
        into = {proxy::host_policy::text, given.text()};
    } else {
        out.error(given.at(), "`" + given.text() +
                                  "` is no host: write `preserve`, `server` or a "
                                  "name such as `shop.internal`");
        return false;
    }
    return true;
}
node codec<app::host_setting>::show(const app::host_setting& value) {
    switch (value.policy) {
        case proxy::host_policy::preserve: return node::plain("preserve");
        case proxy::host_policy::server: return node::plain("server");
        case proxy::host_policy::text: return node::quoted(value.text);
    }
    std::unreachable();
}
shape codec<app::host_setting>::type() {
    auto made = codec<std::string>::type();
    made.words = "`preserve`, `server` or a host";
    return made;
}

}  // namespace hawser::config
