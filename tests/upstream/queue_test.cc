// SPDX-License-Identifier: Apache-2.0
#include "upstream/queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "upstream/yard.h"

namespace hawser::upstream {
namespace {

using entry = queue::entry;

/// A worker's bell that counts how often it was rung.
class counted_bell final : public bell {
  public:
    void ring() noexcept override { ++rung; }
    using bell::tell_called;

    std::atomic<int> rung = 0;
};

/// One who waits, and writes down that it was called.
class guest final : public waiter {
  public:
    guest(bell& rings, const yard& in, server* home = nullptr) : waiter(rings) {
        of = &in.pool;
        this->home = home;
        waits_for_home = home != nullptr;
        look();
    }
    void called() override { ++calls; }
    void look() { seen = of->crowd().queue.changes(); }

    /// It leaves, with what it got.
    server* leaves() {
        of->crowd().queue.leave(*this);
        return take_granted(held);
    }

    int calls = 0;
    place held;
};

server_description limited(std::string name, std::uint32_t most = 1) {
    auto made = described(std::move(name));
    made.connections_max = most;
    return made;
}

pool_settings with_queue(std::uint32_t length, std::uint32_t home_length = 0) {
    pool_settings made;
    made.queue = {.length = length, .home_length = home_length};
    return made;
}

/// Two servers with one place each, both taken.
struct full_house {
    explicit full_house(std::uint32_t length = 10, std::uint32_t home_length = 0)
        : yard({limited("a"), limited("b")}, with_queue(length, home_length)) {
        EXPECT_TRUE(a.places.take(at_a));
        EXPECT_TRUE(b.places.take(at_b));
    }

