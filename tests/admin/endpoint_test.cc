// SPDX-License-Identifier: Apache-2.0
#include "admin/endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hawser::admin {
namespace {

using testing::HasSubstr;

/// A node that remembers what was asked of it.
class recording final : public operations {
  public:
    [[nodiscard]] bool is_ready() const override { return ready; }
    [[nodiscard]] node_status status() override {
        node_status shown;
        shown.version = "1";
        shown.state = "serving";
        shown.generation = 7;
        shown.pools.push_back({.name = "shop", .servers = {}});
        server_status one;
        one.name = "a";
        one.state = "drain";
        one.established = 12;
        shown.pools.front().servers.push_back(one);
        return shown;
    }
    [[nodiscard]] std::string metrics() override { return "hawser_up 1\n"; }
    [[nodiscard]] const std::vector<std::string>& allowed_hosts() const override { return hosts; }
    [[nodiscard]] result<> reload() override {
        ++reloads;
        return outcome;
    }
    [[nodiscard]] result<> set_state(std::string_view pool, std::string_view server,
                                     upstream::admin_state wanted) override {
        changes.push_back(std::string(pool) + "/" + std::string(server) + " " +
                          std::string(upstream::name_of(wanted)));
        return outcome;
    }

    bool ready = true;
    int reloads = 0;
    result<> outcome;
    std::vector<std::string> changes;
    std::vector<std::string> hosts;
};

struct desk {
    http::served_answer ask(const std::string& method, const std::string& path,
                            const std::string& type = "application/json") {
        http::served_request asked;
        asked.method = method;
        asked.host = "localhost:9901";
        asked.path = path;
        if (!type.empty()) asked.fields.emplace_back("Content-Type", type);
        return answering.answer(asked);
    }

    recording node;
    endpoint answering{node};
};

TEST(admin_endpoint, is_ready_until_the_node_drains) {
    desk at;
    EXPECT_EQ(at.ask("GET", "/readyz").status, 200u);
    at.node.ready = false;
    EXPECT_EQ(at.ask("GET", "/readyz").status, 503u);
    EXPECT_EQ(at.ask("GET", "/healthz").status, 200u);
}

TEST(admin_endpoint, shows_the_sessions_of_each_server) {
    desk at;
    const auto told = at.ask("GET", "/v1/status");
    EXPECT_EQ(told.status, 200u);
    EXPECT_THAT(told.body, HasSubstr("\"established\": 12"));
    EXPECT_THAT(told.body, HasSubstr("\"state\": \"drain\""));
}

TEST(admin_endpoint, e170_changes_nothing_on_get) {
    desk at;
    EXPECT_EQ(at.ask("GET", "/v1/reload").status, 405u);
    EXPECT_EQ(at.ask("GET", "/v1/servers/shop/a/drain").status, 405u);
    EXPECT_EQ(at.node.reloads, 0);
    EXPECT_TRUE(at.node.changes.empty());
}

TEST(admin_endpoint, e170_takes_a_change_only_as_json) {
    desk at;
    EXPECT_EQ(at.ask("POST", "/v1/reload", "text/plain").status, 415u);
    EXPECT_EQ(at.ask("POST", "/v1/reload", "").status, 415u);
    EXPECT_EQ(at.node.reloads, 0);
    EXPECT_EQ(at.ask("POST", "/v1/reload").status, 200u);
    EXPECT_EQ(at.node.reloads, 1);
}

TEST(admin_endpoint, e172_tells_why_a_reload_failed) {
    desk at;
    at.node.outcome = fail(errc::invalid, "hawser.yaml:3:5: no such key");
    const auto told = at.ask("POST", "/v1/reload");
    EXPECT_EQ(told.status, 422u);
    EXPECT_EQ(told.body, "{\"error\":\"hawser.yaml:3:5: no such key\"}\n");
}

TEST(admin_endpoint, puts_servers_into_the_three_states) {
    desk at;
    for (const char* action : {"drain", "maintenance", "ready"})
        EXPECT_EQ(at.ask("POST", std::string("/v1/servers/shop/a/") + action).status, 200u);
    EXPECT_THAT(at.node.changes,
                testing::ElementsAre("shop/a drain", "shop/a maintenance", "shop/a ready"));
}

TEST(admin_endpoint, does_not_guess_what_a_path_means) {
    desk at;
    for (const char* path : {"/v1/servers/", "/v1/servers/shop", "/v1/servers/shop/a",
                             "/v1/servers/shop/a/stop", "/v1/servers/shop/a/drain/now", "/v2"})
        EXPECT_EQ(at.ask("POST", path).status, 404u) << path;
    EXPECT_TRUE(at.node.changes.empty());
}

}  // namespace
}  // namespace hawser::admin
