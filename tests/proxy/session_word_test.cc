// SPDX-License-Identifier: Apache-2.0
#include "proxy/session_word.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/limits.h"
#include "proxy/crowded.h"
#include "upstream/instance.h"

namespace hawser::proxy {
namespace {

using namespace std::chrono_literals;

session_word heard(std::string_view said) {
    session_word word;
    word.take(said);
    return word;
}

TEST(session_word, says_what_is_to_become_of_a_session) {
    EXPECT_TRUE(heard("end").ends);
    EXPECT_EQ(heard("extend=3600").extends, 1h);
    EXPECT_TRUE(heard("move").moves);
    EXPECT_EQ(heard("move").successor, "");
    EXPECT_TRUE(heard("move=blue").moves);
    EXPECT_EQ(heard("move=blue").successor, "blue");
    EXPECT_EQ(heard("may-move").may_move, true);
    EXPECT_EQ(heard("may-not-move").may_move, false);
    EXPECT_EQ(heard("valuable").is_valuable, true);
    EXPECT_EQ(heard("ordinary").is_valuable, false);
    EXPECT_TRUE(heard("accept").accepts);
    EXPECT_FALSE(heard("accept=all").accepts);
}

TEST(session_word, may_be_several) {
    auto word = heard("may-move , extend=60");
    word.take("\tmove=b");
    EXPECT_EQ(word.may_move, true);
    EXPECT_EQ(word.extends, 60s);
    EXPECT_EQ(word.successor, "b");
}

TEST(session_word, that_nobody_understands_says_nothing) {
    for (const auto* said :
         {"", ",", " , ", "End", "ended", "end=1", "extend", "extend=", "extend=1h", "extend=-1",
          "extend= 1", "move=", "may-move=1", "=", "=x", "extend=0", "stay"})
        EXPECT_TRUE(heard(said).is_silent()) << said;
}

TEST(session_word, extends_by_no_more_than_bindings_last) {
    EXPECT_EQ(heard("extend=4294967295").extends, limits::binding_age_max);
    EXPECT_EQ(heard("extend=99999999999999999999").extends, limits::binding_age_max);
}

TEST(server_words, are_found_by_fields_in_any_letter_case) {
    http::field_list fields;
    const auto add = [&](std::string_view name, std::string_view value) {
        fields.add({.name = name, .value = value, .line = {}, .id = http::field_id_of(name)});
    };
    add("Server", "x");
    add("Hawser-Other", "end");
    EXPECT_FALSE(server_words::in(fields).instance);
    EXPECT_TRUE(server_words::in(fields).session.is_silent());
    add("hawser-INSTANCE", "7");
    add("Hawser-session", "end");
    add("hawser-session", "extend=5");
    const auto found = server_words::in(fields);
    EXPECT_EQ(found.instance, upstream::instance_mark("7"));
    EXPECT_TRUE(found.session.ends);
    EXPECT_EQ(found.session.extends, 5s);
}

// ---- what becomes of it ---------------------------------------------------------------------

/// A shop whose servers say something of their sessions.
class spoken final : public crowded {
  public:
    explicit spoken(sim::world& world) : crowded(world) {
        for (const auto* name : {"blue", "green", "red"}) known(name).places.set_maximum(8);
    }

