// SPDX-License-Identifier: Apache-2.0
#include "app/configuration/rate_limit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/configuration/load.h"

namespace hawser::app {
namespace {

using testing::HasSubstr;

using namespace std::chrono_literals;

/// With this as the only route's `rate-limit`, which begins at 3:28.
loaded with(const std::string& limit, const std::string& pool = "") {
    return load_text("listeners: {web: {bind: ':80'}}\npools: {shop: {servers: {a: 10.0.0.1:80}" +
                         pool + "}}\nroutes: [{pool: shop, rate-limit: " + limit + "}]\n",
                     "f", [](std::string_view) { return std::nullopt; });
}

rate_limit read(const std::string& limit) {
    const auto given = with(limit);
    EXPECT_EQ(given.problems.text(), "") << limit;
    return given.settings->routes[0].rate_limit.at(0);
}

rate_limit limit_of(rate_key key, request_rate rate, std::optional<std::uint32_t> burst = {}) {
    rate_limit made;
    made.key = std::move(key);
    made.rate = rate;
    made.burst = burst;
    return made;
}

TEST(rate_limit, a_rate_alone_counts_by_the_clients_address) {
    EXPECT_EQ(read("10/s"), limit_of({}, {10, 1s}));
    EXPECT_EQ(read("600/m").rate, (request_rate{600, 1min}));
    EXPECT_EQ(read("1/h").rate, (request_rate{1, 1h}));
    EXPECT_EQ(read("2/d").rate, (request_rate{2, 24h}));
    EXPECT_EQ(read("5/10s").rate, (request_rate{5, 10s}));
    EXPECT_EQ(read("5/250ms").rate, (request_rate{5, 250ms}));
}

TEST(rate_limit, says_by_what_it_counts) {
    EXPECT_EQ(read("{key: client-address, rate: 1/s}").key, rate_key());
    EXPECT_EQ(read("{key: session, rate: 1/s, burst: 7}"),
              limit_of({.by = proxy::limit_key::session}, {1, 1s}, 7));
    EXPECT_EQ(read("{key: {header: X-Api-Key}, rate: 1/s}").key,
              (rate_key{.by = proxy::limit_key::header, .header = "X-Api-Key"}));
    EXPECT_EQ(with("[10/s, {key: session, rate: 1/s}]").settings->routes[0].rate_limit.size(), 2u);
}

TEST(rate_limit, a_wrong_rate_is_told_with_its_place) {
    for (const char* wrong : {"10", "10/", "/s", "0/s", "-1/s", "10/x", "1.5/s", "10/0s", "10/2d",
                              "99999999999/s", "10 /s", "10/s/s"}) {
        EXPECT_EQ(with(std::string("'") + wrong + "'").problems.text(),
                  "f:3:35: error: `" + std::string(wrong) +
                      "` is no rate: write `10/s`, `600/m`, `1000/h` or `5/10s`\n");
    }
    EXPECT_THAT(with("{key: session}").problems.text(), HasSubstr("`rate` is missing"));
}

TEST(rate_limit, a_wrong_key_is_told_with_its_place) {
    EXPECT_EQ(with("{key: sesion, rate: 1/s}").problems.text(),
              "f:3:41: error: must be `client-address`, `session` or `{header: NAME}`\n");
    EXPECT_THAT(with("{key: {header: 'a b'}, rate: 1/s}").problems.text(),
                HasSubstr("`a b` is no name of a header field"));
}

TEST(rate_limit, sessions_are_counted_only_where_they_are_known) {
    EXPECT_EQ(with("{key: session, rate: 1/s}", ", affinity: []").problems.text(),
              "f:3:35: error: the route leads to no pool with an `affinity`, which would know "
              "sessions\n");
    const auto of_listener = load_text(
        "listeners: {web: {bind: ':80', rate-limit: {key: session, rate: 1/s}}}\n"
        "pools: {shop: {servers: {a: 10.0.0.1:80}}}\nroutes: [{pool: shop}]\n",
        "f", [](std::string_view) { return std::nullopt; });
    EXPECT_EQ(
        of_listener.problems.text(),
        "f:1:44: error: sessions belong to a pool: limit them at the routes that lead to it\n");
}

TEST(rate_limit, is_shown_as_it_is_read) {
    for (const char* text : {"10/s", "600/m", "5/10s", "{key: session, rate: 1/h, burst: 3}",
                             "{key: {header: X-Key}, rate: 1/s, keys: 16}"}) {
        const auto once = read(text);
        auto shown = config::codec<rate_limit>::show(once);
        config::diagnostics problems;
        rate_limit again;
        EXPECT_TRUE(config::codec<rate_limit>::read(shown, again, problems)) << text;
        EXPECT_EQ(again, once) << text;
    }
}

}  // namespace
}  // namespace hawser::app
