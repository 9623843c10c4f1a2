// SPDX-License-Identifier: Apache-2.0
#include "admin/endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "admin/wanted.h"

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
        shown.pools.push_back(*pool("shop"));
        shown.overrides = overrides();
        return shown;
    }
    [[nodiscard]] std::optional<pool_status> pool(std::string_view name) override {
        if (name != "shop") return std::nullopt;
        server_status one;
        one.name = "a";
        one.state = "drain";
        one.established = 12;
        one.overridden = {"state"};
        return pool_status{.name = "shop", .servers = {one}};
    }
    [[nodiscard]] std::vector<override_status> overrides() const override {
        return {{.pool = "shop",
                 .server = "a",
                 .field = "state",
                 .value = "drain",
                 .file = "ready",
                 .who = "local",
                 .when = "2026-11-24T12:00:00Z"}};
    }
    [[nodiscard]] std::string metrics() override { return "hawser_up 1\n"; }
    [[nodiscard]] const std::vector<std::string>& allowed_hosts() const override { return hosts; }
    [[nodiscard]] const config::description& server_settings() const override {
        return config::description_of<nothing_wanted>();
    }
    [[nodiscard]] result<outcome> reload(const caller&) override { return note("reload"); }
    [[nodiscard]] result<outcome> set_state(server_name which, upstream::admin_state wanted,
                                            const caller&) override {
        return note(text_of(which) + " " + std::string(upstream::name_of(wanted)));
    }
    [[nodiscard]] result<outcome> set_weight(server_name which, std::uint32_t wanted,
                                             const caller&) override {
        return note(text_of(which) + " weight " + std::to_string(wanted));
    }
    [[nodiscard]] result<outcome> add_server(server_name which, const config::node& written,
                                             const caller&) override {
        return note(text_of(which) + " added " + written.find("address")->text());
    }
    [[nodiscard]] result<outcome> remove_server(server_name which, const caller&) override {
        return note(text_of(which) + " removed");
    }
    [[nodiscard]] result<outcome> lift(server_name which, std::optional<std::string_view> field,
                                       const caller&) override {
        return note(text_of(which) + " lifted " + std::string(field.value_or("all")));
    }

    bool ready = true;
    result<outcome> answer = outcome{.generation = 8};
    std::vector<std::string> changes;
    std::vector<std::string> hosts;

  private:
    static std::string text_of(server_name which) {
        return std::string(which.pool) + "/" + std::string(which.server);
    }
    result<outcome> note(std::string what) {
        changes.push_back(std::move(what));
        return answer;
    }
};

struct desk {
    http::served_answer ask(const std::string& method, const std::string& path,
                            const std::string& body = {},
                            const std::string& type = "application/json") {
        http::served_request asked;
        asked.method = method;
        asked.host = "localhost:9901";
        asked.path = path;
        asked.body = body;
        if (!type.empty()) asked.fields.emplace_back("Content-Type", type);
        return answering.answer(asked);
    }

    recording node;
    endpoint answering{node};
};

constexpr const char* server_a = "/v1/pools/shop/servers/a";

TEST(admin_endpoint, is_ready_until_the_node_drains) {
    desk at;
    EXPECT_EQ(at.ask("GET", "/readyz").status, 200u);
    at.node.ready = false;
    EXPECT_EQ(at.ask("GET", "/readyz").status, 503u);
    EXPECT_EQ(at.ask("GET", "/healthz").status, 200u);
}

TEST(admin_endpoint, shows_the_sessions_of_each_server) {
    desk at;
    for (const char* path : {"/v1/status", "/v1/pools", "/v1/pools/shop", server_a}) {
        const auto told = at.ask("GET", path);
        EXPECT_EQ(told.status, 200u) << path;
        EXPECT_THAT(told.body, HasSubstr("\"established\": 12")) << path;
        EXPECT_THAT(told.body, HasSubstr("\"state\": \"drain\"")) << path;
    }
}

TEST(admin_endpoint, shows_what_was_set_at_run_time_and_by_whom) {
    desk at;
    for (const char* path : {"/v1/status", "/v1/overrides"}) {
        const auto told = at.ask("GET", path);
        EXPECT_THAT(told.body, HasSubstr("\"file\": \"ready\"")) << path;
        EXPECT_THAT(told.body, HasSubstr("\"who\": \"local\"")) << path;
    }
    EXPECT_THAT(at.ask("GET", server_a).body, HasSubstr("\"overridden\""));
}

TEST(admin_endpoint, e170_changes_nothing_on_get) {
    desk at;
    EXPECT_EQ(at.ask("GET", "/v1/reload").status, 405u);
    EXPECT_EQ(at.ask("GET", std::string(server_a) + "/state").status, 405u);
    EXPECT_EQ(at.ask("HEAD", std::string(server_a) + "/weight").status, 405u);
    EXPECT_TRUE(at.node.changes.empty());
}

