// SPDX-License-Identifier: Apache-2.0
#include "app/configuration/checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/configuration/load.h"

namespace hawser::app {
namespace {

using testing::HasSubstr;

std::string problems_of(std::string_view text) {
    return load_text(text, "f", [](std::string_view) { return std::nullopt; }).problems.text();
}

/// A file with these listeners, pools and routes, each one line: lines 1, 2 and 3.
std::string with(std::string_view listeners, std::string_view pools, std::string_view routes,
                 std::string_view more = "") {
    return problems_of("listeners: " + std::string(listeners) + "\npools: " + std::string(pools) +
                       "\nroutes: " + std::string(routes) + "\n" + std::string(more));
}

constexpr std::string_view web = "{web: {bind: ':80'}}";
constexpr std::string_view shop = "{shop: {servers: {a: 10.0.0.1:80}}}";
constexpr std::string_view two = "{a: {servers: {s: 10.0.0.1:80}}, b: {servers: {s: 10.0.0.2:80}}}";
constexpr std::string_view to_shop = "[{pool: shop}]";

TEST(checks, find_nothing_in_a_plain_configuration) { EXPECT_EQ(with(web, shop, to_shop), ""); }

TEST(checks, find_an_address_taken_twice) {
    EXPECT_EQ(
        with("{a: {bind: ':80'}, b: {bind: ['127.0.0.1:81', '127.0.0.1:80']}}", shop, to_shop),
        "f:1:58: error: `127.0.0.1:80` of listener `b` is taken already by listener `a` (f:1:23)\n");
    EXPECT_THAT(with("{a: {bind: ['0.0.0.0:80', ':80']}}", shop, to_shop),
                HasSubstr("`:80` of listener `a` is taken already by listener `a`"));
    EXPECT_THAT(
        with("{a: {bind: ':9901'}}", shop, to_shop),
        HasSubstr("`127.0.0.1:9901` of the admin endpoint is taken already by listener `a`"));
    EXPECT_EQ(
        with("{a: {bind: ['127.0.0.1:80', '[::1]:80', 'unix:/a', 'unix:/b']}}", shop, to_shop), "");
}

TEST(checks, warn_of_cookies_that_browsers_would_not_keep) {
    const auto told = [](const std::string& cookie, std::string_view listeners = web) {
        return with(listeners, shop,
                    "[{pool: shop, set-response-headers: {Set-Cookie: '" + cookie + "'}}]");
    };
    constexpr std::string_view secure = "{web: {bind: ':443', tls: {certificates: x.pem}}}";
    EXPECT_EQ(told("a=1; Path=/; SameSite=Lax; Max-Age=34560000"), "");
    const auto dropped = [&](const std::string& cookie, const std::string& why) {
        EXPECT_THAT(told(cookie), AllOf(HasSubstr("[dropped-cookie]"), HasSubstr(why))) << cookie;
    };
    dropped("a=1; SameSite=None", "`SameSite=None` needs `Secure`");
    dropped("a=1; samesite = none", "`SameSite=None` needs `Secure`");
    dropped("a=1; Secure", "a listener without `tls`");
    dropped("a=1; Partitioned", "`Partitioned` needs");
    dropped("__Secure-a=1", "`__Secure-` needs");
    dropped("__Host-a=1; Path=/", "`__Host-` needs");
    dropped("a=1; Max-Age=34560001", "beyond 400 days");
    dropped("a=" + std::string(4096, 'x'), "longer than 4096 bytes");
    EXPECT_EQ(told("a=" + std::string(4094, 'x')), "");
    EXPECT_THAT(told("__Host-a=1; Secure; Path=/; Domain=shop.example", secure),
                HasSubstr("no `Domain`"));
}

TEST(checks, warn_of_cookies_that_caches_and_others_would_hand_on) {
    const auto told = [](const std::string& fields, const std::string& affinity) {
        return with(web, "{shop: {servers: {a: 10.0.0.1:80}, affinity: " + affinity + "}}",
                    "[{pool: shop, set-response-headers: {" + fields + "}}]");
    };
    EXPECT_THAT(told("Cache-Control: 'public, max-age=60'", "[cookie]"),
                HasSubstr("[cached-cookie]"));
    EXPECT_THAT(told("Cache-Control: 's-maxage=60', Set-Cookie: 'a=1'", "[]"),
                HasSubstr("[cached-cookie]"));
    EXPECT_EQ(told("Cache-Control: 'public, max-age=60'", "[]"), "");
    EXPECT_EQ(told("Cache-Control: 'private, max-age=60'", "[cookie]"), "");
    EXPECT_THAT(told("Set-Cookie: 'sid=1'", "[{cookie: {name: sid}}]"),
                HasSubstr("[overwritten-cookie]"));
    EXPECT_EQ(told("Set-Cookie: 'other=1'", "[{cookie: {name: sid}}]"), "");
}

TEST(checks, warn_of_applications_whose_cookies_have_one_name) {
    const auto told = [](std::string_view routes, const std::string& more = "") {
        return with(web,
                    "{a: {servers: {s: 10.0.0.1:80}, affinity: java-servlet" + more +
                        "}, b: {servers: {s: 10.0.0.2:80}, affinity: java-servlet" + more + "}}",
                    routes);
    };
    EXPECT_THAT(told("[{path: /a, pool: a}, {path: /b, pool: b}]"), HasSubstr("[shared-cookie]"));
    EXPECT_EQ(told("[{host: a.example, pool: a}, {host: b.example, pool: b}]"), "");
    EXPECT_EQ(told("[{path: /a, pool: a}, {path: /b, pool: b}]", ", application: one"), "");
}

TEST(checks, e136_find_a_proxy_header_that_nobody_may_send) {
    EXPECT_THAT(with("{web: {bind: ':80', proxy-protocol: required}}", shop, to_shop),
                HasSubstr("f:1:48: error: a PROXY header counts only from `trusted-proxies`"));
    EXPECT_EQ(with("{web: {bind: ':80', proxy-protocol: required, trusted-proxies: 'unix:'}}", shop,
                   to_shop),
              "");
}

TEST(checks, find_pools_whose_tls_makes_no_sense) {
    const auto pool = [](const std::string& more) {
        return with(web, "{shop: {servers: {a: '10.0.0.1:443'}, " + more + "}}", to_shop);
    };
    EXPECT_EQ(pool("tls: {}"), "");
    EXPECT_EQ(pool("tls: {}, protocol: h2"), "");
    EXPECT_THAT(pool("protocol: h2"), HasSubstr("`protocol: h2` needs `tls`"));
    EXPECT_THAT(pool("tls: {}, protocol: h2c"), HasSubstr("with `tls` it is `h2`"));
    EXPECT_THAT(pool("tls: {verify: false}"), HasSubstr("warning"));
    EXPECT_THAT(pool("tls: {verify: false, ca: x.pem}"), HasSubstr("`ca` is for `verify: true`"));
    EXPECT_THAT(with(web, "{shop: {servers: {a: 'unix:/x'}, tls: {}}}", to_shop),
                HasSubstr("needs a `server-name`"));
}

TEST(checks, find_listeners_whose_tls_makes_no_sense) {
    const auto tls = std::string("tls: {certificates: x.pem}");
    EXPECT_EQ(with("{web: {bind: ':80', " + tls + ", hsts: 1d}}", shop, to_shop), "");
    EXPECT_THAT(with("{web: {bind: ':80', hsts: 1d}}", shop, to_shop),
                HasSubstr("`hsts` needs `tls`"));
    EXPECT_THAT(with("{web: {bind: ':80', redirect-to-https: true, " + tls + "}}", shop, to_shop),
                HasSubstr("is for a listener without `tls`"));
}

TEST(checks, find_a_source_that_cannot_be) {
    const auto of = [](std::string_view source, std::string_view more = "") {
        return with(web,
                    "{shop: {source: " + std::string(source) + std::string(more) +
                        ", servers: {a: 10.0.0.1:80}}}",
                    to_shop);
    };
    EXPECT_EQ(of("10.0.0.5"), "");
    EXPECT_EQ(of("client"), "");
    EXPECT_EQ(of("{address: '2001:db8::5', ports: 20000-20999}"), "");
    EXPECT_THAT(of("0.0.0.0"), HasSubstr("is no address of a machine"));
    EXPECT_THAT(of("clients"), HasSubstr("is no address of a machine"));
    EXPECT_THAT(of("{address: 10.0.0.5, ports: 2-1}"), HasSubstr("is no range of ports"));
    EXPECT_THAT(of("{address: 10.0.0.5, ports: 0-1}"), HasSubstr("is no range of ports"));
    EXPECT_THAT(of("{address: 10.0.0.5, ports: 1-65536}"), HasSubstr("is no range of ports"));
    EXPECT_THAT(of("{address: client, ports: 1-2}"), HasSubstr("are not ours to choose"));
    EXPECT_THAT(of("client", ", protocol: h2c"), HasSubstr("carry that client's requests alone"));
}

TEST(checks, find_routes_that_lead_nowhere) {
    EXPECT_EQ(
        with(web, shop, "[{pool: shop}, {pool: shopp, path: /a}, {pool: shop, listener: wbe}]"),
        "f:3:31: error: there is no pool `shopp`, did you mean `shop`?\n"
        "f:3:72: error: there is no listener `wbe`, did you mean `web`?\n");
}

TEST(checks, find_equal_routes) {
    EXPECT_EQ(with(web, shop, "[{pool: shop, path: /api}, {pool: shop, path: /api/}]"),
              "f:3:36: error: matches the same requests as the route in f:3:10\n");
    EXPECT_THAT(with(web, shop,
                     "[{pool: shop, host: [a.example, b.example]}, "
                     "{pool: shop, host: B.example.}]"),
                HasSubstr("matches the same requests"));
}

TEST(checks, let_routes_of_different_conditions_be) {
    EXPECT_EQ(with(web, shop,
                   "[{pool: shop}, {pool: shop, path: /a}, {pool: shop, path: =/a}, "
                   "{pool: shop, host: x.example}, {pool: shop, host: '*.x.example'}, "
                   "{pool: shop, method: GET}, {pool: shop, header: {A: b}}, "
                   "{pool: shop, query: {a: b}}, {pool: shop, listener: web}]"),
              "");
}

TEST(checks, find_routes_that_match_nothing_sensible) {
    EXPECT_THAT(with(web, shop, "[{pool: shop, path: api}]"), HasSubstr("must begin with `/`"));
    EXPECT_THAT(with(web, shop, "[{pool: shop, path: '~^/(a'}]"),
                HasSubstr("f:3:29: error: `path`: is no pattern: missing ): ^/(a"));
    EXPECT_THAT(with(web, shop, "[{pool: shop, path: /a//b}]"), HasSubstr("normal form"));
    EXPECT_THAT(with(web, shop, "[{pool: shop, path: =/a/../b}]"), HasSubstr("normal form"));
    EXPECT_THAT(with(web, shop, "[{pool: shop, path: /a%20b}]"), HasSubstr("decoded path"));
    EXPECT_THAT(with(web, shop, "[{pool: shop, host: 'a.example:80'}]"), HasSubstr("port"));
    EXPECT_THAT(with(web, shop, "[{pool: shop, host: 'a.*.example'}]"), HasSubstr("is no host"));
    EXPECT_THAT(with(web, shop, "[{pool: shop, method: get}]"), HasSubstr("in capitals"));
    EXPECT_THAT(with(web, shop, "[{pool: shop, header: {'a b': c}}]"), HasSubstr("no name"));
}

TEST(checks, find_equal_patterns) {
    EXPECT_THAT(with(web, shop, "[{pool: shop, path: ~^/a}, {pool: shop, path: ~^/a}]"),
                HasSubstr("matches the same requests"));
    EXPECT_EQ(with(web, shop, "[{pool: shop, path: ~^/a}, {pool: shop, path: ~^/b}]"), "");
}

TEST(checks, warn_of_a_pattern_behind_a_prefix_that_takes_all) {
    EXPECT_EQ(with(web, shop, "[{pool: shop, path: /}, {pool: shop, path: ~^/a}]"),
              "f:3:52: warning: a prefix goes before a pattern, so the route in f:3:10 takes every "
              "request: leave out its `path: /` [unreached-pattern]\n");
    EXPECT_EQ(with(web, shop, "[{pool: shop, path: /, method: PUT}, {pool: shop, path: ~^/a}]"),
              "");
    EXPECT_EQ(with(web, shop, "[{pool: shop, path: /, host: a.example}, {pool: shop, path: ~^/a}]"),
              "");
}

TEST(checks, e165_bound_the_number_of_patterns) {
    std::string routes = "[";
    for (int i = 0; i <= 1000; ++i) routes += "{pool: shop, path: ~^/" + std::to_string(i) + "$}, ";
    EXPECT_THAT(with(web, shop, routes + "]"), HasSubstr("one pattern more than 1000"));
}

TEST(checks, keep_the_fields_of_a_connection_from_routes) {
    EXPECT_THAT(with(web, shop, "[{pool: shop, set-request-headers: {Content-Length: '5'}}]"),
                HasSubstr("`Content-Length` belongs to the connection"));
    EXPECT_THAT(with(web, shop, "[{pool: shop, set-response-headers: {A: \"x\\r\\nB: y\"}}]"),
                HasSubstr("control character"));
    EXPECT_THAT(with(web, shop, "[{pool: shop, set-request-headers: {host: a}}]"),
                HasSubstr("`host` of the pool"));
    EXPECT_THAT(with(web, shop, "[{pool: shop, remove-response-headers: [connection]}]"),
                HasSubstr("belongs to the connection"));
}

TEST(checks, keep_the_debug_field_from_naming_a_field_of_the_connection) {
    EXPECT_THAT(with(web, shop, to_shop, "debug-header: Content-Length"),
                HasSubstr("`Content-Length` belongs to the connection"));
}

TEST(checks, find_cookies_that_overwrite_each_other) {
    constexpr std::string_view same =
        "{a: {servers: {s: 10.0.0.1:80}, affinity: [{cookie: {name: id}}]}, "
        "b: {servers: {s: 10.0.0.2:80}, affinity: [{cookie: {name: id}}]}}";

    EXPECT_THAT(with(web, same, "[{pool: a}, {pool: b, path: /b}]"),
                HasSubstr("pool `a` gives the cookie `id` on the same host too"));
    EXPECT_THAT(with(web, same, "[{pool: a, host: '*.x.example'}, {pool: b, host: b.x.example}]"),
                HasSubstr("on the same host too"));
    EXPECT_EQ(with(web, same, "[{pool: a, host: a.example}, {pool: b, host: b.example}]"), "");
    EXPECT_EQ(with(web, two, "[{pool: a}, {pool: b, path: /b}]"), "");
}

TEST(checks, e156_refuse_same_site_none_without_secure) {
    EXPECT_THAT(
        with(web, "{shop: {servers: {a: 10.0.0.1:80}, affinity: [{cookie: {same-site: none}}]}}",
             to_shop),
        HasSubstr("f:2:54: error: `same-site: none` needs `Secure`"));
}

TEST(checks, find_limits_that_contradict_each_other) {
    EXPECT_THAT(
        with("{web: {bind: ':80', limits: {head: 1KiB, request-line: 2KiB}}}", shop, to_shop),
        HasSubstr("`request-line` is larger than `head`"));
    EXPECT_THAT(with(web, shop, to_shop, "sessions: {idle-timeout: 2h, absolute-timeout: 1h}\n"),
                HasSubstr("f:4:26: error: `idle-timeout` is longer than `absolute-timeout`"));
    EXPECT_THAT(with(web, "{shop: {servers: {a: {address: '10.0.0.1:80', weight: 0}}}}", to_shop),
                HasSubstr("every server has the weight 0"));
    EXPECT_THAT(with(web,
                     "{shop: {servers: {a: 10.0.0.1:80}, "
                     "health: {passive: {out-for: 2h}}}}",
                     to_shop),
                HasSubstr("`out-for` is longer than `out-for-at-most`"));
    EXPECT_THAT(
        with(web, "{shop: {servers: {a: 10.0.0.1:80}, affinity: [], balance: least-sessions}}",
             to_shop),
        HasSubstr("`least-sessions` needs `affinity`"));
}

TEST(checks, find_limits_and_queues_that_make_no_sense) {
    const auto pool = [](const std::string& more, const std::string& server = "") {
        return with(web, "{shop: {servers: {a: {address: 10.0.0.1:80" + server + "}}" + more + "}}",
                    to_shop);
    };
    EXPECT_EQ(pool(", when-home-is-full: wait, queue: 100, slow-start: 30s"), "");
    EXPECT_EQ(pool(", queue: {length: 9, home-length: 3, timeout: 1s}, retry-after: 5s"), "");
    EXPECT_EQ(pool(", circuit-breaker: {requests: 100, retries: 3}", ", max-sessions: 9"), "");
    EXPECT_THAT(pool(", when-home-is-full: wait"), HasSubstr("needs the pool's `queue`"));
    EXPECT_THAT(pool(", when-home-is-full: stay"), HasSubstr("`spill`, `wait` or `move`"));
    EXPECT_THAT(pool(", affinity: []", ", max-sessions: 9"),
                HasSubstr("has no sessions that `max-sessions` could limit"));
    EXPECT_THAT(pool(", affinity: [], discovered: {max-sessions: 9}"),
                HasSubstr("has no sessions that `max-sessions` could limit"));
    EXPECT_THAT(pool(", queue: {length: 0}"), HasSubstr("`length`: must be at least 1"));
    EXPECT_THAT(pool(", queue: 1000001"), HasSubstr("1000000"));
    EXPECT_THAT(pool(", queue: {timeout: 2h}"), HasSubstr("`timeout`"));
    EXPECT_THAT(pool(", retry-after: 0s"), HasSubstr("`retry-after`"));
    EXPECT_THAT(pool(", slow-start: {time: 2h}"), HasSubstr("`time`"));
    EXPECT_THAT(pool(", slow-start: {from: 0%}"), HasSubstr("`from`"));
    EXPECT_THAT(pool(", circuit-breaker: {requests: 0}"), HasSubstr("`requests`"));
}

TEST(checks, find_what_a_home_that_is_down_needs) {
    const auto pool = [](const std::string& more, const std::string& server = "") {
        return with(web,
                    "{shop: {servers: {a: {address: 10.0.0.1:80" + server + "}, b: 10.0.0.2:80}" +
                        more + "}}",
                    to_shop);
    };
    EXPECT_EQ(pool(", when-home-is-down: move"), "");
    EXPECT_EQ(pool(", when-home-is-down: refuse"), "");
    EXPECT_EQ(pool(", when-home-is-down: wait, queue: 100"), "");
    EXPECT_EQ(pool(", when-home-is-down: {wait: 5s, then: refuse}, queue: 100"), "");
    EXPECT_EQ(pool(", when-home-is-down: successor, when-home-is-back: return", ", successor: b"),
              "");
    EXPECT_EQ(pool(", when-home-is-down: successor, discover: {file: /x}", ", successor: c"), "");
    EXPECT_THAT(pool(", when-home-is-down: wait"), HasSubstr("needs the pool's `queue`"));
    EXPECT_THAT(pool(", when-home-is-down: {wait: 5s}"), HasSubstr("needs the pool's `queue`"));
    EXPECT_THAT(pool(", when-home-is-down: {wait: 5s, then: wait}, queue: 100"),
                HasSubstr("`then` is for what comes after the `wait`"));
    EXPECT_THAT(pool(", when-home-is-down: {wait: 2h}, queue: 100"),
                HasSubstr("`wait`: must be at most 1h"));
    EXPECT_THAT(pool(", when-home-is-back: return"), HasSubstr("only from a successor"));
    EXPECT_THAT(pool("", ", successor: b"), HasSubstr("needs the pool's `when-home-is-down"));
    EXPECT_THAT(pool(", when-home-is-down: successor", ", successor: a"),
                HasSubstr("cannot take over from itself"));
    EXPECT_THAT(pool(", when-home-is-down: successor", ", successor: c"),
                HasSubstr("the pool has no server `c`"));
}

TEST(checks, find_what_is_wrong_with_valuable_sessions) {
    const auto pool = [](const std::string& valuable, const std::string& more = "") {
        return with(web, "{shop: {servers: {a: 10.0.0.1:80}, valuable: " + valuable + more + "}}",
                    to_shop);
    };
    EXPECT_EQ(pool("{paths: [/checkout/], authenticated: true, when-home-is-down: refuse}"), "");
    EXPECT_EQ(pool("{when-home-is-down: {wait: 5s}}", ", queue: 10"), "");
    EXPECT_THAT(pool("{when-home-is-down: {wait: 5s}}"), HasSubstr("needs the pool's `queue`"));
    EXPECT_THAT(pool("{paths: [checkout]}"), HasSubstr("a path begins with `/`"));
    std::string many;
    for (int i = 0; i < 17; ++i) many += (i == 0 ? "/" : ", /") + std::to_string(i);
    EXPECT_THAT(pool("{paths: [" + many + "]}"), HasSubstr("too many paths"));
}

TEST(checks, find_what_is_wrong_with_releases) {
    const auto pool = [](const std::string& more, const std::string& a = "release: old",
                         const std::string& b = "release: new") {
        return with(web,
                    "{shop: {servers: {a: {address: 10.0.0.1:80, " + a +
                        "}, b: {address: 10.0.0.2:80, " + b + "}}" + more + "}}",
                    to_shop);
    };
    const std::string both = ", releases: [{name: old, weight: 9}, {name: new, weight: 1}]";
    EXPECT_EQ(pool(both), "");
    EXPECT_EQ(pool(", releases: [old, new]"), "");
    EXPECT_EQ(pool(", releases: [{name: old, weight: 0}, new]"), "");
    EXPECT_THAT(pool(both, "weight: 1"), HasSubstr("it needs a `release`"));
    EXPECT_THAT(pool(both, "release: newer"), HasSubstr("the pool has no release `newer`"));
    EXPECT_THAT(pool(both, "release: newer"), HasSubstr("no server runs the release `old`"));
    EXPECT_THAT(pool(""), HasSubstr("the pool has no release `old`"));
    EXPECT_THAT(pool(", releases: [old, new, new]"), HasSubstr("`new` is there twice"));
    EXPECT_THAT(pool(", releases: [{name: old, weight: 0}, {name: new, weight: 0}]"),
                HasSubstr("nobody gets new sessions"));
    EXPECT_THAT(pool(both + ", affinity: []"), HasSubstr("so they need `affinity`"));
    EXPECT_EQ(pool(both + ", rebalance: {}"), "");
    EXPECT_THAT(pool(both + ", when-home-is-down: successor", "release: old, successor: b"),
                HasSubstr("is of the same release"));
    EXPECT_THAT(pool(", releases: [{weight: 1}]"), HasSubstr("`name` is missing"));
    EXPECT_THAT(pool(", releases: [{name: 'a b'}]"), HasSubstr("is no name"));
    std::string many;
    for (int i = 0; i < 17; ++i) many += (i == 0 ? "r" : ", r") + std::to_string(i);
    EXPECT_THAT(pool(", releases: [" + many + "]"), HasSubstr("more than 16 releases"));
}

TEST(checks, find_what_is_wrong_with_releases_of_servers_that_are_found) {
    const auto pool = [](const std::string& more) {
        return with(web, "{shop: {" + more + "}}", to_shop);
    };
    const std::string both = ", releases: [old, new]";
    EXPECT_EQ(pool("discover: {file: /x}" + both), "");
    EXPECT_EQ(pool("discover: {file: /x}, discovered: {release: old}" + both), "");
    EXPECT_EQ(pool("releases: [{name: old, discover: {dns: 'a.internal:80'}}, "
                   "{name: new, discover: {dns: 'b.internal:80'}}]"),
              "");
    EXPECT_EQ(pool("servers: {b: {address: 10.0.0.2:80, release: new}}, discover: {dns: "
                   "'a.internal:80'}, discovered: {release: old}" +
                   both),
              "");
    EXPECT_EQ(pool("servers: {b: {address: 10.0.0.2:80, release: new}}, releases: [new, {name: "
                   "old, discover: {file: /x}}]"),
              "");
    EXPECT_THAT(pool("discover: {dns: 'a.internal:80'}" + both), HasSubstr("must run one of the"));
    EXPECT_THAT(pool("discover: {dns: 'a.internal:80'}, discovered: {release: old}" + both),
                HasSubstr("no server runs the release `new`"));
    EXPECT_THAT(pool("discover: {file: /x}, discovered: {release: newer}" + both),
                HasSubstr("the pool has no release `newer`"));
    EXPECT_THAT(pool("discover: {file: /x}, discovered: {release: old}"),
                HasSubstr("the pool has no release `old`"));
    EXPECT_THAT(pool("discover: {file: /x}, releases: [old, {name: new, discover: {file: /y}}]"),
                HasSubstr("either the pool has a `discover`"));
}

TEST(checks, find_what_is_wrong_with_first_claims) {
    const auto pool = [](const std::string& more) {
        return with(web, "{shop: {servers: {a: 10.0.0.1:80}" + more + "}}", to_shop);
    };
    EXPECT_EQ(pool(", first-claim: 5s, placement: agreed"), "");
    EXPECT_EQ(pool(", first-claim: {by: [source-address], for: 2s}"), "");
    EXPECT_EQ(pool(", first-claim: {}"), "");
    EXPECT_EQ(pool(", first-claim: off"), "");
    EXPECT_THAT(pool(", first-claim: {by: []}"), HasSubstr("tells clients apart"));
    EXPECT_THAT(pool(", first-claim: {by: [cookie]}"), HasSubstr("`cookie` is not known here"));
    EXPECT_THAT(pool(", first-claim: 2h"), HasSubstr("`for`: must be at most 1m"));
    EXPECT_THAT(pool(", first-claim: 2s, affinity: []"), HasSubstr("could be joined"));
    EXPECT_THAT(pool(", placement: alike"), HasSubstr("`free` or `agreed`"));
}

TEST(checks, find_what_is_wrong_with_several_affinities) {
    const auto told = [](const std::string& affinities) {
        return with(web, "{shop: {servers: {a: 10.0.0.1:80}, affinity: " + affinities + "}}",
                    to_shop);
    };
    EXPECT_EQ(told("[cookie, {header: X-Session}, {query: sid}, source-address]"), "");
    EXPECT_THAT(told("[cookie, cookie]"), HasSubstr("a client can carry one home of a pool"));
    EXPECT_THAT(told("[cookie, {application-cookie: {name: SID, carrier: shadow}}]"),
                HasSubstr("a client can carry one home of a pool"));
    EXPECT_EQ(told("[cookie, {application-cookie: SID}]"), "");
    EXPECT_THAT(told("[source-address, source-address, source-address, source-address, "
                     "source-address, source-address, source-address]"),
                HasSubstr("has more than 6 affinities"));
    EXPECT_THAT(told("[header]"), HasSubstr("`name`"));
    EXPECT_THAT(told("[{header: 'a b'}]"), HasSubstr("must be the name of a header field"));
    EXPECT_THAT(told("[{query: 'a=b'}]"), HasSubstr("must be the name of a parameter"));
    EXPECT_THAT(told("[{composition: {of: [source-address]}}]"), HasSubstr("two parts at least"));
    EXPECT_THAT(told("[{composition: {of: [cookie, source-address]}}]"), HasSubstr("`cookie`"));
    EXPECT_THAT(told("[bearer]"), HasSubstr("[unverified-tokens]"));
    EXPECT_THAT(told("[{bearer: {keys: /nowhere/keys.json}}]"),
                HasSubstr("cannot read /nowhere/keys.json"));
}

TEST(checks, find_health_checks_that_cannot_be) {
    const auto pool = [](const std::string& health, const std::string& more = "") {
        return with(web,
                    "{shop: {servers: {a: '10.0.0.1:443'}, " + more + "health: {" + health + "}}}",
                    to_shop);
    };
    EXPECT_EQ(pool("http: /up, interval: 2s, timeout: 1s, rise: 2, fall: 3"), "");
    EXPECT_EQ(pool("tcp: on, port: 8081"), "");
    EXPECT_EQ(pool("command: /usr/lib/check"), "");
    EXPECT_EQ(pool("tls: on", "tls: {}, "), "");
    EXPECT_EQ(pool("grpc: shop.Cart", "protocol: h2c, "), "");
    EXPECT_THAT(pool("tls: on"), HasSubstr("a `tls` check goes by the pool's `tls`"));
    EXPECT_THAT(pool("grpc: on"), HasSubstr("a `grpc` check needs `protocol: h2c`"));
    EXPECT_THAT(pool("http: on, tcp: on"), HasSubstr("only one of them can be there"));
    EXPECT_THAT(pool("http: up"), HasSubstr("`path`: must begin with `/`"));
    EXPECT_THAT(pool("http: {matches: '('}"), HasSubstr("`matches`: is no pattern"));
    EXPECT_THAT(pool("http: {headers: {Connection: x}}"), HasSubstr("belongs to the connection"));
    EXPECT_THAT(pool("http: {status: 2xx}"), HasSubstr("`2xx` is no status"));
    EXPECT_THAT(pool("command: check"), HasSubstr("must be a path from the root"));
    EXPECT_THAT(pool("tcp: on, fall: 0"), HasSubstr("`fall`: must be at least 1"));
    EXPECT_THAT(
        with(web, "{shop: {servers: {a: 'unix:/a'}, health: {tcp: on, port: 81}}}", to_shop),
        HasSubstr("a socket has no port"));
}

TEST(checks, find_pools_without_servers) {
    EXPECT_THAT(with(web, "{shop: {}}", to_shop), HasSubstr("needs at least one server"));
    EXPECT_THAT(with(web, "{shop: {servers: {}}}", to_shop),
                HasSubstr("needs at least one server, or `discover`"));
    EXPECT_EQ(with(web, "{shop: {discover: {dns: 'app.internal:80'}}}", to_shop), "");
    EXPECT_THAT(with(web, shop, "[]"), HasSubstr("`routes`: must not be empty"));
}

TEST(checks, warn_of_what_is_risky) {
    EXPECT_EQ(with("{web: {bind: ':80', forwarded-for: append}, idle: {bind: ':81'}}",
                   "{shop: {servers: {a: 10.0.0.1:80, b: 10.0.0.1:80}}, "
                   "spare: {servers: {a: 10.0.0.2:80}}}",
                   "[{pool: shop, listener: web}]", "admin: {bind: ':9901', tokens: /t}\n"),
              "f:1:47: warning: clients can write any address into `X-Forwarded-For`: name "
              "`trusted-proxies`, or use `by-trust` [forged-addresses]\n"
              "f:1:62: warning: no route begins at listener `idle`: it answers 404 to everything "
              "[unused-listener]\n"
              "f:2:45: warning: `10.0.0.1:80` is the address of `a` too [same-address]\n"
              "f:2:67: warning: no route leads to pool `spare` [unused-pool]\n"
              "f:4:15: warning: tokens are sent to `:9901` in clear: add `tls` [clear-tokens]\n");
}

std::string with_admin(const std::string& admin) {
    return with("{web: {bind: ':80'}}", "{shop: {servers: {a: 10.0.0.1:80}}}", "[{pool: shop}]",
                "admin: " + admin + "\n");
}

TEST(checks, let_nobody_open_the_admin_endpoint_to_everybody) {
    for (const char* bind : {"':9901'", "10.0.0.1:9901", "'[2001:db8::1]:9901'"}) {
        const auto text = std::string("{bind: ") + bind;
        EXPECT_NE(with_admin(text + "}").find("could change this node"), std::string::npos);
        EXPECT_NE(with_admin(text + ", tls: {certificate: /c}}").find("could change this node"),
                  std::string::npos);
        EXPECT_EQ(with_admin(text + ", tls: {certificate: /c, client-ca: /a}}"), "");
        EXPECT_EQ(with_admin(text + ", tls: {certificate: /c}, tokens: /t}"), "");
    }
    EXPECT_EQ(with_admin("127.0.0.1:9901"), "");
    EXPECT_EQ(with_admin("{bind: 'unix:/run/a', users: {www: viewer}}"), "");
}

TEST(checks, tell_what_means_nothing_at_an_admin_endpoint) {
    EXPECT_NE(with_admin("{certificates: [{subject: CN=a, level: viewer}]}").find("client-ca"),
              std::string::npos);
    EXPECT_NE(with_admin("{bind: 'unix:/run/a', tls: {certificate: /c}}").find("no `tls`"),
              std::string::npos);
    EXPECT_NE(with_admin("{users: {www: viewer}}").find("unix socket only"), std::string::npos);
    EXPECT_NE(with_admin("':80'").find("is taken already"), std::string::npos);
}

}  // namespace
}  // namespace hawser::app
