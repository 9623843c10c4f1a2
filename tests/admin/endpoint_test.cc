// SPDX-License-Identifier: Apache-2.0
#include "admin/endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "admin/wanted.h"
#include "async/lab.h"
#include "base/limits.h"
#include "crypto/digest.h"

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
    [[nodiscard]] result<outcome> reload(const order& by) override { return note("reload", by); }
    [[nodiscard]] result<outcome> begin_upgrade(const std::string& binary,
                                                const order& by) override {
        return note("upgrade " + binary, by);
    }
    [[nodiscard]] upgrade_status upgrade() const override {
        return {.process = 7, .phase = "follows", .other = 5, .why = {}};
    }
    [[nodiscard]] result<outcome> set_state(server_name which, const state_wanted& wanted,
                                            const order& by) override {
        return note(text_of(which) + " " + std::string(upstream::name_of(wanted.state)), by);
    }
    [[nodiscard]] result<outcome> drain(server_name which, const drain_wanted& how,
                                        const order& by) override {
        drained.policy = how.over({});
        return note(text_of(which) + " drained", by);
    }
    [[nodiscard]] result<drain_status> drain_of(server_name) override {
        if (drained.number == 0) return fail(errc::not_found, "not drained");
        return drained;
    }
    [[nodiscard]] result<outcome> set_weight(server_name which, std::uint32_t wanted,
                                             const order& by) override {
        return note(text_of(which) + " weight " + std::to_string(wanted), by);
    }
    [[nodiscard]] result<outcome> add_server(server_name which, const config::node& written,
                                             const order& by) override {
        return note(text_of(which) + " added " + written.find("address")->text(), by);
    }
    [[nodiscard]] result<outcome> remove_server(server_name which, const order& by) override {
        return note(text_of(which) + " removed", by);
    }
    [[nodiscard]] result<outcome> lift(server_name which, std::optional<std::string_view> field,
                                       const order& by) override {
        return note(text_of(which) + " lifted " + std::string(field.value_or("all")), by);
    }
    [[nodiscard]] explanations explanations_of(std::string_view request_id) const override {
        proxy::explanation one{.request_id = std::string(request_id), .pool = "shop"};
        one.choices.push_back({.candidates = {{.server = "a", .why_not = "down"}}, .server = "b"});
        return {std::make_shared<const proxy::explanation>(std::move(one))};
    }
    [[nodiscard]] result<proxy::explanation> explain(const explain_wanted& asked) override {
        if (asked.listener != "web") return fail(errc::not_found, "no such listener");
        proxy::explanation made{.pool = "shop"};
        made.add("key", asked.cookies.empty() ? "none" : "found");
        return made;
    }
    [[nodiscard]] task<result<session_page>> sessions(page_wanted wanted) override {
        asked_page = std::move(wanted);
        session_page made;
        made.sessions.push_back({.id = 0xab, .pool = "shop", .server = "a", .kind = "cookie"});
        made.next = "3.7";
        co_return made;
    }
    [[nodiscard]] task<result<outcome>> change_sessions(session_filter which, session_change what,
                                                        const order& by) override {
        auto told = note(std::string(word_of(what.is)) + " sessions of " +
                             which.pool.value_or("all") + " to " + what.to,
                         by);
        if (told) told->sessions = movement{.active = 5, .of = 9};
        if (told) told->becomes = word_of(what.is);
        co_return told;
    }
    [[nodiscard]] result<outcome> set_log(const log_wanted& wanted, const order& by) override {
        return note("log " + wanted.level.value_or("watch"), by);
    }
    [[nodiscard]] result<outcome> lift_log(const order& by) override {
        return note("log lifted", by);
    }
    [[nodiscard]] log_status log() const override { return {.level = "notice"}; }
    [[nodiscard]] std::string configuration() const override { return "{}\n"; }
    [[nodiscard]] const access_terms& access() const override { return terms; }
    [[nodiscard]] std::string revision() const override { return "\"7\""; }
    [[nodiscard]] bool requires_if_match() const override { return false; }
    [[nodiscard]] std::optional<std::uint64_t> confirm_above() const override { return limit; }
    void record(const audit_record& change) override {
        audited.push_back(change.by.who + " " + std::string(change.method) + " " +
                          std::string(change.target) + " " + std::to_string(change.status));
    }
    [[nodiscard]] task<movement> would_move(std::vector<abandoned> homes) override {
        co_return movement{.with_tunnel = 2, .active = 3 * homes.size(), .of = 40};
    }

    bool ready = true;
    page_wanted asked_page;
    result<outcome> answer = outcome{.generation = 8};
    drain_status drained;
    std::vector<std::string> changes;
    std::vector<std::string> trials;
    std::vector<std::string> audited;
    std::vector<std::string> hosts;
    access_terms terms;
    std::optional<std::uint64_t> limit;

  private:
    static std::string text_of(server_name which) {
        return std::string(which.pool) + "/" + std::string(which.server);
    }
    result<outcome> note(std::string what, const order& by) {
        (by.is_trial ? trials : changes).push_back(std::move(what));
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
        asked.peer = io::endpoint::parse("127.0.0.1:5000").value();
        asked.path = path.substr(0, path.find('?'));
        if (path.contains('?')) asked.query = path.substr(path.find('?') + 1);
        asked.body = body;
        if (!type.empty()) asked.fields.emplace_back("Content-Type", type);
        for (const auto& each : more) asked.fields.push_back(each);
        http::served_answer told;
        turning.run(answer_into(asked, told));
        return told;
    }

    task<> answer_into(const http::served_request& asked, http::served_answer& told) {
        told = co_await answering.answer(asked);
    }

    lab turning;
    std::vector<std::pair<std::string, std::string>> more;  ///< fields
    recording node;
    endpoint answering{node, [] { return nullptr; }};
};

