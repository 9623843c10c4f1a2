// SPDX-License-Identifier: Apache-2.0
#include "io/dns.h"

#include <gtest/gtest.h>

#include "async/scope.h"
#include "async/stop.h"
#include "io/epoll/epoll_engine.h"
#include "io/name_server.h"
#include "io/worker.h"

namespace hawser::io {
namespace {

using namespace std::chrono_literals;
using answers = std::vector<result<dns_answer>>;

/// Asks, and takes turns until all is answered.
answers ask(const dns_terms& terms, std::vector<dns_question> questions,
            stop_source* stop = nullptr) {
    worker on(0, make_epoll_engine().value());
    answers got;
    const context conditions{.stop = stop};
    scope root(conditions);
    root.spawn([](worker& w, dns_terms t, std::vector<dns_question> q, answers& into) -> task<> {
        into = co_await ask_dns(w.io(), std::move(t), std::move(q));
    }(on, terms, std::move(questions), got));
    if (stop != nullptr) {
        on.turn();
        stop->stop();
    }
    on.run_until([&] { return root.running() == 0; });
    return got;
}

dns_terms of(const name_server& server) {
    return {.servers = {server.address()}, .timeout = 50ms, .tries = 2};
}

TEST(dns, answers_all_questions_in_their_order) {
    name_server server;
    server.say("a.internal", 1, dns_reply().address("10.0.0.1", 30));
    server.say("b.internal", 28, dns_reply().address("2001:db8::2"));
    server.say("_http._tcp.c.internal", 33, dns_reply().service("d.internal", 80));

    const auto got = ask(of(server), {{"a.internal.", dns_type::a},
                                      {"b.internal.", dns_type::aaaa},
                                      {"_http._tcp.c.internal.", dns_type::srv}});

    ASSERT_EQ(got.size(), 3u);
    EXPECT_EQ(got[0]->addresses, std::vector{*ip_address::parse("10.0.0.1")});
    EXPECT_EQ(got[0]->ttl, 30s);
    EXPECT_EQ(got[1]->addresses, std::vector{*ip_address::parse("2001:db8::2")});
    EXPECT_EQ(got[2]->services, (std::vector{dns_service{"d.internal", 80, 0, 0}}));
}

TEST(dns, tells_what_does_not_exist_from_what_nobody_can_say) {
    name_server server;
    server.say("none.internal", 1, dns_reply());
    server.say("broken.internal", 1, dns_reply::failure());
    server.say("silent.internal", 1, std::nullopt);

    const auto got = ask(of(server), {{"no-such.internal.", dns_type::a},
                                      {"none.internal.", dns_type::a},
                                      {"broken.internal.", dns_type::a},
                                      {"silent.internal.", dns_type::a}});

    ASSERT_EQ(got.size(), 4u);
    EXPECT_TRUE(got[0].has_value() && got[0]->is_empty());
    EXPECT_TRUE(got[1].has_value() && got[1]->is_empty());
    ASSERT_FALSE(got[2].has_value());
    EXPECT_EQ(got[2].error().code, errc::unavailable);
    ASSERT_FALSE(got[3].has_value());
    EXPECT_EQ(got[3].error().code, errc::timed_out);
    EXPECT_EQ(server.asked("silent.internal", 1), 2u);
}

TEST(dns, asks_the_next_server_when_one_is_not_there) {
    name_server server;
    server.say("a.internal", 1, dns_reply().address("10.0.0.1"));
    auto terms = of(server);
    terms.servers.insert(terms.servers.begin(), *endpoint::parse("127.0.0.1:1"));

    const auto got = ask(terms, {{"a.internal.", dns_type::a}});

    EXPECT_EQ(got[0]->addresses, std::vector{*ip_address::parse("10.0.0.1")});
}

TEST(dns, gives_up_at_once_when_it_is_stopped) {
    name_server server;
    server.say("silent.internal", 1, std::nullopt);
    stop_source stop;

    const auto got = ask({.servers = {server.address()}, .timeout = 1h, .tries = 1},
                         {{"silent.internal.", dns_type::a}}, &stop);

    ASSERT_EQ(got.size(), 1u);
    ASSERT_FALSE(got[0].has_value());
    EXPECT_EQ(got[0].error().code, errc::cancelled);
}

TEST(dns, asks_nobody_when_there_is_nothing_to_ask) {
    name_server server;
    EXPECT_TRUE(ask(of(server), {}).empty());
}

}  // namespace
}  // namespace hawser::io
