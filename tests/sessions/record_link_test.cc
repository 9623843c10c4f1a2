// SPDX-License-Identifier: Apache-2.0
#include "sessions/record_link.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "store/memory.h"
#include "support/sim/sim_test.h"

namespace hawser::sessions {
namespace {

using namespace std::chrono_literals;

/// A namespace with one session, `sess:one`.
class lab {
  public:
    explicit lab(sim::world& in) : now(in.worker().turns().now().steady), kept(100, {}, now) {
        shop->set_terms(std::make_shared<const terms>(
            terms{.session_keys = {"sess:*"}, .end_remembered = 60s}));
    }
    task<> begin() { (void)co_await kept.write(shop->id_of("sess:one"), one(), {}, now); }
    [[nodiscard]] static store::record one() {
        store::record made;
        made.name = "sess:one";
        made.data = "{}";
        return made;
    }
    task<store::record> there() {
        const auto found = co_await kept.read(shop->id_of("sess:one"), false, now);
        co_return found && found->record ? *found->record : store::record();
    }

    steady_time now;
    store::memory kept;
    std::shared_ptr<name_space> shop =
        std::make_shared<name_space>("shop", std::uint8_t{0}, crypto::siphash_key());
    std::shared_ptr<std::atomic<bool>> is_open = std::make_shared<std::atomic<bool>>(true);
    record_link link{kept, shop, is_open, {.cookie = "sid", .prefix = "sess:"}};
};

SIM_TEST(record_link, finds_the_record_by_a_plain_id_and_by_a_signed_one) {
    lab at(world);
    co_await at.begin();
    for (const auto* value : {"one", "s:one.signature", "s%3Aone.sig%2Fnature%3D"}) {
        const auto place = at.link.place_of(value);
        EXPECT_TRUE(place && at.link.look(*place, at.now)) << value;
    }
    for (const auto* value : {"two", "s:two.signature", "one.signature"})
        EXPECT_FALSE(at.link.look(*at.link.place_of(value), at.now)) << value;
}

SIM_TEST(record_link, finds_no_place_for_nothing_and_for_what_no_id_can_be) {
    lab at(world);
    EXPECT_FALSE(at.link.place_of(""));
    EXPECT_FALSE(at.link.place_of("s:.signature"));
    EXPECT_FALSE(at.link.place_of(std::string(1025, 'a')));
    co_return;
}

SIM_TEST(record_link, a_word_makes_it_valuable_and_ordinary_again_without_a_new_version) {
    lab at(world);
    co_await at.begin();
    const auto place = *at.link.place_of("one");
    const auto before = co_await at.there();
    EXPECT_TRUE(at.link.is_worth_changing(place, true, at.now));
    co_await at.link.set_worth(place, true);
    EXPECT_FALSE(at.link.is_worth_changing(place, true, at.now));
    auto after = co_await at.there();
    EXPECT_EQ(after.flags, is_valuable);
    EXPECT_EQ(after.version, before.version);
    EXPECT_EQ(after.life, before.life);
    co_await at.link.set_worth(place, false);
    after = co_await at.there();
    EXPECT_EQ(after.flags, 0u);
}

SIM_TEST(record_link, gives_no_worth_to_nobody_nor_to_what_is_no_session) {
    lab at(world);
    EXPECT_FALSE(at.link.is_worth_changing(*at.link.place_of("one"), true, at.now));
    co_await at.link.set_worth(*at.link.place_of("one"), true);
    co_await at.begin();
    at.shop->set_terms(std::make_shared<const terms>(terms{.session_keys = {"other:*"}}));
    EXPECT_FALSE(at.link.is_worth_changing(*at.link.place_of("one"), true, at.now));
    co_await at.link.set_worth(*at.link.place_of("one"), true);
    const auto after = co_await at.there();
    EXPECT_EQ(after.flags, 0u);
}

SIM_TEST(record_link, s8_an_end_leaves_a_tombstone_and_takes_the_user_his_place) {
    lab at(world);
    co_await at.begin();
    const auto place = *at.link.place_of("one");
    (void)at.shop->users.add(7, place.hash, 0, user_full::refuse);
    EXPECT_TRUE(*co_await at.link.end(place));
    EXPECT_FALSE(*co_await at.link.end(place)) << "nobody is there any more";
    EXPECT_TRUE(at.shop->users.of(7).empty());
    const auto late = co_await at.kept.write(place, lab::one(), {}, at.now);
    EXPECT_EQ(late->outcome, store::outcome::ended);
}

SIM_TEST(record_link, finds_nothing_once_another_process_serves) {
    lab at(world);
    co_await at.begin();
    const auto place = *at.link.place_of("one");
    *at.is_open = false;
    EXPECT_FALSE(at.link.look(place, at.now));
    EXPECT_FALSE(at.link.is_worth_changing(place, true, at.now));
    EXPECT_FALSE(*co_await at.link.end(place));
    const auto after = co_await at.there();
    EXPECT_EQ(after.name, "sess:one");
}

}  // namespace
}  // namespace hawser::sessions
