// SPDX-License-Identifier: Apache-2.0
#include "app/server_news.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "upstream/fleet.h"

namespace hawser::app {
namespace {

using namespace std::chrono_literals;
using fitness = state::finding::fitness;
using side = server_news::side;

/// One of the two processes: a pool `shop` with servers `a` and `b`, and what it says of them.
struct process {
    explicit process(std::uint32_t places = 0, const upstream::pool_settings& by = {}) {
        upstream::pool_description described{.name = "shop", .settings = by, .servers = {}};
        configuration written;
        for (const auto* name : {"a", "b"}) {
            described.servers.push_back({.name = name,
                                         .address = io::endpoint::parse("127.0.0.1:80").value(),
                                         .connections_max = places,
                                         .reports_weight = true});
            auto& server = written.pools["shop"].servers[name];
            if (places != 0) server.max_connections = config::switchable<std::uint32_t>(places);
        }
        (void)fleet.change_to({&described, 1});
        settings = effective(std::move(written));
    }

    void begin(side as) { news.begin(as, *fleet.current(), settings); }
    upstream::server& a() { return *fleet.current()->pools.front()->find("a"); }

    upstream::fleet fleet{1};
    effective settings = configuration();
    server_news news;
};

/// Both, and the way between them; `old` retires, and `next` serves.
struct upgrade {
    explicit upgrade(std::uint32_t places = 0, const upstream::pool_settings& next_by = {})
        : old(places), next(places, next_by), ends(state::channel::make().value()) {}

    void hand_over() {
        old.begin(side::old_one);
        next.begin(side::new_one);
        tell_new();
        next.news.decide(true);
        old.news.decide(false);
        exchange();
    }

    /// Reads what was said, if anything was. By its end who tells has rested.
    static void hear(process& by, state::channel& from) {
        while (auto told = from.receive(read_clocks().steady + 1ms))
            ASSERT_TRUE(by.news.take(*told));
    }
    void tell_new() {
        ASSERT_TRUE(say(old, ends.first));
        hear(next, ends.second);
    }
    void tell_old() {
        ASSERT_TRUE(say(next, ends.second));
        hear(old, ends.first);
    }
    static result<> say(process& by, state::channel& over) {
        return by.news.tell(over, read_clocks().steady + 10s);
    }
    /// Until both have nothing more to say.
    void exchange() {
        for (int i = 0; i < 8; ++i) {
            tell_new();
            tell_old();
        }
    }

