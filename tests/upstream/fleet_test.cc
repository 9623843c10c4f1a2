// SPDX-License-Identifier: Apache-2.0
#include "upstream/fleet.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "upstream/yard.h"

namespace hawser::upstream {
namespace {

using namespace std::chrono_literals;

constexpr steady_time start{1h};

std::vector<pool_description> one_pool(std::vector<server_description> servers) {
    return {{.name = "shop", .settings = {}, .servers = std::move(servers)}};
}

TEST(fleet, makes_pools_and_servers_of_their_descriptions) {
    fleet fleet(2);

    const auto made = fleet.change_to(one_pool({described("a", 3), described("b")}));

    ASSERT_NE(made->find("shop"), nullptr);
    EXPECT_EQ(made->number, 1u);
    EXPECT_EQ(made->find(pool_id_of("shop")), made->find("shop"));
    const server* a = made->find("shop")->find("a");
    EXPECT_EQ(a->weight(), 3u);
    EXPECT_EQ(a->id(), server_id_of("shop", "a"));
    EXPECT_EQ(a->address().text(), "192.0.2.1:8000");
    EXPECT_EQ(a->state(), admin_state::ready);
}

TEST(fleet, hands_on_a_pool_that_did_not_change_as_it_is) {
    fleet fleet(1);
    const auto before = fleet.change_to(one_pool({described("a")}));

    const auto after = fleet.change_to(one_pool({described("a")}));

    EXPECT_NE(before, after);
    EXPECT_EQ(before->pools[0], after->pools[0]);
    EXPECT_EQ(after->number, 2u);
}

TEST(fleet, keeps_servers_over_changes_of_their_pool_with_all_that_happened_to_them) {
    fleet fleet(1);
    const auto before = fleet.change_to(one_pool({described("a"), described("b")}));
    server* a = before->find("shop")->find("a");
    a->health.take_out(start + 10s);
    const request_mark request(a->load.of_worker(0));

    const auto after = fleet.change_to(one_pool({described("c"), described("a")}));

    EXPECT_EQ(after->find("shop")->find("a"), a);
    EXPECT_EQ(after->find("shop")->find("b"), nullptr);
    EXPECT_FALSE(a->health.is_up());
    EXPECT_EQ(a->in_flight(), 1u);
    EXPECT_NE(before->find("shop")->find("b"), nullptr) << "the old snapshot is as it was";
}

TEST(fleet, changes_states_weights_and_limits_of_servers_that_stay) {
    fleet fleet(1);
    const auto before = fleet.change_to(one_pool({described("a", 1)}));
    server* a = before->find("shop")->find("a");
    auto heavier = described("a", 5);
    heavier.connections_max = 7;
    heavier.state = admin_state::drain;

    const auto after = fleet.change_to(one_pool({heavier}));

    EXPECT_EQ(after->find("shop")->find("a"), a);
    EXPECT_EQ(a->weight(), 5u);
    EXPECT_EQ(a->places.maximum(), 7u);
    EXPECT_EQ(a->state(), admin_state::drain);
}

TEST(fleet, makes_a_new_server_of_the_same_id_where_the_address_changed) {
    fleet fleet(1);
    const auto before = fleet.change_to(one_pool({described("a")}));
    server* old = before->find("shop")->find("a");
    old->health.take_out(start + 10s);
    auto moved = described("a");
    moved.address = io::endpoint::parse("192.0.2.2:8000").value();

    const auto after = fleet.change_to(one_pool({moved}));

    const server* fresh = after->find("shop")->find("a");
    EXPECT_NE(fresh, old);
    EXPECT_NE(fresh->serial(), old->serial());
    EXPECT_EQ(fresh->id(), old->id());
    EXPECT_TRUE(fresh->health.is_up()) << "what happened at the old address does not";
    EXPECT_EQ(old->address().text(), "192.0.2.1:8000");
}

TEST(fleet, e141_makes_a_new_server_where_it_is_approached_otherwise) {
    fleet fleet(1);
    const auto before = fleet.change_to(one_pool({described("a")}));
    auto announced = described("a");
    announced.approach.announces = clients::proxy_version::v1;

    const auto after = fleet.change_to(one_pool({announced}));
    const auto last = fleet.change_to(one_pool({announced}));

    EXPECT_NE(after->find("shop")->find("a"), before->find("shop")->find("a"));
    EXPECT_EQ(last->find("shop"), after->find("shop"));
}

TEST(fleet, lets_everybody_in_again_where_passive_health_is_switched_off) {
    fleet fleet(1);
    auto pools = one_pool({described("a")});
    server* a = fleet.change_to(pools)->find("shop")->find("a");
    a->health.take_out(start + 10s);

    pools[0].settings.passive.is_on = false;
    const auto after = fleet.change_to(pools);

    EXPECT_TRUE(a->health.is_up());
    EXPECT_FALSE(after->find("shop")->settings().passive.is_on);
}

TEST(fleet, keeps_servers_of_one_name_in_two_pools_apart) {
    fleet fleet(1);
    const auto made = fleet.change_to(std::vector<pool_description>{
        {.name = "shop", .settings = {}, .servers = {described("a")}},
        {.name = "blog", .settings = {}, .servers = {described("a")}}});

    EXPECT_NE(made->find("shop")->find("a")->id(), made->find("blog")->find("a")->id());
}

TEST(fleet, makes_a_pool_of_nobody_whose_servers_are_still_to_be_found) {
    fleet fleet(1);

    const auto none = fleet.change_to(one_pool({}));
    const auto one = fleet.change_to(one_pool({described("a")}));

    EXPECT_TRUE(none->find("shop")->servers().empty());
    EXPECT_EQ(none->find("shop")->count_usable(), 0u);
    EXPECT_EQ(one->find("shop")->count_usable(), 1u);
}

TEST(fleet, puts_the_servers_of_a_pool_in_the_order_of_their_priority) {
    fleet fleet(1);
    auto a = described("a");
    a.priority = 1;
    const auto before = fleet.change_to(one_pool({a, described("b"), described("c")}));
    a.priority = 0;
    const auto after = fleet.change_to(one_pool({a, described("b"), described("c")}));

    const auto names = [](const pool& of) {
        std::string all;
        for (const auto& each : of.servers()) all += each->name();
        return all;
    };
    EXPECT_EQ(names(*before->find("shop")), "bca");
    EXPECT_EQ(names(*after->find("shop")), "abc");
    EXPECT_EQ(after->find("shop")->find("a"), before->find("shop")->find("a"));
}

TEST(fleet, refuses_what_names_and_numbers_make_impossible) {
    const auto why = [](const std::vector<pool_description>& pools) {
        const auto checked = fleet(1).check({.pools = pools});
        return checked ? std::string("nothing") : checked.error().context;
    };

    EXPECT_EQ(why(one_pool({described("a"), described("a")})), "\"shop/a\" is there twice");
    EXPECT_EQ(why({one_pool({described("a")})[0], one_pool({described("b")})[0]}),
              "\"shop\" is there twice");
    EXPECT_EQ(why(one_pool({described("")})), "a server needs a name");
    EXPECT_EQ(why({{.name = "", .settings = {}, .servers = {described("a")}}}),
              "a pool needs a name");
    EXPECT_EQ(why(one_pool({described("a", 257)})), "the weight of \"a\" is above 256");
    EXPECT_EQ(why(one_pool({{.name = "a", .address = {}}})), "server \"a\" needs an address");
    EXPECT_EQ(why(one_pool(std::vector<server_description>(1025, described("a")))),
              "pool \"shop\" has more than 1024 servers");
    EXPECT_EQ(why(one_pool({described("a", 256)})), "nothing");
    EXPECT_EQ(why({}), "nothing");
}

}  // namespace
}  // namespace hawser::upstream
