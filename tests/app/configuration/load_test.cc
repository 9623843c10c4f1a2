// SPDX-License-Identifier: Apache-2.0
#include "app/configuration/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "affinity/cookie.h"

namespace hawser::app {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr std::string_view small_case = R"(listeners:
  web: {bind: ":8080"}
pools:
  shop:
    servers:
      a: 10.0.0.1:8000
      b: 10.0.0.2:8000
routes:
  - pool: shop
)";

std::optional<std::string> nothing(std::string_view) { return std::nullopt; }

loaded read(std::string_view text) { return load_text(text, "hawser.yaml", nothing); }

TEST(configuration, of_the_small_case_has_safe_defaults) {
    const auto made = read(small_case);

    ASSERT_TRUE(made.settings) << made.problems.text();
    EXPECT_EQ(made.problems.text(), "");
    const auto& web = made.settings->listeners.at("web");
    EXPECT_EQ(web.bind[0].where.port(), 8080);
    EXPECT_EQ(web.timeouts.head, 10s);
    EXPECT_EQ(web.timeouts.idle, 60s);
    EXPECT_EQ(web.limits.head.value, 32u * 1024);
    EXPECT_EQ(web.limits.fields, 100u);

    const auto& shop = made.settings->pools.at("shop");
    EXPECT_EQ(shop.balance.name(), "least-connections");
    EXPECT_EQ(shop.servers.at("b").address.text, "10.0.0.2:8000");
    EXPECT_EQ(shop.timeouts.connect, 5s);
    EXPECT_EQ(shop.timeouts.response, 60s);
    EXPECT_EQ(shop.timeouts.tunnel, 1h);
    EXPECT_EQ(shop.retries, 2u);
    EXPECT_TRUE(shop.health.passive);
    ASSERT_EQ(shop.affinity.size(), 1u);
    EXPECT_EQ(shop.affinity[0].name(), "cookie");

    EXPECT_EQ(made.settings->sessions.idle_timeout, 30min);
    EXPECT_EQ(made.settings->sessions.absolute_timeout, 12h);
    EXPECT_EQ(made.settings->stop_timeout, 30s);
    EXPECT_EQ(made.settings->admin.bind->text, "127.0.0.1:9901");
}

constexpr std::string_view full_case = R"(listeners:
  web:
    bind: [":80", "[::1]:81", "unix:/run/hawser/web.sock"]
    timeouts: {head: 5s, body: 30s, idle: 2m, write: 30s}
    minimum-body-rate: 1KiB
    forwarded-for: append
    trusted-proxies: [10.0.0.0/8, "2001:db8::/32", 192.0.2.1]
    via: true
    limits: {head: 16KiB, request-line: 8KiB, fields: 50, connections: 10000}
    underscores: drop
pools:
  shop:
    application: shop
    balance: round-robin
    servers:
      a: {address: "10.0.0.1:8000", weight: 2, max-connections: 500}
      b: {address: app.internal:8000}
      c: unix:/run/app.sock
    affinity:
      - cookie: {name: shop, ttl: 20m, same-site: strict, forward: true}
    when-home-is-down: move
    health: {passive: {connect-failures: 2, answer-failures: 10, out-for: 5s, out-for-at-most: 1m}}
    timeouts: {connect: 1s, response: 10s, body: 20s, idle: 30s, tunnel: 2h}
    retries: 1
    retry-budget: 10%
    host: shop.internal
  api:
    balance: {source-ip: {}}
    servers: {a: 10.0.1.1:8000}
    affinity: []
    health: {passive: off}
    host: server
routes:
  - {host: Shop.Example, pool: shop}
  - host: [shop.example, "*.shop.example"]
    path: /api/
    method: [GET, POST]
    header: {X-Version: "2"}
    query: {"filter[x]": ""}
    listener: web
    pool: api
    timeout: 10s
    max-body: 10MiB
    set-request-headers: {X-Api: "1", Authorization: Basic hunter2}
    remove-request-headers: [X-Debug]
    set-response-headers: {Strict-Transport-Security: max-age=1}
    remove-response-headers: Server
    upgrade: []