    upstream::yard yard;
    server& a = yard["a"];
    server& b = yard["b"];
    upstream::queue& queue = yard.pool.crowd().queue;
    place at_a;
    place at_b;
    counted_bell bell;
};

TEST(queue, hands_a_place_to_whoever_waits_longest) {
    full_house house;
    guest first(house.bell, house.yard);
    guest second(house.bell, house.yard);
    EXPECT_EQ(house.queue.enter(first), entry::waits);
    EXPECT_EQ(house.queue.enter(second), entry::waits);
    EXPECT_EQ(house.queue.waiting(), 2u);

    house.at_b = place();

    EXPECT_EQ(house.bell.rung, 1);
    EXPECT_TRUE(house.b.places.is_full()) << "it has been handed over";
    EXPECT_EQ(house.queue.waiting(), 1u);
    house.bell.tell_called();
    EXPECT_EQ(first.calls, 1);
    EXPECT_EQ(second.calls, 0);
    EXPECT_EQ(first.leaves(), &house.b);
    EXPECT_EQ(second.leaves(), nullptr);
    EXPECT_EQ(house.queue.waiting(), 0u);
}

TEST(queue, gives_a_home_to_its_own_sessions_first) {
    full_house house;
    guest anybody(house.bell, house.yard);
    guest at_home(house.bell, house.yard, &house.a);
    EXPECT_EQ(house.queue.enter(anybody), entry::waits);
    EXPECT_EQ(house.queue.enter(at_home), entry::waits);
    EXPECT_EQ(house.queue.waiting_for_any(), 1u);
    EXPECT_EQ(house.a.waits_here.size(), 1u);

    house.at_a = place();

    EXPECT_EQ(at_home.leaves(), &house.a);
    at_home.held = place();
    EXPECT_EQ(anybody.leaves(), &house.a) << "then it is anybody's";
}

TEST(queue, never_gives_a_place_to_one_that_waits_for_another_home) {
    full_house house;
    guest at_home(house.bell, house.yard, &house.a);
    EXPECT_EQ(house.queue.enter(at_home), entry::waits);

    house.at_b = place();

    EXPECT_FALSE(house.b.places.is_full());
    EXPECT_EQ(at_home.leaves(), nullptr);
}

TEST(queue, has_one_that_waits_for_its_home_to_be_fit_look_again_and_keeps_nobody_waiting) {
    full_house house;
    house.at_a = place();
    EXPECT_TRUE(house.a.health.take_down());
    guest at_home(house.bell, house.yard, &house.a);
    at_home.waits_for_health = true;
    guest other(house.bell, house.yard, &house.a);
    EXPECT_EQ(house.queue.enter(at_home), entry::waits) << "though there is a place";
    EXPECT_EQ(house.queue.enter(other), entry::granted) << "it is let by";
    EXPECT_EQ(at_home.calls, 0);

    EXPECT_TRUE(house.a.health.raise({}, false));

    house.bell.tell_called();
    EXPECT_EQ(at_home.calls, 1);
    EXPECT_EQ(at_home.leaves(), nullptr);
    EXPECT_EQ(other.leaves(), &house.a);
}

TEST(queue, lets_nobody_wait_where_there_is_room_already) {
    full_house house;
    house.at_a = place();
    guest one(house.bell, house.yard);

    EXPECT_EQ(house.queue.enter(one), entry::granted);
    EXPECT_EQ(house.bell.rung, 0);
    EXPECT_EQ(one.leaves(), &house.a);
    EXPECT_EQ(one.calls, 0);
}

TEST(queue, is_full_at_its_length) {
    full_house house(1);
    guest one(house.bell, house.yard);
    guest other(house.bell, house.yard, &house.a);
    EXPECT_EQ(house.queue.enter(one), entry::waits);
    EXPECT_EQ(house.queue.enter(other), entry::full);

    EXPECT_EQ(one.leaves(), nullptr);
    EXPECT_EQ(house.queue.enter(other), entry::waits);
    EXPECT_EQ(other.leaves(), nullptr);
}

TEST(queue, is_full_for_a_home_at_the_length_of_a_home) {
    full_house house(10, 1);
    guest one(house.bell, house.yard, &house.a);
    guest more(house.bell, house.yard, &house.a);
    guest other(house.bell, house.yard, &house.b);
    guest anybody(house.bell, house.yard);
    EXPECT_EQ(house.queue.enter(one), entry::waits);
    EXPECT_EQ(house.queue.enter(more), entry::full);
    EXPECT_EQ(house.queue.enter(other), entry::waits);
    EXPECT_EQ(house.queue.enter(anybody), entry::waits);
    for (auto* each : {&one, &other, &anybody}) EXPECT_EQ(each->leaves(), nullptr);
}

TEST(queue, tells_who_comes_in_what_it_has_missed) {
    full_house house;
    guest one(house.bell, house.yard);
    house.a.set_weight(0);
    house.a.have_looked_again();

    EXPECT_EQ(house.queue.enter(one), entry::changed);
    EXPECT_EQ(house.queue.waiting(), 0u);
    one.look();
    EXPECT_EQ(house.queue.enter(one), entry::waits);
    EXPECT_EQ(one.leaves(), nullptr);
}

TEST(queue, has_those_look_again_whom_a_change_concerns) {
    full_house house;
    guest at_a(house.bell, house.yard, &house.a);
    guest at_b(house.bell, house.yard, &house.b);
    guest anybody(house.bell, house.yard);
    for (auto* each : {&at_a, &at_b, &anybody}) EXPECT_EQ(house.queue.enter(*each), entry::waits);

    EXPECT_TRUE(house.a.health.take_down());

    house.bell.tell_called();
    EXPECT_EQ(at_a.calls, 1);
    EXPECT_EQ(at_b.calls, 0);
    EXPECT_EQ(anybody.calls, 1);
    EXPECT_EQ(at_a.leaves(), nullptr) << "it has no place";
    EXPECT_EQ(anybody.leaves(), nullptr);
    EXPECT_EQ(at_b.leaves(), nullptr);
}

TEST(queue, calls_in_the_order_of_turns) {
    full_house house;
    std::vector<int> order;
    class numbered final : public waiter {
      public:
        numbered(bell& rings, const yard& in, int number, std::vector<int>& order)
            : waiter(rings), number_(number), order_(order) {
            of = &in.pool;
            seen = in.pool.crowd().queue.changes();
        }
        void called() override { order_.push_back(number_); }

      private:
        int number_;
        std::vector<int>& order_;
    };
    numbered first(house.bell, house.yard, 1, order);
    numbered second(house.bell, house.yard, 2, order);
    numbered third(house.bell, house.yard, 3, order);
    for (auto* each : {&first, &second, &third}) EXPECT_EQ(house.queue.enter(*each), entry::waits);

    house.queue.look_again();

    house.bell.tell_called();
    EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
    for (auto* each : {&first, &second, &third}) house.queue.leave(*each);
}

TEST(queue, each_change_of_a_server_is_told) {
    full_house house;
    const auto calls = [&](auto&& change) {
        guest one(house.bell, house.yard);
        EXPECT_EQ(house.queue.enter(one), entry::waits);
        change();
        house.bell.tell_called();
        EXPECT_EQ(one.leaves(), nullptr);
        return one.calls;
    };
    EXPECT_EQ(calls([&] { house.a.health.take_out(steady_time(std::chrono::hours(1))); }), 1);
    EXPECT_EQ(calls([&] { house.a.health.bring_back({}, false); }), 1);
    EXPECT_EQ(calls([&] { house.a.health.take_down(); }), 1);
    EXPECT_EQ(calls([&] { house.a.health.raise({}, false); }), 1);
    EXPECT_EQ(calls([&] { house.a.set_state(admin_state::drain); }), 1);
    EXPECT_EQ(calls([&] { house.a.set_state(admin_state::drain); }), 0) << "it is in drain already";
    EXPECT_EQ(calls([&] { house.a.ask_for(admin_state::maintenance); }), 1);
}

TEST(queue, one_that_looked_again_has_the_turn_it_had) {
    full_house house;
    guest first(house.bell, house.yard);
    guest second(house.bell, house.yard);
    EXPECT_EQ(house.queue.enter(first), entry::waits);
    EXPECT_EQ(house.queue.enter(second), entry::waits);
    EXPECT_EQ(first.leaves(), nullptr);
    first.look();
    EXPECT_EQ(house.queue.enter(first), entry::waits) << "though so many wait already";

    house.at_a = place();

    EXPECT_EQ(first.leaves(), &house.a);
    EXPECT_EQ(second.leaves(), nullptr);
}

TEST(queue, one_that_leaves_with_a_place_hands_it_on) {
    full_house house;
    guest first(house.bell, house.yard);
    guest second(house.bell, house.yard);
    EXPECT_EQ(house.queue.enter(first), entry::waits);
    EXPECT_EQ(house.queue.enter(second), entry::waits);
    house.at_a = place();

    EXPECT_EQ(first.leaves(), &house.a);
    EXPECT_EQ(first.calls, 1) << "its bell knows it no more";
    first.held = place();

    EXPECT_EQ(second.leaves(), &house.a);
}

TEST(queue, gives_nobody_a_server_that_it_tried_or_does_not_know) {
    full_house house;
    // It came with a configuration that knew neither of the two.
    const auto c = std::make_shared<server>("shop", limited("c"), 1, 9);
    const pool before("shop", with_queue(10), {c}, house.yard.pool.share_crowd());
    place at_c;
    EXPECT_TRUE(c->places.take(at_c));
    guest stranger(house.bell, house.yard);
    stranger.of = &before;
    EXPECT_EQ(house.queue.enter(stranger), entry::waits);
    guest choosy(house.bell, house.yard);
    const std::vector<const server*> tried{&house.a};
    choosy.tried = tried;
    EXPECT_EQ(house.queue.enter(choosy), entry::waits);

    house.at_a = place();
    EXPECT_FALSE(house.a.places.is_full());
    house.at_b = place();

    EXPECT_EQ(choosy.leaves(), &house.b);
    at_c = place();
    EXPECT_EQ(stranger.leaves(), c.get());
}

TEST(queue, gives_nobody_new_a_server_that_takes_nobody_new) {
    full_house house;
    guest one(house.bell, house.yard);
    house.a.set_state(admin_state::drain);
    one.look();
    EXPECT_EQ(house.queue.enter(one), entry::waits);

    house.at_a = place();

    EXPECT_FALSE(house.a.places.is_full());
    EXPECT_EQ(one.leaves(), nullptr);
}

TEST(queue, gives_a_spilled_session_its_home_though_that_takes_nobody_new) {
    full_house house;
    house.a.set_state(admin_state::drain);
    guest one(house.bell, house.yard, &house.a);
    one.waits_for_home = false;
    EXPECT_EQ(house.queue.enter(one), entry::waits);

    house.at_a = place();

    EXPECT_EQ(one.leaves(), &house.a);
}

TEST(queue, gives_back_what_is_too_much_after_a_limit_was_lowered) {
    const yard yard({limited("a", 2)}, with_queue(10));
    server& a = yard["a"];
    place first;
    place second;
    EXPECT_TRUE(a.places.take(first));
    EXPECT_TRUE(a.places.take(second));
    counted_bell bell;
    guest one(bell, yard);
    EXPECT_EQ(yard.pool.crowd().queue.enter(one), entry::waits);
    a.places.set_maximum(1);

    first = place();
    EXPECT_EQ(a.places.taken(), 1u);
    second = place();

    EXPECT_EQ(one.leaves(), &a);
}

/// Workers that take, wait and give back as fast as they can: nobody is forgotten, nobody is too
/// many, and each has its turn.
TEST(queue, loses_nobody_across_threads) {
    const yard yard({limited("a", 2), limited("b", 1)}, with_queue(100));
    upstream::queue& queue = yard.pool.crowd().queue;
    std::atomic<int> at_a = 0;
    std::atomic<int> at_b = 0;
    std::atomic<bool> was_exceeded = false;
    std::vector<std::jthread> threads;
    for (int number = 0; number < 6; ++number)
        threads.emplace_back([&, number] {
            counted_bell bell;
            for (int round = 0; round < 3'000; ++round) {
                server& home = yard[(number + round) % 2 == 0 ? "a" : "b"];
                guest one(bell, yard, round % 3 == 0 ? &home : nullptr);
                one.look();
                entry came = queue.enter(one);
                while (came == entry::changed) {
                    one.look();
                    came = queue.enter(one);
                }
                // Every fifth loses patience.
                const int patience = round % 5 == 0 ? 3 : std::numeric_limits<int>::max();
                for (int turn = 0; came == entry::waits && one.calls == 0 && turn < patience;
                     ++turn) {
                    bell.tell_called();
                    std::this_thread::yield();
                }
                server* got = one.leaves();
                if (got == nullptr) continue;
                auto& inside = got == &yard["a"] ? at_a : at_b;
                if (++inside > int(got->places.maximum())) was_exceeded = true;
                --inside;
                one.held = place();
            }
        });
    threads.clear();

    EXPECT_FALSE(was_exceeded);
    EXPECT_EQ(queue.waiting(), 0u);
    EXPECT_EQ(yard["a"].places.taken(), 0u);
    EXPECT_EQ(yard["b"].places.taken(), 0u);
}

/// Whoever waits patiently is always called in the end: were one wake-up lost, this would hang.
TEST(queue, calls_everybody_in_the_end) {
    const yard yard({limited("a", 1)}, with_queue(100));
    upstream::queue& queue = yard.pool.crowd().queue;
    std::vector<std::jthread> threads;
    for (int number = 0; number < 4; ++number)
        threads.emplace_back([&] {
            counted_bell bell;
            for (int round = 0; round < 5'000; ++round) {
                guest one(bell, yard);
                one.look();
                if (queue.enter(one) == entry::waits)
                    while (one.calls == 0) {
                        bell.tell_called();
                        std::this_thread::yield();
                    }
                ASSERT_EQ(one.leaves(), &yard["a"]);
                one.held = place();
            }
        });
    threads.clear();
    EXPECT_EQ(yard["a"].places.taken(), 0u);
}

}  // namespace
}  // namespace hawser::upstream