constexpr const char* server_a = "/v1/pools/shop/servers/a";
const std::string drain_of_a = std::string(server_a) + "/drain";

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

TEST(admin_endpoint, begins_an_upgrade_and_shows_how_far_it_is) {
    desk at;
    EXPECT_EQ(at.ask("POST", "/v1/upgrade").status, 200u);
    EXPECT_EQ(at.ask("POST", "/v1/upgrade", R"({"binary": "/opt/new"})").status, 200u);
    EXPECT_EQ(at.node.changes, (std::vector<std::string>{"upgrade ", "upgrade /opt/new"}));
    const auto told = at.ask("GET", "/v1/upgrade");
    EXPECT_EQ(told.status, 200u);
    EXPECT_THAT(told.body, HasSubstr(R"("pid":7,"phase":"follows","other_pid":5)"));
    at.node.answer = fail(errc::unavailable, "the node is stopping");
    EXPECT_EQ(at.ask("POST", "/v1/upgrade").status, 503u);
}

TEST(admin_endpoint, begins_no_upgrade_by_what_it_does_not_understand) {
    desk at;
    for (const char* wrong : {"[]", "7", R"({"binary": {}})", R"({"path": "/opt/new"})"})
        EXPECT_EQ(at.ask("POST", "/v1/upgrade", wrong).status, 422u) << wrong;
    EXPECT_EQ(at.ask("PUT", "/v1/upgrade", "{}").status, 405u);
    EXPECT_TRUE(at.node.changes.empty());
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

/// Everything that changes something, as it is asked.
struct change_asked {
    const char* method;
    const char* path;
    const char* body;
    level least;
};

constexpr change_asked all_changes[] = {
    {"POST", "/v1/reload", "{}", level::admin},
    {"POST", "/v1/upgrade", "{}", level::admin},
    {"PUT", "/v1/pools/shop/servers/a/drain", R"({"deadline": "5m"})", level::operating},
    {"PUT", "/v1/pools/shop/servers/c", R"({"address": "10.0.0.1:80"})", level::admin},
    {"DELETE", "/v1/pools/shop/servers/a", "", level::admin},
    {"PUT", "/v1/pools/shop/servers/a/state", R"({"state": "drain"})", level::operating},
    {"PUT", "/v1/pools/shop/servers/a/weight", R"({"weight": 1})", level::operating},
    {"DELETE", "/v1/pools/shop/servers/a/overrides", "", level::operating},
    {"DELETE", "/v1/pools/shop/servers/a/overrides/state", "", level::operating},
    {"PUT", "/v1/log", R"({"level": "debug", "for": "1m"})", level::operating},
    {"DELETE", "/v1/log", "", level::operating},
    {"POST", "/v1/sessions/move", R"({"pool": "shop", "to": "a"})", level::operating},
    {"POST", "/v1/sessions/pin", R"({"pool": "shop"})", level::operating},
    {"POST", "/v1/sessions/end", R"({"pool": "shop"})", level::operating},
};

TEST(admin_endpoint, lets_each_level_do_what_it_may_and_no_more) {
    for (const auto may : {level::none, level::viewer, level::operating, level::admin}) {
        desk at;
        at.node.terms.trusts_loopback = false;
        at.node.terms.tokens = {{.name = "me", .may = may, .digest = crypto::sha256("secret")}};
        at.more = {{"Authorization", "Bearer secret"}};
        const auto refused = may == level::none ? 401u : 403u;
        EXPECT_EQ(at.ask("GET", "/healthz").status, 200u);
        EXPECT_EQ(at.ask("GET", "/v1/status").status, may >= level::viewer ? 200u : 401u);
        EXPECT_EQ(at.ask("GET", "/metrics").status, may >= level::viewer ? 200u : 401u);
        for (const auto& each : all_changes)
            EXPECT_EQ(at.ask(each.method, each.path, each.body).status,
                      may >= each.least ? 200u : refused)
                << each.method << each.path;
    }
}

TEST(admin_endpoint, lists_sessions_as_they_are_asked_for) {
    desk at;
    const auto told = at.ask(
        "GET",
        "/v1/sessions?pool=shop&idle=5m&pinned=true&limit=7&after=1.2&kind=application%2Dcookie");
    EXPECT_EQ(told.status, 200u);
    EXPECT_THAT(told.body, HasSubstr("\"id\": \"00000000000000ab\""));
    EXPECT_THAT(told.body, HasSubstr("\"next\": \"3.7\""));
    EXPECT_EQ(at.node.asked_page.pool, "shop");
    EXPECT_EQ(at.node.asked_page.kind, "application-cookie");
    EXPECT_EQ(at.node.asked_page.idle, std::chrono::minutes(5));
    EXPECT_EQ(at.node.asked_page.pinned, true);
    EXPECT_EQ(at.node.asked_page.limit, 7u);
    EXPECT_EQ(at.node.asked_page.after, "1.2");
    for (const char* wrong :
         {"?pools=shop", "?limit=0", "?limit=10001", "?idle=often", "?pool=a&pool=b", "?limit"})
        EXPECT_EQ(at.ask("GET", std::string("/v1/sessions") + wrong).status, 400u) << wrong;
}

TEST(admin_endpoint, explains_requests_that_came_and_that_might) {
    desk at;
    const auto came = at.ask("GET", "/v1/explanations?request=4711");
    EXPECT_THAT(came.body, HasSubstr("\"request_id\": \"4711\""));
    EXPECT_THAT(came.body, HasSubstr("\"why_not\": \"down\""));
    const auto might =
        at.ask("POST", "/v1/explain", R"({"listener": "web", "cookies": ["sid=secret"]})");
    EXPECT_THAT(might.body, HasSubstr("\"says\": \"found\""));
    EXPECT_TRUE(at.node.audited.empty()) << "it changes nothing, and its cookies are nobody's";
    EXPECT_EQ(at.ask("POST", "/v1/explain", R"({"listener": "no"})").status, 404u);
    EXPECT_EQ(at.ask("POST", "/v1/explain", "{}").status, 422u);
    EXPECT_EQ(at.ask("POST", "/v1/explain", R"({"listener": "web"})", "text/plain").status, 415u);
    EXPECT_EQ(at.ask("GET", "/v1/explanations?id=1").status, 400u);
}

TEST(admin_endpoint, changes_of_sessions_say_which_and_are_tried_first) {
    desk at;
    at.node.limit = 4;
    const std::string body = R"({"pool": "shop", "to": "b"})";
    EXPECT_EQ(at.ask("POST", "/v1/sessions/move", body).status, 409u);
    const auto tried = at.ask("POST", "/v1/sessions/end?dry_run=true", R"({"pool": "shop"})");
    EXPECT_THAT(tried.body, HasSubstr("\"would_end\""));
    EXPECT_TRUE(at.node.changes.empty());
    const auto told = at.ask("POST", "/v1/sessions/move?force=true", body);
    EXPECT_THAT(told.body, HasSubstr("\"sessions\": 5"));
    EXPECT_THAT(at.node.changes, testing::ElementsAre("move sessions of shop to b"));
    for (const char* wrong : {"{}", R"({"to": "b"})", R"({"pool": "shop"})", R"({"all": true})"})
        EXPECT_EQ(at.ask("POST", "/v1/sessions/move?force=true", wrong).status, 422u) << wrong;
    EXPECT_EQ(at.ask("POST", "/v1/sessions/end?force=true", "{}").status, 422u);
    EXPECT_EQ(at.node.changes.size(), 1u);
}

TEST(admin_endpoint, has_a_level_for_every_change) {
    const auto changes = std::ranges::count_if(endpoint::actions(),
                                               [](const action& each) { return each.is_change(); });
    EXPECT_EQ(std::size_t(changes), std::size(all_changes)) << "the list above is not whole";
}

TEST(admin_endpoint, records_every_change_and_how_it_ended) {
    desk at;
    (void)at.ask("POST", "/v1/reload");
    (void)at.ask("PUT", std::string(server_a) + "/weight", "{}");
    (void)at.ask("GET", "/v1/status");
    (void)at.ask("DELETE", std::string(server_a) + "?dry_run=true");
    EXPECT_THAT(at.node.audited,
                testing::ElementsAre("local POST /v1/reload 200",
                                     "local PUT /v1/pools/shop/servers/a/weight 422"));
}

TEST(admin_endpoint, refuses_a_change_that_is_meant_for_something_else) {
    desk at;
    EXPECT_THAT(at.ask("GET", "/v1/status").lines, HasSubstr("ETag: \"7\"\r\n"));
    at.more = {{"If-Match", "\"6\""}};
    EXPECT_EQ(at.ask("POST", "/v1/reload").status, 412u);
    EXPECT_TRUE(at.node.changes.empty());
    at.more = {{"If-Match", "\"7\""}};
    EXPECT_EQ(at.ask("POST", "/v1/reload").status, 200u);
}

TEST(admin_endpoint, tells_what_a_change_would_lead_to_and_does_not_make_it) {
    desk at;
    at.node.answer = outcome{.homes = {{}}, .differences = {"routes: changed"}};
    for (const auto& each : all_changes) {
        const auto told = at.ask(each.method, std::string(each.path) + "?dry_run=true", each.body);
        EXPECT_EQ(told.status, 200u) << each.path;
        EXPECT_THAT(told.body, HasSubstr("\"sessions\": 5"));
        EXPECT_THAT(told.body, HasSubstr("routes: changed"));
    }
    EXPECT_TRUE(at.node.changes.empty());
}

TEST(admin_endpoint, makes_a_change_that_moves_too_many_only_when_it_is_forced) {
    desk at;
    at.node.limit = 4;
    at.node.answer = outcome{.homes = {{}}};
    const auto told = at.ask("DELETE", server_a);
    EXPECT_EQ(told.status, 409u);
    EXPECT_THAT(told.body, HasSubstr("5 of 40 sessions would move, 2 with open tunnels"));
    EXPECT_TRUE(at.node.changes.empty());
    EXPECT_EQ(at.ask("DELETE", std::string(server_a) + "?force=true").status, 200u);
    at.node.limit = 5;
    EXPECT_EQ(at.ask("DELETE", server_a).status, 200u);
    EXPECT_EQ(at.node.changes.size(), 2u);
}

TEST(admin_endpoint, asks_those_who_ask_too_often_to_wait) {
    desk at;
    at.node.terms.trusts_loopback = false;
    at.more = {{"Authorization", "Bearer guess"}};
    unsigned refused = 0;
    for (unsigned i = 0; i < limits::admin_failures_burst + limits::admin_failures_max + 2; ++i)
        if (at.ask("GET", "/v1/status").status == 429) ++refused;
    EXPECT_GE(refused, 1u);
}

TEST(admin_endpoint, says_how_many_sessions_servers_hold) {
    desk at;
    EXPECT_THAT(at.ask("GET", "/v1/impact?servers=shop/a,shop/b").body,
                HasSubstr("\"sessions\": 8"));
    for (const char* query : {"", "?x", "?servers=shop", "?servers=shop/a/b", "?servers=/a"})
        EXPECT_EQ(at.ask("GET", std::string("/v1/impact") + query).status, 400u) << query;
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

TEST(admin_endpoint, begins_a_drain_by_what_the_body_says_and_else_by_the_pool) {
    desk at;
    EXPECT_EQ(at.ask("PUT", drain_of_a, R"({"deadline": "10m", "tunnel": "cut"})").status, 200u);
    const upstream::drain_policy usual;
    EXPECT_EQ(at.node.drained.policy.deadline, std::chrono::minutes(10));
    EXPECT_EQ(at.node.drained.policy.of(upstream::session_class::tunnel),
              upstream::leave_rule::cut());
    EXPECT_EQ(at.node.drained.policy.of(upstream::session_class::tentative),
              usual.of(upstream::session_class::tentative));
    EXPECT_THAT(at.node.changes, testing::ElementsAre("shop/a drained"));
}

TEST(admin_endpoint, takes_no_drain_that_makes_no_sense) {
    desk at;
    for (const char* body : {R"({"deadline": "soon"})", R"({"deadline": "0s"})",
                             R"({"idle": "stay"})", R"({"idel": "move"})", "[]", "{"})
        EXPECT_EQ(at.ask("PUT", drain_of_a, body).status, 422u) << body;
    EXPECT_TRUE(at.node.changes.empty());
}

TEST(admin_endpoint, shows_what_is_left_of_a_drain) {
    desk at;
    EXPECT_EQ(at.ask("GET", drain_of_a).status, 404u);
    at.node.drained = {.number = 3, .pool = "shop", .server = "a", .phase = "draining"};
    EXPECT_THAT(at.ask("GET", drain_of_a).body,
                testing::AllOf(HasSubstr("\"outcome\":null"), HasSubstr("\"sessions\":null"),
                               HasSubstr("\"expected_in_seconds\":null")));
    registry::drain_left left;
    left.staying = {1, 2, 3, 4};
    left.tunnels = 4;
    left.idle = {10, 0, 0, 0, 0};
    at.node.drained.left = left;
    at.node.drained.in_flight = 6;
    at.node.drained.expected_in = std::chrono::seconds(90);
    const auto told = at.ask("GET", drain_of_a).body;
    EXPECT_THAT(told, HasSubstr(R"("left":10,"sessions":{"tentative":1,"idle":2,"active":3,)"
                                R"("tunnel":4})"));
    EXPECT_THAT(told, HasSubstr(R"("idle_ages":[{"below_seconds":10,"sessions":10},)"));
    EXPECT_THAT(told, HasSubstr(R"("requests":2,"tunnels":4)"));
    EXPECT_THAT(told, HasSubstr(R"("expected_in_seconds":90)"));
    EXPECT_THAT(told, HasSubstr(R"("rules":{"tentative":"1m","idle":"finish")"));
}

}  // namespace
}  // namespace hawser::admin
