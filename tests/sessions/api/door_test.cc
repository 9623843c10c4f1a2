// SPDX-License-Identifier: Apache-2.0
#include "sessions/api/door.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "async/sleep.h"
#include "crypto/digest.h"
#include "sessions/client.h"
#include "sessions/containers.h"
#include "sessions/sorted_set.h"
#include "store/memory.h"
#include "support/sim/sim_test.h"

namespace hawser::sessions::api {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

/// A door without a socket, asked directly.
class lab {
  public:
    explicit lab(sim::world& in)
        : kept(1000, {}, in.worker().turns().now().steady), all(kept, 1), world_(in) {}
    ~lab() { door_->stop(); }

    void begin() {
        const auto shared = std::make_shared<const terms>(by);
        settings.tenancies = {{.in = shop, .by = shared, .prefix = "sess:"},
                              {.in = blog, .by = shared, .prefix = "sess:"}};
        door_.emplace(world_.worker(), all, std::make_shared<const setup>(settings));
    }
    [[nodiscard]] http::served_request request(std::string method, std::string path) const {
        return {.method = std::move(method),
                .host = "127.0.0.1:8081",
                .path = std::move(path),
                .query = {},
                .fields = {},
                .body = {}};
    }
    /// The status, and the answer; `id`, `body` and more fields where they are not empty.
    task<unsigned> asks(std::string method, std::string path, std::string id = {},
                        std::string body = {}, std::string field = {}, std::string value = {}) {
        auto asked = request(std::move(method), std::move(path));
        if (!id.empty()) asked.fields.emplace_back("Session-Id", id);
        if (!body.empty()) asked.fields.emplace_back("Content-Type", "application/json");
        if (!field.empty()) asked.fields.emplace_back(field, value);
        asked.body = std::move(body);
        const auto told = co_await door_->answer(asked);
        lines = told.lines;
        said = json::parse(told.body);
        co_return told.status;
    }
    /// A new session; its id.
    task<std::string> creates(std::string body) {
        const auto status = co_await asks("POST", "/v1/sessions", {}, std::move(body));
        EXPECT_EQ(status, 201u) << said;
        co_return said.value("id", "");
    }
    [[nodiscard]] std::string etag() const {
        const auto begin = lines.find("ETag: ") + 6;
        return lines.substr(begin, lines.find("\r\n", begin) - begin);
    }
    [[nodiscard]] door& served() { return *door_; }

