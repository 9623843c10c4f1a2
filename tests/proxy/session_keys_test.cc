// SPDX-License-Identifier: Apache-2.0
// Sessions that are known by what the request shows or the server says, without a mark of ours.

#include <gtest/gtest.h>

#include <deque>
#include <set>

#include "affinity/header.h"
#include "affinity/query.h"
#include "async/sleep.h"
#include "base/limits.h"
#include "proxy/shop.h"

namespace hawser::proxy {
namespace {

using affinity::choice;
using namespace std::chrono_literals;

/// A kind with these settings, as a configuration chooses it.
template <typename Kind>
choice made(std::string_view name, typename Kind::settings given) {
    return {choice(name).chosen(), std::make_shared<const typename Kind::settings>(given)};
}

choice by_field(bool learns = true) {
    return made<affinity::header>("header", {.name = "X-Session", .learn = learns});
}

/// A shop whose sessions are known by these affinities.
class keyed_shop : public lab {
  public:
    keyed_shop(sim::world& world, std::vector<choice> by) : lab(world, {"blue", "green", "red"}) {
        has_affinity = true;
        affinities = std::move(by);
        open();
    }

    /// One request with these field lines; `told` and `server` are what came of it.
    task<> ask(std::string lines, std::string target = "/") {
        visitor who;
        who.sends_raw("GET " + target + " HTTP/1.1\r\nHost: shop.example\r\n" + lines + "\r\n");
        co_await visit(who);
        take(who);
    }

    void take(const visitor& who) {
        received = who.received().empty() ? "" : who.received().front();
        const std::string field = who.heads().empty() ? "" : who.field("Hawser-Verdict");
        const auto split = field.find("; server=");
        told = field.substr(0, split);
        server = split == field.npos ? "" : field.substr(split + 9);
        mark = who.heads().empty() ? "" : who.mark();
    }

    /// From now on every server's answers say this of the session.
    void answers_say(const std::string& lines) {
        for (const auto* name : {"blue", "green", "red"})
            lab::server(name).answer =
                "HTTP/1.1 200 OK\r\n" + lines + "Content-Length: 2\r\n\r\nhi";
    }