sessions: {idle-timeout: 20m, absolute-timeout: 8h, capacity: 5000, tentative-capacity: 500}
admin: {bind: "unix:/run/hawser/admin.sock", allowed-hosts: [admin.example]}
log: {access: /var/log/hawser/access.log, format: combined, errors: stderr, level: info}
keys: /var/lib/hawser/keys
workers: 2
stop-timeout: 10s
debug-header: Hawser-Verdict
)";

TEST(configuration, takes_every_key_of_the_full_case) {
    const auto made = read(full_case);

    ASSERT_TRUE(made.settings) << made.problems.text();
    const auto& web = made.settings->listeners.at("web");
    EXPECT_EQ(web.bind.size(), 3u);
    EXPECT_EQ(web.forwarded_for, proxy::forwarded_policy::append);
    EXPECT_EQ(web.trusted_proxies[0].bits, 96u + 8);
    EXPECT_EQ(web.trusted_proxies[1].bits, 32u);
    EXPECT_EQ(web.trusted_proxies[2].bits, 128u);

    const auto& shop = made.settings->pools.at("shop");
    const auto* cookie = shop.affinity[0].settings_if<affinity::cookie>();
    ASSERT_NE(cookie, nullptr);
    EXPECT_EQ(cookie->name, "shop");
    EXPECT_EQ(cookie->ttl, 20min);
    EXPECT_EQ(shop.servers.at("a").weight, 2u);
    EXPECT_EQ(shop.servers.at("a").max_connections.value(), 500u);
    EXPECT_EQ(shop.host.text, "shop.internal");

    EXPECT_TRUE(made.settings->pools.at("api").affinity.empty());
    EXPECT_FALSE(made.settings->pools.at("api").health.passive);
    EXPECT_EQ(made.settings->routes[0].host[0], "shop.example");
    EXPECT_EQ(made.settings->routes[1].max_body->value, 10u * 1024 * 1024);
    EXPECT_TRUE(made.settings->routes[1].upgrades.empty());
    EXPECT_EQ(made.settings->workers.number, 2u);
    EXPECT_EQ(made.settings->debug_header.value(), "Hawser-Verdict");
}

TEST(configuration, lets_cookies_inherit_the_limits_of_sessions) {
    const auto made =
        read(std::string(small_case) + "sessions: {idle-timeout: 5m, absolute-timeout: 1h}\n");

    ASSERT_TRUE(made.settings) << made.problems.text();
    const auto* cookie =
        made.settings->pools.at("shop").affinity[0].settings_if<affinity::cookie>();
    EXPECT_EQ(cookie->ttl, 5min);
    EXPECT_EQ(cookie->absolute, 1h);
}

TEST(configuration, is_equal_to_itself_read_again) {
    EXPECT_EQ(read(full_case).settings, read(full_case).settings);
    EXPECT_NE(read(full_case).settings, read(small_case).settings);
}

TEST(configuration, tells_all_errors_of_all_parts_at_once) {
    const auto made = read(R"(listner: {}
listeners:
  web: {bind: "localhost", timeout: {head: 10}}
pools:
  shop:
    balence: round-robin
    servers:
      a: 10.0.0.1
      b: {address: "10.0.0.2:8000", weight: 999}
    when-home-is-down: refuze
routes:
  - {pool: shpo}
log: {format: jsn, access: stduot}
)");

    EXPECT_FALSE(made.settings);
    const auto text = made.problems.text();
    for (const auto* wanted : {
             "hawser.yaml:1:1: error: unknown key `listner`, did you mean `listeners`?",
             "hawser.yaml:3:15: error: `localhost` is no address to listen on",
             "hawser.yaml:3:28: error: unknown key `timeout`, did you mean `timeouts`?",
             "hawser.yaml:6:5: error: unknown key `balence`, did you mean `balance`?",
             "hawser.yaml:8:10: error: `10.0.0.1` is no server's address",
             "hawser.yaml:9:45: error: `weight`: must be at most 256",
             "hawser.yaml:10:24: error: `refuze` is not known here, did you mean `refuse`?",
             "hawser.yaml:12:12: error: there is no pool `shpo`, did you mean `shop`?",
             "hawser.yaml:13:15: error: `jsn` is not known here, did you mean `json`?",
             "hawser.yaml:13:28: error: `access`: must be `stdout`, `stderr`, `off` or a path",
         }) {
        EXPECT_THAT(text, HasSubstr(wanted));
    }
    EXPECT_EQ(made.problems.error_count(), 10u) << text;
}

