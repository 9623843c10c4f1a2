// SPDX-License-Identifier: Apache-2.0
#include "upstream/slow_start.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/hash.h"
#include "upstream/fleet.h"
#include "upstream/yard.h"

namespace hawser::upstream {
namespace {

using namespace std::chrono_literals;

constexpr steady_time start{1h};
constexpr slow_start over_a_minute{.time = 60s, .from_percent = 10};

struct cold_server {
    weight its{4, true};
    warm_up warming{its};

    cold_server() { warming.set(over_a_minute); }
    std::uint32_t after(steady_time::duration time) {
        warming.go_on(start + time);
        return its.effective();
    }
};

TEST(slow_start, a_server_has_the_least_share_at_the_very_moment_it_comes) {
    cold_server one;
    EXPECT_EQ(one.its.effective(), 400u);
    one.warming.begin();
    EXPECT_EQ(one.its.effective(), 40u);
    EXPECT_EQ(one.its.warmth(), 10u);
}

TEST(slow_start, its_share_grows_in_steps_to_the_whole) {
    cold_server one;
    one.warming.begin();
    EXPECT_EQ(one.after(0s), 40u);
    EXPECT_EQ(one.after(3s), 40u) << "the next step is at 15 %";
    EXPECT_EQ(one.after(30s), 220u);
    EXPECT_EQ(one.after(59s), 380u);
    EXPECT_FALSE(one.warming.is_over());
    EXPECT_EQ(one.after(60s), 400u);
    EXPECT_TRUE(one.warming.is_over());
    EXPECT_EQ(one.after(90s), 400u);
}

TEST(slow_start, begins_anew_with_each_return) {
    cold_server one;
    one.warming.begin();
    EXPECT_EQ(one.after(0s), 40u);
    EXPECT_EQ(one.after(50s), 340u);
    one.warming.begin();
    EXPECT_EQ(one.its.effective(), 40u);
    EXPECT_EQ(one.after(50s), 40u);
    EXPECT_EQ(one.after(80s), 220u);
}

TEST(slow_start, leaves_weight_0_and_what_is_asked_for) {
    cold_server one;
    one.its.report(50);
    one.warming.begin();
    EXPECT_EQ(one.its.effective(), 20u);
    one.its.set(0);
    EXPECT_EQ(one.its.effective(), 0u);
    one.its.set(1);
    one.its.report(1);
    EXPECT_EQ(one.its.effective(), 1u) << "a share of so little is still something";
}

TEST(slow_start, switched_off_gives_the_whole_weight_at_once) {
    cold_server one;
    one.warming.begin();
    EXPECT_EQ(one.its.effective(), 40u);
    one.warming.set({});
    EXPECT_EQ(one.its.effective(), 400u);
    one.warming.begin();
    EXPECT_EQ(one.its.effective(), 400u);
}

server_description slow(std::string name) {
    auto made = described(std::move(name));
    made.slow_start = over_a_minute;
    return made;
}

TEST(slow_start, begins_when_a_server_comes_up_or_back_into_service) {
    yard yard{slow("a")};
    server& a = yard["a"];
    const auto begins = [&](auto&& change) {
        a.warming.go_on(start);
        a.warming.go_on(start + 10min);
        EXPECT_EQ(a.weights.warmth(), 100u);
        change();
        return a.weights.warmth() == 10;
    };
    EXPECT_FALSE(begins([&] { a.health.take_down(); }));
    EXPECT_TRUE(begins([&] { a.health.raise({}, false); }));
    EXPECT_FALSE(begins([&] { a.health.take_out(start); }));
    EXPECT_TRUE(begins([&] { a.health.bring_back({}, false); }));
    a.health.take_out(start);
    EXPECT_FALSE(begins([&] { a.health.undo_take_out(); })) << "it was never away";
    EXPECT_TRUE(a.health.is_up());
    EXPECT_FALSE(begins([&] { a.set_state(admin_state::drain); }));
    EXPECT_FALSE(begins([&] { a.set_state(admin_state::ready); })) << "it has been serving";
    a.set_state(admin_state::maintenance);
    EXPECT_TRUE(begins([&] { a.set_state(admin_state::ready); }));
}

TEST(slow_start, servers_of_a_new_pool_are_warm_and_those_added_later_are_not) {
    fleet all(1);
    std::vector<pool_description> pools{{.name = "shop", .settings = {}, .servers = {slow("a")}}};
    (void)all.change_to(pools);
    EXPECT_EQ(all.current()->pools[0]->find("a")->weight(), 100u);

    pools[0].servers.push_back(slow("b"));
    (void)all.change_to(pools);

    const auto& shop = *all.current()->pools[0];
    EXPECT_EQ(shop.find("a")->weight(), 100u);
    EXPECT_EQ(shop.find("b")->weight(), 10u);
}

TEST(slow_start, a_reload_that_brings_it_counts_all_weights_in_hundredths) {
    fleet all(1);
    std::vector<pool_description> pools{
        {.name = "shop", .settings = {}, .servers = {described("a", 3)}}};
    (void)all.change_to(pools);
    const auto a = all.current()->pools[0]->share(server_id_of("shop", "a"));
    EXPECT_EQ(a->weight(), 3u);
    pools[0].servers[0].slow_start = over_a_minute;
    (void)all.change_to(pools);
    EXPECT_EQ(a->weight(), 300u);
}

}  // namespace
}  // namespace hawser::upstream