TEST(admin_endpoint, e170_takes_a_change_only_as_json) {
    desk at;
    EXPECT_EQ(at.ask("POST", "/v1/reload", "{}", "text/plain").status, 415u);
    EXPECT_EQ(at.ask("POST", "/v1/reload", "{}", "").status, 415u);
    EXPECT_EQ(at.ask("PUT", std::string(server_a) + "/weight", R"({"weight": 1})", "").status,
              415u);
    EXPECT_TRUE(at.node.changes.empty());
    EXPECT_EQ(at.ask("POST", "/v1/reload").status, 200u);
    EXPECT_THAT(at.node.changes, testing::ElementsAre("reload"));
}

TEST(admin_endpoint, e172_tells_why_a_reload_failed) {
    desk at;
    at.node.answer = fail(errc::invalid, "hawser.yaml:3:5: no such key");
    const auto told = at.ask("POST", "/v1/reload");
    EXPECT_EQ(told.status, 422u);
    EXPECT_EQ(told.body, "{\"error\":\"hawser.yaml:3:5: no such key\"}\n");
}

TEST(admin_endpoint, understands_the_states_and_haproxys_word) {
    desk at;
    for (const char* state : {"drain", "maintenance", "ready", "maint"})
        EXPECT_EQ(at.ask("PUT", std::string(server_a) + "/state",
                         R"({"state": ")" + std::string(state) + "\"}")
                      .status,
                  200u);
    EXPECT_THAT(at.node.changes, testing::ElementsAre("shop/a drain", "shop/a maintenance",
                                                      "shop/a ready", "shop/a maintenance"));
}

TEST(admin_endpoint, sets_weights_adds_removes_and_lifts) {
    desk at;
    EXPECT_EQ(at.ask("PUT", std::string(server_a) + "/weight", R"({"weight": 3})").status, 200u);
    EXPECT_EQ(at.ask("PUT", server_a, R"({"address": "10.0.0.1:80"})").status, 200u);
    EXPECT_EQ(at.ask("DELETE", server_a, {}, {}).status, 200u);
    EXPECT_EQ(at.ask("DELETE", std::string(server_a) + "/overrides", {}, {}).status, 200u);
    EXPECT_EQ(at.ask("DELETE", std::string(server_a) + "/overrides/state", {}, {}).status, 200u);
    EXPECT_THAT(at.node.changes,
                testing::ElementsAre("shop/a weight 3", "shop/a added 10.0.0.1:80",
                                     "shop/a removed", "shop/a lifted all", "shop/a lifted state"));
}

TEST(admin_endpoint, refuses_bodies_that_say_anything_else) {
    desk at;
    for (const char* body :
         {"", "{}", "[]", R"({"weight": 257})", R"({"weight": -1})", R"({"weight": 1, "more": 2})",
          R"({"weight": 1, "weight": 2})", R"({"weight": {}})", "weight: 1"})
        EXPECT_EQ(at.ask("PUT", std::string(server_a) + "/weight", body).status, 422u) << body;
    EXPECT_EQ(at.ask("POST", "/v1/reload", R"({"now": true})").status, 422u);
    EXPECT_EQ(at.ask("PUT", server_a, "{").status, 422u);
    EXPECT_TRUE(at.node.changes.empty());
}

TEST(admin_endpoint, tells_what_will_not_outlive_the_process) {
    desk at;
    at.node.answer = outcome{.generation = 9, .warning = "the disk is full"};
    const auto told = at.ask("DELETE", server_a, {}, {});
    EXPECT_THAT(told.body, HasSubstr("\"warning\": \"the disk is full\""));
    EXPECT_THAT(told.body, HasSubstr("\"generation\": 9"));
}

TEST(admin_endpoint, says_by_which_methods_a_thing_is_asked) {
    desk at;
    const auto told = at.ask("POST", server_a);
    EXPECT_EQ(told.status, 405u);
    EXPECT_EQ(told.lines, "Allow: GET, HEAD, PUT, DELETE\r\n");
}

TEST(admin_endpoint, does_not_guess_what_a_path_means) {
    desk at;
    for (const char* path :
         {"/v1/pools/", "/v1/pools/shop/servers", "/v1/pools/shop/servers/", "/v1/pools//servers/a",
          "/v1/pools/shop/servers/a/", "/v1/pools/shop/servers/a/state/now",
          "/v1/pools/sh%6fp/servers/a", "/v1/servers/shop/a/drain", "/v2", "/", "*"})
        EXPECT_EQ(at.ask("PUT", path, "{}").status, 404u) << path;
    EXPECT_TRUE(at.node.changes.empty());
}

}  // namespace
}  // namespace hawser::admin