TEST(configuration, needs_listeners_pools_and_routes) {
    const auto text = read("workers: 0\n").problems.text();

    EXPECT_THAT(text, HasSubstr("`listeners` is missing"));
    EXPECT_THAT(text, HasSubstr("`pools` is missing"));
    EXPECT_THAT(text, HasSubstr("`routes` is missing"));
    EXPECT_THAT(text, HasSubstr("hawser.yaml:1:10: error: `workers` must be `auto` or 1 to 64"));
}

TEST(configuration, of_what_is_not_built_yet_is_unknown) {
    const auto made = read(std::string(small_case) + "tls: {}\n");

    EXPECT_THAT(made.problems.text(), HasSubstr("hawser.yaml:10:1: error: unknown key `tls`"));
}

TEST(configuration, ignores_keys_that_begin_with_x) {
    EXPECT_EQ(read("x-anchors: {a: 1}\n" + std::string(small_case)).problems.text(), "");
}

TEST(configuration, finds_a_place_for_its_keys) {
    const auto keys_with = [](std::string variable) {
        const auto known = [&](std::string_view name) {
            return name == variable ? std::optional<std::string>("/x") : std::nullopt;
        };
        return load_text(small_case, "f", known).settings->keys;
    };
    EXPECT_EQ(keys_with("STATE_DIRECTORY"), "/x/keys");
    EXPECT_EQ(keys_with("XDG_STATE_HOME"), "/x/hawser/keys");
    EXPECT_EQ(keys_with("HOME"), "/x/.local/state/hawser/keys");
    EXPECT_EQ(keys_with("NOTHING"), "/var/lib/hawser/keys");
}

TEST(options, make_a_configuration_without_a_file) {
    const auto made = load_options(
        {.listen = {":8080"}, .servers = {"a=127.0.0.1:9001", "127.0.0.1:9002"}}, nothing);

    ASSERT_TRUE(made.settings) << made.problems.text();
    EXPECT_EQ(made.settings->listeners.at("web").bind[0].text, ":8080");
    EXPECT_EQ(made.settings->pools.at("default").servers.at("a").address.text, "127.0.0.1:9001");
    EXPECT_EQ(made.settings->pools.at("default").servers.at("s2").address.text, "127.0.0.1:9002");
    EXPECT_EQ(made.settings->routes.size(), 1u);
}

TEST(options, are_checked_as_a_file_is) {
    const auto text =
        load_options({.listen = {"8080"}, .servers = {"a=127.0.0.1", "a=127.0.0.1:1"}}, nothing)
            .problems.text();

    EXPECT_THAT(text, HasSubstr("--listen 8080: error: `8080` is no address to listen on"));
    EXPECT_THAT(text, HasSubstr("--server a=127.0.0.1: error: `127.0.0.1` is no server's address"));
    EXPECT_THAT(text, HasSubstr("--server a=127.0.0.1:1: error: there is a server `a` already"));
    EXPECT_THAT(load_options({}, nothing).problems.text(),
                HasSubstr("--listen: error: `bind`: must not be empty"));
}

TEST(dump, shows_every_effective_value_and_reads_back_the_same) {
    const auto made = read(small_case);
    const auto text = dump(*made.settings);

    EXPECT_THAT(text, HasSubstr("connect: 5s"));
    EXPECT_THAT(text, HasSubstr("balance: least-connections"));
    EXPECT_THAT(text, HasSubstr("workers: auto"));
    const auto again = read(text);
    ASSERT_TRUE(again.settings) << again.problems.text() << text;
    EXPECT_EQ(*again.settings, *made.settings);
    EXPECT_EQ(dump(*again.settings), text);
}

TEST(dump, of_the_full_case_hides_secrets_and_is_valid) {
    const auto text = dump(*read(full_case).settings);

    EXPECT_THAT(text, testing::Not(HasSubstr("hunter2")));
    EXPECT_TRUE(read(text).settings) << read(text).problems.text();
}

TEST(schema, is_made_of_the_same_descriptions) {
    EXPECT_THAT(schema(), HasSubstr("\"retry-budget\""));
    EXPECT_THAT(schema(), HasSubstr("\"const\": \"least-connections\""));
}

}  // namespace
}  // namespace hawser::app