    process old;
    process next;
    std::pair<state::channel, state::channel> ends;
};

steady_time in_a_minute() { return read_clocks().steady + 1min; }

TEST(server_news, tells_before_the_handover_what_the_old_process_knows) {
    upgrade both;
    both.old.a().health.take_down();
    both.old.a().weights.report(30);
    both.old.a().ask_for(upstream::admin_state::drain);
    both.hand_over();
    EXPECT_TRUE(both.next.a().health.is_down());
    EXPECT_EQ(both.next.a().weights.reported(), 30U);
    EXPECT_EQ(both.next.a().state(), upstream::admin_state::drain);
}

TEST(server_news, tells_that_a_server_has_passed_a_check) {
    upgrade both;
    both.old.a().has_passed_checks = true;
    both.hand_over();
    EXPECT_TRUE(both.next.a().has_passed_checks);
    EXPECT_FALSE(both.next.fleet.current()->pools.front()->find("b")->has_passed_checks);
}

TEST(server_news, leaves_no_server_out_where_nobody_would_let_it_in_again) {
    for (const bool is_checked : {true, false}) {
        upgrade both(0, {.passive = {.is_on = false}, .is_checked = is_checked});
        both.old.a().health.take_out(in_a_minute());
        both.hand_over();
        EXPECT_EQ(both.next.a().health.is_up(), !is_checked);
    }
}

TEST(server_news, has_the_old_process_go_by_what_the_new_one_finds) {
    upgrade both;
    both.hand_over();
    both.next.a().health.take_down();
    both.next.a().weights.report(20);
    both.exchange();
    EXPECT_TRUE(both.old.a().health.is_down());
    EXPECT_EQ(both.old.a().weights.reported(), 20U);

    const wall_time when(std::chrono::milliseconds(1'700'000'000'000));
    both.next.a().health.raise(when, true);
    both.exchange();
    EXPECT_TRUE(both.old.a().health.is_up());
    EXPECT_EQ(both.old.a().health.came_back(), when) << "sessions of before are stale in both";
}

TEST(server_news, has_the_new_process_heed_the_traffic_of_the_old_one) {
    upgrade both;
    both.hand_over();
    const auto until = in_a_minute();
    both.old.a().health.take_out(until);
    both.exchange();
    EXPECT_FALSE(both.next.a().health.is_up());
    EXPECT_EQ(both.next.a().health.out_until(), until);
}

TEST(server_news, does_not_let_traffic_raise_what_checks_have_taken_down) {
    upgrade both;
    both.hand_over();
    both.old.a().health.take_out(read_clocks().steady);
    both.exchange();
    both.next.a().health.take_down();  // as the trial below is under way
    ASSERT_TRUE(both.old.a().health.take_trial(read_clocks().steady));
    ASSERT_TRUE(both.old.a().health.bring_back(read_clocks().wall, false));
    both.exchange();
    EXPECT_TRUE(both.next.a().health.is_down());
    EXPECT_TRUE(both.old.a().health.is_down());
}

TEST(server_news, ends_the_same_where_words_have_crossed) {
    upgrade both;
    both.hand_over();
    both.next.a().health.take_out(in_a_minute());
    both.exchange();
    // The new one has let it in again, while in the old one a trial has failed.
    both.next.a().health.undo_take_out();
    ASSERT_TRUE(upgrade::say(both.next, both.ends.second));
    both.old.a().health.undo_take_out();
    both.old.a().health.take_out(in_a_minute());
    both.exchange();
    EXPECT_EQ(both.old.a().health.is_up(), both.next.a().health.is_up());
}

TEST(server_news, has_each_outage_that_the_old_process_finds_heeded) {
    upgrade both;
    both.hand_over();
    for (int i = 0; i < 3; ++i) {
        both.old.a().health.take_out(in_a_minute());
        both.exchange();
        EXPECT_FALSE(both.next.a().health.is_up());
        both.next.a().health.raise({}, false);
        both.exchange();
        EXPECT_TRUE(both.old.a().health.is_up());
    }
}

TEST(server_news, has_an_outage_heeded_that_was_found_during_the_handover) {
    upgrade both;
    both.old.begin(side::old_one);
    both.next.begin(side::new_one);
    both.tell_new();
    both.next.news.decide(true);
    both.old.a().health.take_out(in_a_minute());
    ASSERT_TRUE(upgrade::say(both.next, both.ends.second)) << "that it is up";
    both.old.news.decide(false);
    upgrade::hear(both.old, both.ends.first);
    both.exchange();
    EXPECT_FALSE(both.next.a().health.is_up());
    EXPECT_FALSE(both.old.a().health.is_up());
}

TEST(server_news, lifts_what_only_the_other_process_could_have_lifted) {
    upgrade both;
    both.hand_over();
    both.next.a().health.take_down();
    both.exchange();
    both.old.news.end();
    EXPECT_TRUE(both.old.a().health.is_up()) << "its own checks begin anew";
}

// ---- places ---------------------------------------------------------------------------------

std::vector<upstream::place> take_all(upstream::places& from) {
    std::vector<upstream::place> taken;
    for (upstream::place one; from.take(one);) taken.push_back(std::move(one));
    return taken;
}

TEST(server_news, both_together_take_no_more_places_than_there_are) {
    upgrade both(10);
    auto before = take_all(both.old.a().places);
    ASSERT_EQ(before.size(), 10U);
    before.resize(4);
    both.hand_over();
    auto next = take_all(both.next.a().places);
    EXPECT_EQ(next.size(), 5U) << "all that the old one has not, nor has to spare";
    EXPECT_EQ(take_all(both.old.a().places).size(), 1U);

    before.resize(2);
    both.exchange();
    EXPECT_EQ(take_all(both.next.a().places).size(), 2U) << "what is given back, too";
}

TEST(server_news, neither_waits_for_the_other_for_ever) {
    upgrade both(10);
    auto before = take_all(both.old.a().places);
    both.hand_over();
    EXPECT_EQ(take_all(both.next.a().places).size(), 1U);
    before.clear();
    both.exchange();
    auto next = take_all(both.next.a().places);
    EXPECT_EQ(next.size(), 9U);
    EXPECT_EQ(take_all(both.old.a().places).size(), 1U);
}

TEST(server_news, limits_are_whole_again_once_the_other_process_is_gone) {
    upgrade both(10);
    auto before = take_all(both.old.a().places);
    both.hand_over();
    both.next.news.end();
    EXPECT_EQ(both.next.a().places.maximum(), 10U);
}

TEST(place_share, a_grant_counts_for_the_wish_that_it_answers_alone) {
    place_share old(10);
    place_share next(10);
    const auto hear_wish = [&] { next.hear_wish(old.turn(), old.wanted()); };
    old.want(6);
    hear_wish();
    next.grant(4);
    const auto turn = next.turn();
    const auto granted = next.granted();
    old.want(2);  // which the new one will hear,
    hear_wish();
    EXPECT_EQ(next.limit_of_new(), 8U);
    old.want(6);                    // before it wants more again,
    old.hear_grant(turn, granted);  // and hears of what was granted before both.
    EXPECT_EQ(old.limit_of_old(), 2U);
    hear_wish();
    next.grant(7);
    old.hear_grant(next.turn(), next.granted());
    EXPECT_EQ(old.limit_of_old(), 3U) << "the new one has seven still";
    EXPECT_EQ(next.limit_of_new(), 4U);
    next.grant(4);
    old.hear_grant(next.turn(), next.granted());
    EXPECT_EQ(old.limit_of_old(), 6U);
}

TEST(state_findings, hostile_ones_are_refused) {
    state::finding fine{.id = server_id{7}, .is = fitness::out, .out_until = 5};
    state::bytes text;
    state::append(fine, text);
    ASSERT_EQ(text.size(), state::finding_size);
    ASSERT_EQ(state::read_findings(text), std::vector{fine});
    const auto refuses = [&](std::size_t place, std::uint8_t value) {
        auto other = text;
        other[place] = value;
        return !state::read_findings(other);
    };
    EXPECT_TRUE(refuses(7, 0)) << "no server";
    EXPECT_TRUE(refuses(8, 3)) << "a fitness that is none";
    EXPECT_TRUE(refuses(8, 0)) << "up, and out until a moment";
    EXPECT_TRUE(refuses(9, 0x80)) << "a moment after the end of time";
    EXPECT_TRUE(refuses(29, 4)) << "flags that are none";
    EXPECT_TRUE(refuses(37, 101)) << "more than all of its weight";
    EXPECT_TRUE(refuses(38, 3)) << "a state that is none";
    EXPECT_FALSE(state::read_findings(std::span(text).first(text.size() - 1)));
}

}  // namespace
}  // namespace hawser::app