    terms by{.session_keys = {"sess:*"},
             .idle = 30min,
             .absolute = 12h,
             .end_remembered = 60s,
             .record_bytes_max = 10'000};
    store::memory kept;
    hub all;
    std::shared_ptr<name_space> shop =
        std::make_shared<name_space>("shop", std::uint8_t{0}, crypto::siphash_key());
    std::shared_ptr<name_space> blog =
        std::make_shared<name_space>("blog", std::uint8_t{1}, crypto::siphash_key());
    setup settings{.tenancies = {}, .tokens = {}, .open_to = 0, .tls = nullptr};
    std::string lines;
    json said;

  private:
    sim::world& world_;
    std::optional<api::door> door_;
};

#define API_TEST(promise)                 \
    task<> body_of_##promise(lab& at);    \
    SIM_TEST(session_api, promise) {      \
        lab made(world);                  \
        co_await body_of_##promise(made); \
    }                                     \
    task<> body_of_##promise([[maybe_unused]] lab& at)

API_TEST(s1_creates_sessions_under_ids_of_128_bits) {
    at.begin();
    const auto one = co_await at.creates(R"({"data":{"n":1e300}})");
    const auto other = co_await at.creates("{}");
    EXPECT_EQ(one.size(), 22u);
    EXPECT_NE(one, other);
    EXPECT_EQ(at.said["durability"], "memory");
    EXPECT_EQ(co_await at.asks("GET", "/v1/session", other), 200u);
    EXPECT_EQ(at.said["data"], json::object());
    EXPECT_FALSE(at.said.contains("id"));
    EXPECT_EQ(at.said["expires_in"], 1800);
}

task<> opens_after(lab& at, std::chrono::milliseconds time) {
    (void)co_await sleep_for(time);
    at.shop->space.set_awaited(false);
}

API_TEST(until_it_is_known_what_was_kept_clients_wait_and_then_are_told) {
    at.begin();
    const auto id = co_await at.creates(R"({"user":"ann"})");
    at.shop->space.set_awaited(true);
    EXPECT_EQ(co_await at.asks("GET", "/v1/session", id), 503u);
    // Who is asked for all sessions of a user does not tell of those alone that are known.
    EXPECT_EQ(co_await at.asks("GET", "/v1/sessions", {}, {}, "Session-User", "ann"), 503u);
    scope others;
    others.spawn(opens_after(at, limits::opening_awaited / 2));
    EXPECT_EQ(co_await at.asks("GET", "/v1/session", id), 200u);
    co_await others.join();
}

API_TEST(s2_s6_an_id_that_was_not_issued_is_unknown_and_adopted_by_nothing) {
    at.begin();
    for (const std::string method : {"GET", "DELETE", "PUT", "PATCH"}) {
        const std::string body = method == "PUT" || method == "PATCH" ? R"({"data":{}})" : "";
        EXPECT_EQ(co_await at.asks(method, "/v1/session", "AAAAAAAAAAAAAAAAAAAAAA", body), 404u);
    }
    for (const std::string path : {"/v1/session/touch", "/v1/session/renew"})
        EXPECT_EQ(co_await at.asks("POST", path, "AAAAAAAAAAAAAAAAAAAAAA"), 404u);
    EXPECT_EQ(at.shop->space.held.records(), 0u);
}

API_TEST(changes_by_replacing_and_by_patching) {
    at.begin();
    const auto id = co_await at.creates(R"({"data":{"a":1,"b":{"c":1,"d":2}}})");
    EXPECT_EQ(
        co_await at.asks("PATCH", "/v1/session", id, R"({"data":{"b":{"c":null,"e":3},"f":[1]}})"),
        200u);
    EXPECT_EQ(at.said["data"], json::parse(R"({"a":1,"b":{"d":2,"e":3},"f":[1]})"));
    EXPECT_EQ(co_await at.asks("PUT", "/v1/session", id, R"({"data":{"x":1}})"), 200u);
    EXPECT_EQ(co_await at.asks("GET", "/v1/session", id), 200u);
    EXPECT_EQ(at.said["data"], json::parse(R"({"x":1})"));
}

API_TEST(t1_if_match_undoes_nobodys_change) {
    at.begin();
    const auto id = co_await at.creates(R"({"data":{"a":1}})");
    const auto seen = at.etag();
    EXPECT_EQ(co_await at.asks("PUT", "/v1/session", id, R"({"data":{"a":2}})", "If-Match", seen),
              200u);
    const auto next = at.etag();
    EXPECT_NE(seen, next);
    for (const std::string method : {"PUT", "PATCH"})
        EXPECT_EQ(
            co_await at.asks(method, "/v1/session", id, R"({"data":{"b":3}})", "If-Match", seen),
            412u);
    EXPECT_EQ(co_await at.asks("DELETE", "/v1/session", id, "", "If-Match", seen), 412u);
    EXPECT_EQ(co_await at.asks("GET", "/v1/session", id), 200u);
    EXPECT_EQ(at.said["data"], json::parse(R"({"a":2})"));
    EXPECT_EQ(at.etag(), next);
    EXPECT_EQ(co_await at.asks("PUT", "/v1/session", id, R"({"data":{}})", "If-Match", "W/\"1\""),
              400u);
    EXPECT_EQ(co_await at.asks("DELETE", "/v1/session", id, "", "If-Match", next), 200u);
}

API_TEST(t3_where_saves_are_rejected_a_change_says_what_it_is_based_on) {
    at.by.saves = save_policy::reject;
    at.begin();
    const auto id = co_await at.creates("{}");
    EXPECT_EQ(co_await at.asks("PUT", "/v1/session", id, R"({"data":{}})"), 428u);
    EXPECT_EQ(co_await at.asks("GET", "/v1/session", id), 200u);
    EXPECT_EQ(co_await at.asks("PUT", "/v1/session", id, R"({"data":{}})", "If-Match", at.etag()),
              200u);
}

API_TEST(s7_idle_time_begins_anew_by_a_touch_and_the_absolute_end_stays) {
    at.by.idle = 100s;
    at.by.absolute = 250s;
    at.begin();
    const auto id = co_await at.creates("{}");
    (void)co_await sleep_for(90s);
    EXPECT_EQ(co_await at.asks("POST", "/v1/session/touch", id), 200u);
    EXPECT_EQ(at.said["expires_in"], 100);
    (void)co_await sleep_for(90s);
    EXPECT_EQ(co_await at.asks("POST", "/v1/session/touch", id, R"({"expires_in":3600})"), 200u);
    EXPECT_EQ(at.said["expires_in"], 70);
    (void)co_await sleep_for(70s);
    EXPECT_EQ(co_await at.asks("GET", "/v1/session", id), 404u);
}

API_TEST(s5_a_renewed_session_has_a_new_id_and_the_old_one_reads_for_seconds) {
    at.begin();
    const auto old = co_await at.creates(R"({"data":{"cart":[1]}})");
    EXPECT_EQ(co_await at.asks("POST", "/v1/session/renew", old, R"({"user":"ann"})"), 201u);
    const auto id = at.said.value("id", "");
    EXPECT_NE(id, old);
    EXPECT_EQ(at.said["data"], json::parse(R"({"cart":[1]})"));
    EXPECT_EQ(at.said["has_user"], true);

    EXPECT_EQ(co_await at.asks("GET", "/v1/session", old), 200u);
    EXPECT_TRUE(at.lines.contains("Session-Renewed: true"));
    EXPECT_EQ(co_await at.asks("PUT", "/v1/session", old, R"({"data":{}})"), 404u);
    EXPECT_EQ(co_await at.asks("POST", "/v1/session/renew", old), 404u);
    EXPECT_EQ(at.shop->old_ids_seen, 0u);
    (void)co_await sleep_for(11s);
    EXPECT_EQ(co_await at.asks("GET", "/v1/session", old), 404u);
    EXPECT_EQ(at.shop->old_ids_seen, 1u);
    EXPECT_EQ(co_await at.asks("GET", "/v1/session", id), 200u);
    EXPECT_EQ(at.said["data"], json::parse(R"({"cart":[1]})"));
}

/// T8: parallel requests of one page, by a library at the RESP door.
API_TEST(t8_who_was_under_way_reads_by_the_old_id_at_other_doors_too_and_cannot_save) {
    at.begin();
    const auto old = co_await at.creates(R"({"data":{"a":1}})");
    client library(at.kept, at.shop, std::make_shared<const terms>(at.by));
    const std::string name = "sess:" + old;
    EXPECT_EQ(co_await at.asks("POST", "/v1/session/renew", old), 201u);
    const auto found = co_await library.read(name);
    EXPECT_EQ(found && *found ? (*found)->data : "-", R"({"a":1})");
    const auto done = co_await library.write(name, {.data = "{}"});
    EXPECT_EQ(*done, saved::dropped);
}

API_TEST(s8_an_end_is_final_whatever_was_under_way) {
    at.begin();
    const auto id = co_await at.creates("{}");
    client library(at.kept, at.shop, std::make_shared<const terms>(at.by));
    const std::string name = "sess:" + id;
    (void)co_await library.read(name);
    EXPECT_EQ(co_await at.asks("DELETE", "/v1/session", id), 200u);
    EXPECT_EQ(at.said, json::parse(R"({"ended":1})"));
    const auto done = co_await library.write(name, {.data = R"({"back":1})"});
    EXPECT_EQ(*done, saved::dropped);
    EXPECT_EQ(co_await at.asks("GET", "/v1/session", id), 404u);
    EXPECT_EQ(co_await at.asks("DELETE", "/v1/session", id), 404u);
}

API_TEST(s8_all_sessions_of_a_user_end_or_all_but_one_or_one_by_its_handle) {
    at.begin();
    std::vector<std::string> ids;
    for (int i = 0; i < 4; ++i) ids.push_back(co_await at.creates(R"({"user":"ann"})"));
    const auto others = co_await at.creates(R"({"user":"bob"})");
    EXPECT_EQ(co_await at.asks("GET", "/v1/sessions", "", "", "Session-User", "ann"), 200u);
    EXPECT_EQ(at.said["sessions"].size(), 4u);
    EXPECT_FALSE(at.said.dump().contains(ids[0]));
    auto asked = at.request("DELETE", "/v1/sessions");
    asked.fields = {{"Session-User", "ann"},
                    {"Session-Handle", at.said["sessions"][0]["handle"].get<std::string>()}};
    const auto told = co_await at.served().answer(asked);
    EXPECT_EQ(told.body, "{\"ended\":1}\n");
    EXPECT_EQ(co_await at.asks("GET", "/v1/session", ids[0]), 404u);

    EXPECT_EQ(co_await at.asks("DELETE", "/v1/sessions", ids[1], "", "Session-User", "ann"), 200u);
    EXPECT_EQ(at.said["ended"], 2);
    EXPECT_EQ(co_await at.asks("GET", "/v1/session", ids[1]), 200u);
    EXPECT_EQ(co_await at.asks("GET", "/v1/session", ids[2]), 404u);
    EXPECT_EQ(co_await at.asks("DELETE", "/v1/sessions", "", "", "Session-User", "ann"), 200u);
    EXPECT_EQ(at.said["ended"], 1);
    EXPECT_EQ(co_await at.asks("GET", "/v1/session", others), 200u);
}

API_TEST(s9_a_user_has_no_more_sessions_than_are_allowed) {
    at.by.user_sessions_max = 2;
    at.begin();
    const auto first = co_await at.creates(R"({"user":"ann"})");
    co_await at.creates(R"({"user":"ann"})");
    EXPECT_EQ(co_await at.asks("POST", "/v1/sessions", "", R"({"user":"ann"})"), 409u);
    const auto guest = co_await at.creates("{}");
    EXPECT_EQ(co_await at.asks("PATCH", "/v1/session", guest, R"({"user":"ann"})"), 409u);
    EXPECT_EQ(co_await at.asks("DELETE", "/v1/session", first), 200u);
    co_await at.creates(R"({"user":"ann"})");
    EXPECT_EQ(at.shop->users.size(), 2u);
}

API_TEST(s9_or_the_oldest_ends) {
    at.by.user_sessions_max = 2;
    at.by.when_user_full = user_full::end_oldest;
    at.begin();
    const auto first = co_await at.creates(R"({"user":"ann"})");
    const auto second = co_await at.creates(R"({"user":"ann"})");
    co_await at.creates(R"({"user":"ann"})");
    EXPECT_EQ(co_await at.asks("GET", "/v1/session", first), 404u);
    EXPECT_EQ(co_await at.asks("GET", "/v1/session", second), 200u);
}

/// What a library saves keeps whose session it is.
API_TEST(a_save_at_another_door_keeps_the_user) {
    at.begin();
    const auto id = co_await at.creates(R"({"user":"ann"})");
    client library(at.kept, at.shop, std::make_shared<const terms>(at.by));
    const std::string name = "sess:" + id;
    const auto done = co_await library.write(name, {.data = R"({"a":1})"});
    EXPECT_EQ(*done, saved::kept);
    EXPECT_EQ(co_await at.asks("GET", "/v1/session", id), 200u);
    EXPECT_EQ(at.said["has_user"], true);
    EXPECT_EQ(at.said["data"], json::parse(R"({"a":1})"));
}

API_TEST(what_is_no_json_is_shown_as_bytes_and_can_only_be_replaced) {
    at.begin();
    client library(at.kept, at.shop, std::make_shared<const terms>(at.by));
    (void)co_await library.write("sess:php", {.data = "n|i:1;"});
    EXPECT_EQ(co_await at.asks("GET", "/v1/session", "php"), 200u);
    EXPECT_EQ(at.said["data_base64url"], "bnxpOjE7");
    EXPECT_EQ(co_await at.asks("PATCH", "/v1/session", "php", R"({"data":{}})"), 409u);
    EXPECT_EQ(co_await at.asks("PUT", "/v1/session", "php", R"({"data":{}})"), 200u);
}

/// What libraries keep in containers is shown as what it is, and can only be replaced.
API_TEST(what_the_other_door_keeps_in_containers_is_shown) {
    at.begin();
    client library(at.kept, at.shop, std::make_shared<const terms>(at.by));
    const auto texts_as = [](holding as, const std::vector<std::string_view>& parts) {
        save made{.data = {}, .as = as};
        for (const auto each : parts) append_text(made.data, each);
        return [made](const store::record*) { return std::optional(made); };
    };
    const client::decision hash = texts_as(holding::hash, {"a", "1", "b", "2"});
    const client::decision bytes = texts_as(holding::hash, {"a", "\xff"});
    const client::decision set = texts_as(holding::set, {"a", "b"});
    const client::decision zset = [](const store::record*) {
        sorted_set made({});
        const std::vector<scored> given{{1.5, "a"}};
        (void)made.put(given, {});
        return std::optional(save{.data = made.write(), .as = holding::sorted_set});
    };
    (void)co_await library.change("sess:hash", hash);
    (void)co_await library.change("sess:bytes", bytes);
    (void)co_await library.change("sess:set", set);
    (void)co_await library.change("sess:zset", zset);

    EXPECT_EQ(co_await at.asks("GET", "/v1/session", "hash"), 200u);
    EXPECT_EQ(at.said["type"], "hash");
    EXPECT_EQ(at.said["data"], (json{{"a", "1"}, {"b", "2"}}));
    EXPECT_EQ(co_await at.asks("PATCH", "/v1/session", "hash", R"({"data":{"a":"2"}})"), 409u);
    EXPECT_EQ(co_await at.asks("POST", "/v1/session/touch", "hash", R"({"expires_in":60})"), 200u);
    EXPECT_EQ(co_await at.asks("PATCH", "/v1/session", "hash", R"({"user":"ann"})"), 200u);
    EXPECT_EQ(at.said["type"], "hash");
    EXPECT_EQ(co_await at.asks("PUT", "/v1/session", "hash", R"({"data":{"c":3}})"), 200u);
    EXPECT_FALSE(at.said.contains("type"));
    EXPECT_EQ(at.said["data"], (json{{"c", 3}}));

    EXPECT_EQ(co_await at.asks("GET", "/v1/session", "bytes"), 200u);
    EXPECT_EQ(at.said["data_base64url"], (json{{"YQ", "_w"}}));
    EXPECT_EQ(co_await at.asks("GET", "/v1/session", "set"), 200u);
    EXPECT_EQ(at.said["data"], (json{"a", "b"}));
    EXPECT_EQ(co_await at.asks("GET", "/v1/session", "zset"), 200u);
    EXPECT_EQ(at.said["data"], (json{{"a", "1.5"}}));
}

API_TEST(s19_what_ends_a_session_or_says_whose_it_is_is_audited) {
    at.begin();
    const auto id = co_await at.creates(R"({"user":"ann"})");
    const std::string handle = at.said["handle"];
    (void)co_await at.creates(R"({"data":{"secret":1}})");
    EXPECT_EQ(co_await at.asks("PATCH", "/v1/session", id, R"({"data":{"secret":2}})"), 200u);
    EXPECT_EQ(co_await at.asks("POST", "/v1/session/renew", id), 201u);
    const std::string next = at.said["id"];
    const std::string next_handle = at.said["handle"];
    EXPECT_EQ(co_await at.asks("DELETE", "/v1/session", next), 200u);
    EXPECT_EQ(co_await at.asks("DELETE", "/v1/session", next), 404u);
    (void)co_await at.creates(R"({"user":"ann"})");
    EXPECT_EQ(co_await at.asks("DELETE", "/v1/sessions", {}, {}, "Session-User", "ann"), 200u);

    const auto told = at.all.audit.take();
    std::vector<std::string> words;
    for (const auto& each : told)
        words.push_back(std::string(each.what) + " " + std::to_string(each.status));
    EXPECT_EQ(words, (std::vector<std::string>{"create 201", "renew 201", "end 200", "end 404",
                                               "create 201", "end-all 200"}));
    if (told.size() != 6) co_return;
    EXPECT_EQ(told[0].session, handle);
    EXPECT_EQ(told[0].user, at.shop->user_of("ann"));
    EXPECT_EQ(told[0].name_space, "shop");
    EXPECT_EQ(told[0].who, "local");
    EXPECT_EQ(told[1].session, next_handle);
    EXPECT_EQ(told[2].session, next_handle);
    EXPECT_EQ(told[2].ended, 1u);
    EXPECT_EQ(told[5].session, "");
    EXPECT_EQ(told[5].user, at.shop->user_of("ann"));
    EXPECT_EQ(told[5].ended, 1u);
    for (const auto& each : told) {
        EXPECT_EQ(each.session.find(id), std::string::npos);
        EXPECT_EQ(each.session.find(next), std::string::npos);
    }
}

API_TEST(s19_what_comes_faster_than_it_is_written_is_counted) {
    at.begin();
    for (std::size_t i = 0; i < limits::audited_waiting_max; ++i) at.all.audit.put({});
    EXPECT_EQ(at.all.audit.lost(), 0u);
    EXPECT_EQ(co_await at.asks("DELETE", "/v1/session", "nobody"), 404u);
    EXPECT_EQ(at.all.audit.lost(), 1u);
    EXPECT_EQ(at.all.audit.take().size(), limits::audited_waiting_max);
    EXPECT_TRUE(at.all.audit.take().empty());
}

API_TEST(s16_a_token_leads_to_its_namespace_only) {
    at.settings.open_to.reset();
    at.settings.tokens = {{crypto::sha256("token of shop"), {.tenancy = 0, .who = "shop"}},
                          {crypto::sha256("token of blog"), {.tenancy = 1, .who = "blog"}}};
    at.begin();
    EXPECT_EQ(co_await at.asks("POST", "/v1/sessions", "", "{}"), 401u);
    EXPECT_EQ(co_await at.asks("POST", "/v1/sessions", "", "{}", "Authorization", "Bearer wrong"),
              401u);
    EXPECT_EQ(
        co_await at.asks("POST", "/v1/sessions", "", "{}", "Authorization", "Bearer token of shop"),
        201u);
    const std::string id = at.said["id"];
    EXPECT_EQ(
        co_await at.asks("GET", "/v1/session", id, "", "Authorization", "Bearer token of blog"),
        404u);
    EXPECT_EQ(
        co_await at.asks("GET", "/v1/session", id, "", "Authorization", "Bearer token of shop"),
        200u);
    for (int i = 0; i < 9; ++i)
        EXPECT_EQ(co_await at.asks("GET", "/v1/session", id, "", "Authorization", "Bearer wrong"),
                  401u);
    EXPECT_EQ(
        co_await at.asks("GET", "/v1/session", id, "", "Authorization", "Bearer token of shop"),
        429u);
}

API_TEST(e170_pages_of_browsers_are_refused) {
    at.begin();
    EXPECT_EQ(co_await at.asks("POST", "/v1/sessions", "", "{}", "Origin", "http://evil.example"),
              403u);
    EXPECT_EQ(co_await at.asks("GET", "/v1/openapi.json", "", "", "Sec-Fetch-Site", "none"), 403u);
    auto asked = at.request("GET", "/v1/openapi.json");
    asked.host = "rebound.example";
    EXPECT_EQ((co_await at.served().answer(asked)).status, 403u);
}

API_TEST(what_is_wrong_is_told_and_changes_nothing) {
    at.begin();
    const auto id = co_await at.creates("{}");
    const std::vector<std::pair<std::string, unsigned>> bodies = {
        {"{", 400},
        {"[]", 400},
        {R"({"data":[]})", 400},
        {R"({"data":{"a":1,"a":2}})", 400},
        {R"({"data":{},"more":1})", 400},
        {R"({"data":{},"user":1})", 400},
        {R"({"data":{},"expires_in":0})", 400},
        {R"({"data":{},"expires_in":1.5})", 400},
        {R"({"user":"ann"})", 400},
        {R"({"data":{"a":")" + std::string(10'000, 'x') + R"("}})", 413}};
    for (const auto& [body, status] : bodies)
        EXPECT_EQ(co_await at.asks("PUT", "/v1/session", id, body), status) << body.substr(0, 60);
    EXPECT_EQ(co_await at.asks("PUT", "/v1/session", "a/b", R"({"data":{}})"), 400u);
    EXPECT_EQ(co_await at.asks("PUT", "/v1/session", "", R"({"data":{}})"), 400u);
    EXPECT_EQ(co_await at.asks("POST", "/v1/session", id, R"({"data":{}})"), 405u);
    EXPECT_EQ(co_await at.asks("GET", "/v2/session", id), 404u);
    EXPECT_EQ(co_await at.asks("GET", "/v1/sessions"), 400u);
    EXPECT_EQ(co_await at.asks("DELETE", "/v1/session", id, "{}"), 400u);
    EXPECT_EQ(co_await at.asks("GET", "/v1/session", id), 200u);
    EXPECT_EQ(at.said["data"], json::object());
}

API_TEST(s18_a_full_namespace_takes_no_more) {
    at.shop->space.held.set_room({.records = 1});
    at.begin();
    const auto id = co_await at.creates("{}");
    EXPECT_EQ(co_await at.asks("POST", "/v1/sessions", "", R"({"user":"ann"})"), 507u);
    EXPECT_EQ(at.shop->users.size(), 0u);
    EXPECT_EQ(co_await at.asks("GET", "/v1/session", id), 200u);
}

API_TEST(the_document_names_every_action) {
    at.begin();
    EXPECT_EQ(co_await at.asks("GET", "/v1/openapi.json"), 200u);
    for (const auto& each : door::actions()) {
        std::string method(each.method);
        for (char& c : method) c = char(c + ('a' - 'A'));
        EXPECT_EQ(at.said["paths"][std::string(each.path)][method]["operationId"], each.name);
    }
}

}  // namespace
}  // namespace hawser::sessions::api