    void say(const std::string& word, const std::string& more = {}) {
        for (const auto* name : {"blue", "green", "red"})
            lab::server(name).answer = "HTTP/1.1 200 OK\r\nHAWSER-session: " + word + "\r\n" +
                                       more + "Content-Length: 2\r\n\r\nhi";
    }
    void say_nothing() {
        for (const auto* name : {"blue", "green", "red"})
            lab::server(name).answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
    }
};

SIM_TEST(session_word, is_for_no_client_and_from_none) {
    spoken shop(world);
    co_await shop.settle();
    shop.say("may-move");
    visitor who;
    who.sends_raw("GET / HTTP/1.1\r\nHost: shop.example\r\nCookie: " + shop.mark +
                  "\r\nHawser-Session: end\r\n\r\n");
    co_await shop.visit(who);
    EXPECT_EQ(who.field("Hawser-Session"), "");
    for (const auto& each : shop.requests())
        EXPECT_THAT(each.head, testing::Not(testing::HasSubstr("awser-Session")));
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "hit");
    co_await shop.close();
}

SIM_TEST(session_word, end_takes_the_mark_back_and_the_next_request_begins_anew) {
    spoken shop(world);
    co_await shop.settle();
    const std::string before = shop.mark;
    shop.say("end");
    visitor who;
    who.cookie = before;
    who.sends("/");
    co_await shop.visit(who);
    EXPECT_THAT(who.field("Set-Cookie"), testing::HasSubstr("=; Max-Age=0"));
    EXPECT_EQ(shop.sessions().counts().established, 0u);

    shop.say_nothing();
    co_await shop.ask();
    EXPECT_EQ(shop.told, "new; cause=no-key");
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(session_word, end_with_a_first_request_gives_no_mark) {
    spoken shop(world);
    shop.say("end");
    co_await shop.ask();
    EXPECT_EQ(shop.told, "new; cause=no-key");
    EXPECT_FALSE(shop.was_marked);
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(session_word, move_gives_it_another_home_with_that_answer) {
    spoken shop(world);
    co_await shop.settle();
    shop.say("move");
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "moved; cause=application");
    EXPECT_EQ(shop.server, shop.home);
    EXPECT_TRUE(shop.was_marked);
    shop.say_nothing();
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "hit");
    EXPECT_NE(shop.server, shop.home);
    EXPECT_EQ(shop.moves(affinity::cause::application), 1u);
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(session_word, move_goes_to_the_successor_that_is_named_if_that_takes_it) {
    spoken shop(world);
    co_await shop.settle();
    const std::string next = shop.home == "red" ? "blue" : "red";
    shop.say("move=" + next);
    co_await shop.ask(shop.mark);
    shop.say_nothing();
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "hit");
    EXPECT_EQ(shop.server, next);

    shop.say("move=" + shop.home);
    shop.known(shop.home).set_state(upstream::admin_state::drain);
    co_await shop.ask(shop.mark);
    shop.say("move=nobody");
    co_await shop.ask(shop.mark);
    shop.say_nothing();
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "hit");
    EXPECT_NE(shop.server, shop.home);
    co_await shop.close();
}

SIM_TEST(session_word, move_is_nothing_where_there_is_nobody_else) {
    spoken shop(world);
    co_await shop.settle();
    for (const auto* name : {"blue", "green", "red"})
        if (name != shop.home) shop.known(name).set_state(upstream::admin_state::drain);
    shop.say("move");
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "hit");
    EXPECT_FALSE(shop.was_marked);
    co_await shop.close();
}

SIM_TEST(session_word, extend_keeps_it_longer_than_its_idle_limit) {
    spoken shop(world);
    shop.sessions().configure(pool_id_of("shop"), {.idle = 30min, .absolute = 12h});
    co_await shop.settle();
    shop.say("extend=7200");
    co_await shop.ask(shop.mark);
    shop.say_nothing();
    co_await shop.pass(110min);
    shop.sessions().sweep(shop.now(), 10'000);
    co_await shop.ask(shop.mark);  // its mark is past its ttl
    EXPECT_EQ(shop.told, "hit");
    EXPECT_TRUE(shop.was_marked);
    co_await shop.pass(31min);
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "new; cause=expired");
    co_await shop.close();
}

SIM_TEST(session_word, may_move_frees_it_for_a_drain_until_it_may_not) {
    spoken shop(world);
    co_await shop.settle();
    shop.say("may-move");
    co_await shop.ask(shop.mark);
    shop.say_nothing();
    auto& home = shop.known(shop.home);
    home.set_state(upstream::admin_state::drain);
    home.leaving.set({});  // who is active may finish
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "moved; cause=drained");

    const std::string second = shop.server;
    shop.say("may-not-move");
    co_await shop.ask(shop.mark);
    shop.say_nothing();
    shop.known(second).set_state(upstream::admin_state::drain);
    shop.known(second).leaving.set({});
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "hit");
    co_await shop.close();
    shop.expect_nothing_left();
}

SIM_TEST(session_word, may_move_makes_no_generation_stale) {
    spoken shop(world);
    co_await shop.settle();
    shop.say("may-move");
    co_await shop.ask(shop.mark);
    shop.say_nothing();
    EXPECT_TRUE(shop.known(shop.home).health.take_down());
    co_await shop.pass(2s);
    EXPECT_TRUE(shop.known(shop.home).health.raise(world.io().clock().wall, true));
    co_await shop.ask(shop.mark);
    EXPECT_EQ(shop.told, "hit");
    EXPECT_EQ(shop.server, shop.home);
    co_await shop.close();
}

}  // namespace
}  // namespace hawser::proxy