    std::string told;
    std::string server;
    std::string mark;
    std::string received;
};

/// Another process that serves the same sessions hears of all that has changed, but only then.
task<> hears_in(steady_time::duration time, registry::registry& all, bool& has_heard) {
    (void)co_await sleep_for(time);
    has_heard = true;
    EXPECT_TRUE(all.rounds().hear(all.rounds().begin()));
}

SIM_TEST(session_keys, an_answer_waits_until_another_process_knows_its_session) {
    keyed_shop shop(world, {by_field()});
    shop.sessions().note_changes();
    shop.sessions().rounds().open();
    for (const char* word : {"", "X-Session: 4711\r\n", "Hawser-Session: end\r\n"}) {
        shop.answers_say(word);
        scope beside;
        bool has_heard = false;
        beside.spawn(hears_in(100ms, shop.sessions(), has_heard));
        co_await shop.ask("X-Session: ann\r\n");
        EXPECT_TRUE(has_heard) << word;
        co_await beside.join();
    }
    co_await shop.close();
}

SIM_TEST(session_keys, an_answer_that_changes_nothing_waits_for_no_other_process) {
    keyed_shop shop(world, {by_field()});
    co_await shop.ask("X-Session: ann\r\n");
    shop.sessions().note_changes();
    shop.sessions().rounds().open();
    scope beside;
    bool has_heard = false;
    beside.spawn(hears_in(100ms, shop.sessions(), has_heard));
    co_await shop.ask("X-Session: ann\r\n");
    EXPECT_FALSE(has_heard);
    co_await beside.join();
    co_await shop.close();
}

SIM_TEST(session_keys, an_answer_waits_for_no_process_that_hangs) {
    keyed_shop shop(world, {by_field()});
    shop.sessions().note_changes();
    shop.sessions().rounds().open();
    const auto began = world.io().clock().steady;
    co_await shop.ask("X-Session: ann\r\n");
    EXPECT_EQ(shop.told, "new; cause=unknown-key");
    const auto first = world.io().clock().steady - began;
    EXPECT_GE(first, limits::upgrade_answer_wait);
    for (int n = 0; n < 5; ++n) co_await shop.ask("X-Session: ann-" + std::to_string(n) + "\r\n");
    EXPECT_LT(world.io().clock().steady - began, 2 * first) << "one has waited for all";
    co_await shop.close();
}

SIM_TEST(session_keys, a_field_of_the_request_leads_home) {
    keyed_shop shop(world, {by_field()});
    co_await shop.ask("X-Session: ann\r\n");
    EXPECT_EQ(shop.told, "new; cause=unknown-key");
    EXPECT_EQ(shop.mark, "");
    const std::string home = shop.server;
    for (int n = 0; n < 5; ++n) {
        co_await shop.ask("X-Session: ann\r\n");
        EXPECT_EQ(shop.told, "hit");
        EXPECT_EQ(shop.server, home);
    }
    std::set<std::string> others;
    for (const char* name : {"bob", "cy", "dee"}) {
        co_await shop.ask("X-Session: " + std::string(name) + "\r\n");
        others.insert(shop.server);
    }
    EXPECT_EQ(others.size(), 3u);
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(session_keys, requests_without_a_key_are_sessions_of_their_own_and_fill_nothing) {
    keyed_shop shop(world, {by_field()});
    std::set<std::string> servers;
    for (int n = 0; n < 3; ++n) {
        co_await shop.ask("");
        EXPECT_EQ(shop.told, "new; cause=no-key");
        servers.insert(shop.server);
    }
    EXPECT_EQ(servers.size(), 3u);
    EXPECT_EQ(shop.sessions().counts().tentative, 0u);
    EXPECT_EQ(shop.sessions().counts().unregistered, 0u);
    co_await shop.close();
}

SIM_TEST(session_keys, e160_parallel_first_requests_of_one_key_have_one_home) {
    keyed_shop shop(world, {by_field()});
    std::deque<visitor> clients(8);
    for (auto& each : clients)
        each.sends_raw("GET / HTTP/1.1\r\nHost: shop.example\r\nX-Session: ann\r\n\r\n");
    co_await shop.visit_together(clients);
    std::set<std::string> servers;
    for (const auto& each : clients) {
        shop.take(each);
        servers.insert(shop.server);
    }
    EXPECT_EQ(servers.size(), 1u);
    co_await shop.close();
}

SIM_TEST(session_keys, a_key_that_the_server_gives_with_its_answer_is_known_from_then_on) {
    keyed_shop shop(world, {by_field()});
    shop.answers_say("X-Session: 4711\r\n");
    co_await shop.ask("");
    EXPECT_EQ(shop.told, "new; cause=no-key");
    const std::string home = shop.server;
    shop.answers_say("");
    for (int n = 0; n < 4; ++n) {
        co_await shop.ask("X-Session: 4711\r\n");
        EXPECT_EQ(shop.told, "hit");
        EXPECT_EQ(shop.server, home);
    }
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(session_keys, a_session_that_its_server_renames_stays_at_home) {
    keyed_shop shop(world, {by_field()});
    co_await shop.ask("X-Session: before\r\n");
    const std::string home = shop.server;
    shop.answers_say("X-Session: after\r\n");
    co_await shop.ask("X-Session: before\r\n");
    shop.answers_say("");
    for (const char* id : {"after", "before", "after"}) {
        co_await shop.ask("X-Session: " + std::string(id) + "\r\n");
        EXPECT_EQ(shop.told, "hit");
        EXPECT_EQ(shop.server, home);
    }
    EXPECT_EQ(shop.sessions().counts().established, 1u);
    shop.sessions().verify();
    co_await shop.close();
}

SIM_TEST(session_keys, what_clients_send_teaches_nobody_where_learning_is_off) {
    keyed_shop shop(world, {by_field(false)});
    shop.answers_say("X-Session: 4711\r\n");
    co_await shop.ask("");
    co_await shop.ask("X-Session: 4711\r\n");
    EXPECT_EQ(shop.told, "new; cause=unknown-key");
    co_await shop.close();
}

SIM_TEST(session_keys, all_keys_that_a_session_shows_share_one_binding) {
    keyed_shop shop(
        world, {choice("cookie"), by_field(), made<affinity::query>("query", {.name = "user"})});
    co_await shop.ask("");
    const std::string home = shop.server;
    const std::string cookie = "Cookie: " + shop.mark + "\r\n";
    co_await shop.ask(cookie + "X-Session: ann\r\n");
    EXPECT_EQ(shop.told, "hit");
    co_await shop.ask("X-Session: ann\r\n", "/?user=7");
    EXPECT_EQ(shop.told, "hit");
    EXPECT_EQ(shop.server, home);
    EXPECT_NE(shop.mark, "") << "without its mark, the session gets one again";
    co_await shop.ask("", "/?user=7");
    EXPECT_EQ(shop.told, "hit");
    EXPECT_EQ(shop.server, home);
    EXPECT_EQ(shop.sessions().counts().established, 1u);
    EXPECT_EQ(shop.sessions().counts().tentative, 0u);
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(session_keys, a_mark_that_is_given_beside_another_key_leads_to_the_same_session) {
    keyed_shop shop(world, {choice("cookie"), by_field()});
    co_await shop.ask("X-Session: ann\r\n");
    const std::string home = shop.server;
    EXPECT_NE(shop.mark, "");
    co_await shop.ask("Cookie: " + shop.mark + "\r\n");
    EXPECT_EQ(shop.told, "hit");
    EXPECT_EQ(shop.server, home);
    const auto counts = shop.sessions().counts();
    EXPECT_EQ(counts.established + counts.tentative, 1u);
    co_await shop.close();
}

SIM_TEST(session_keys, clients_of_one_address_begin_where_the_first_one_lives) {
    keyed_shop shop(world, {choice("cookie"), choice("source-address")});
    co_await shop.ask("");
    const std::string home = shop.server;
    const std::string first = shop.mark;
    for (int n = 0; n < 3; ++n) {
        co_await shop.ask("");
        EXPECT_EQ(shop.told, "new; cause=no-key");
        EXPECT_EQ(shop.server, home);
        EXPECT_NE(shop.mark, first);
    }
    EXPECT_EQ(shop.sessions().counts().tentative, 4u);
    co_await shop.close();
}

SIM_TEST(session_keys, an_address_alone_is_one_session) {
    keyed_shop shop(world, {choice("source-address")});
    co_await shop.ask("");
    EXPECT_EQ(shop.told, "new; cause=unknown-key");
    const std::string home = shop.server;
    for (int n = 0; n < 3; ++n) {
        co_await shop.ask("");
        EXPECT_EQ(shop.told, "hit");
        EXPECT_EQ(shop.server, home);
    }
    co_await shop.close();
}

SIM_TEST(session_keys, a_session_by_its_key_moves_once_when_its_home_is_down) {
    keyed_shop shop(world, {by_field()});
    for (const auto* name : {"blue", "green", "red"}) shop.lab::server(name).closes = true;
    co_await shop.ask("X-Session: ann\r\n");
    const std::string first = shop.server;
    shop.refuse(first);
    co_await shop.ask("X-Session: ann\r\n");
    EXPECT_EQ(shop.told, "moved; cause=home-down");
    const std::string second = shop.server;
    shop.refuse(first, false);
    co_await shop.ask("X-Session: ann\r\n");
    EXPECT_EQ(shop.told, "hit");
    EXPECT_EQ(shop.server, second);
    co_await shop.close();
}

SIM_TEST(session_keys, who_must_have_a_key_and_has_none_is_refused) {
    keyed_shop shop(world,
                    {made<affinity::header>(
                        "header", {.name = "X-Session", .missing = affinity::if_missing::refuse})});
    co_await shop.ask("");
    EXPECT_EQ(shop.received, "400");
    EXPECT_EQ(shop.verdicts(affinity::verdict::refused, affinity::cause::no_key), 1u);
    co_await shop.ask("X-Session: a\r\nX-Session: b\r\n");
    EXPECT_EQ(shop.received, "400");
    co_await shop.ask("X-Session: ann\r\n");
    EXPECT_EQ(shop.told, "new; cause=unknown-key");
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(session_keys, a_source_names_so_many_new_sessions_and_more_are_served_unremembered) {
    keyed_shop shop(world, {by_field()});
    // Many at once: in the time that all would take one after the other, more may come again.
    constexpr unsigned at_once = 20;  // for whom the servers have places
    for (unsigned sent = 0; sent < limits::new_keys_of_source_burst + 200; sent += at_once) {
        std::deque<visitor> clients(at_once);
        for (unsigned n = 0; n < at_once; ++n)
            clients[n].sends_raw("GET / HTTP/1.1\r\nHost: shop.example\r\nX-Session: k" +
                                 std::to_string(sent + n) + "\r\n\r\n");
        co_await shop.visit_together(clients);
        for (const auto& each : clients) {
            shop.take(each);
            EXPECT_EQ(shop.told, "new; cause=unknown-key") << "whoever is beyond it is served too";
        }
    }
    std::uint64_t unremembered = 0;
    shop.station().counters.limits_reached.for_each([&](auto limit, auto, auto count) {
        if (limit == "session-keys-of-source") unremembered += count;
    });
    EXPECT_GT(unremembered, 0u);
    EXPECT_LE(unremembered, 200u);

    EXPECT_TRUE((co_await sleep_for(1s)).has_value());
    for (const char* told : {"new; cause=unknown-key", "hit"}) {
        co_await shop.ask("X-Session: later\r\n");
        EXPECT_EQ(shop.told, told);
    }
    co_await shop.close();
}

}  // namespace
}  // namespace hawser::proxy
