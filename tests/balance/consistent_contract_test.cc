// SPDX-License-Identifier: Apache-2.0
// What every kind promises that chooses by hash. Servers come, go and change their weight; as few
// keys as possible follow.
#include <gtest/gtest.h>

#include <algorithm>

#include "balance/consistent.h"
#include "balance/fleet_of.h"
#include "balance/kinds.h"

namespace hawser::balance {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t keys = 20'000;

struct tried_kind {
    std::string_view name;
    std::string_view first_homes;  ///< of 32 keys, ever since the kind exists
    double needless = 0;           ///< moves that it may make beyond those that must be
};

class consistent_contract : public testing::TestWithParam<tried_kind> {
  protected:
    static std::unique_ptr<balancer> made(const fleet_of& servers, std::uint64_t seed = 0) {
        auto one = choice(GetParam().name).make(worker_seed{seed});
        one->meet(servers.all);
        return one;
    }
    static std::vector<std::string> homes(balancer& by, candidates usable, steady_time now = {}) {
        std::vector<std::string> all;
        for (std::uint64_t key = 0; key < keys; ++key)
            all.push_back(by.pick({.hash = key, .now = now}, usable).name());
        return all;
    }
    /// The kind with such a headroom, by the way of the configuration: settings differ.
    static choice with_headroom(unsigned percent) {
        auto settings = config::node::empty_map();
        settings.set("headroom", config::node::plain(std::to_string(percent) + "%"));
        auto written = config::node::empty_map();
        written.set(std::string(GetParam().name), std::move(settings));
        config::diagnostics out;
        choice made;
        EXPECT_TRUE(config::codec<choice>::read(written, made, out)) << out.text();
        return made;
    }
    /// How many keys went to `to`, and how many anywhere else.
    struct moves {
        int to_it = 0;
        int elsewhere = 0;
    };
    static moves count(const std::vector<std::string>& before,
                       const std::vector<std::string>& after, std::string_view to) {
        moves seen;
        for (std::size_t key = 0; key < keys; ++key)
            if (before[key] != after[key]) ++(after[key] == to ? seen.to_it : seen.elsewhere);
        return seen;
    }
    static constexpr double slack = keys * 0.03;
};

TEST_P(consistent_contract, sends_a_key_to_the_same_server_on_every_worker_and_node) {
    const fleet_of servers{{"a"}, {"b"}, {"c"}};

    EXPECT_EQ(homes(*made(servers, 1), servers.all), homes(*made(servers, 2), servers.all));
}

TEST_P(consistent_contract, does_not_depend_on_the_order_of_the_servers) {
    const fleet_of servers{{"a"}, {"b", 2}, {"c"}};
    fleet_of turned = servers;
    std::ranges::reverse(turned.all);

    EXPECT_EQ(homes(*made(servers), servers.all), homes(*made(turned), turned.all));
}

TEST_P(consistent_contract, keeps_the_homes_it_gave_in_earlier_versions) {
    const fleet_of servers{{"a"}, {"b", 2}, {"c"}};
    const auto by = made(servers);

    std::string first;
    for (std::uint64_t key = 0; key < 32; ++key) first += by->pick({key}, servers.all).name();

    EXPECT_EQ(first, GetParam().first_homes);
}

TEST_P(consistent_contract, spreads_neighbouring_hashes) {
    const fleet_of servers{{"a"}, {"b"}, {"c"}};
    const auto by = made(servers);
    std::map<std::string, int> count;
    for (std::uint64_t i = 0; i < 3000; ++i)
        ++count[by->pick({i << 56 | i >> 8}, servers.all).name()];

    for (const auto& [name, times] : count) EXPECT_NEAR(times, 1000, 120) << name;
}

TEST_P(consistent_contract, a_server_that_comes_moves_its_share_to_itself) {
    fleet_of servers{{"a"}, {"b"}, {"c"}, {"d"}};
    const auto by = made(servers);
    const auto before = homes(*by, servers.all);
    servers.add({"e"});
    by->meet(servers.all);
    const auto moved = count(before, homes(*by, servers.all), "e");

    EXPECT_NEAR(moved.to_it, keys / 5.0, slack);
    EXPECT_LE(moved.elsewhere, keys * GetParam().needless);
}

TEST_P(consistent_contract, a_server_that_is_out_gives_its_keys_to_all_others_and_gets_them_back) {
    const fleet_of servers{{"a"}, {"b"}, {"c"}, {"d"}};
    const auto by = made(servers);
    const auto before = homes(*by, servers.all);
    const auto meanwhile = homes(*by, candidates(servers.all).first(3));

    std::map<std::string, int> heirs;
    for (std::size_t key = 0; key < keys; ++key) {
        if (before[key] == "d") {
            ++heirs[meanwhile[key]];
        } else {
            ASSERT_EQ(before[key], meanwhile[key]) << "nobody else moves";
        }
    }
    EXPECT_EQ(heirs.size(), 3u);
    for (const auto& [name, times] : heirs) EXPECT_NEAR(times, keys / 12.0, slack) << name;
    EXPECT_EQ(homes(*by, servers.all), before);
}

TEST_P(consistent_contract, one_drained_and_one_down_leave_the_rest_where_they_are) {
    const fleet_of servers{{"a"}, {"b"}, {"c"}, {"d"}};
    const auto by = made(servers);
    const auto before = homes(*by, servers.all);
    const std::vector<server*> left{&servers["b"], &servers["d"]};
    const auto after = homes(*by, left);

    std::map<std::string, int> heirs;
    for (std::size_t key = 0; key < keys; ++key) {
        if (before[key] == "a" || before[key] == "c") {
            ++heirs[after[key]];
        } else {
            ASSERT_EQ(before[key], after[key]);
        }
    }
    for (const auto& [name, times] : heirs) EXPECT_NEAR(times, keys / 4.0, slack) << name;
}

TEST_P(consistent_contract, a_weight_that_grows_moves_keys_to_its_server_within_a_second) {
    const fleet_of servers{{"a"}, {"b"}, {"c"}};
    const auto by = made(servers);
    const auto before = homes(*by, servers.all);
    servers["a"].set_weight(2);
    const auto moved = count(before, homes(*by, servers.all, steady_time(1s)), "a");

    EXPECT_NEAR(moved.to_it, keys / 2.0 - keys / 3.0, slack);
    EXPECT_LE(moved.elsewhere, keys * GetParam().needless);
}

TEST_P(consistent_contract, a_server_that_gets_weight_again_is_found) {
    const fleet_of servers{{"a"}, {"b", 0}};
    const auto by = made(servers);
    EXPECT_EQ(std::ranges::count(homes(*by, candidates(servers.all).first(1)), "b"), 0);
    servers["b"].set_weight(1);

    EXPECT_NEAR(double(std::ranges::count(homes(*by, servers.all, steady_time(1s)), "b")),
                keys / 2.0, slack);
}

TEST_P(consistent_contract, without_headroom_nothing_turns_a_key_away) {
    const fleet_of servers{{"a"}, {"b"}, {"c"}};
    const auto by = made(servers);
    const auto before = homes(*by, servers.all);
    servers.load("a", 1'000'000);

    EXPECT_EQ(homes(*by, servers.all), before);
}

TEST_P(consistent_contract, with_headroom_no_server_gets_more_than_that_above_its_share) {
    const fleet_of servers{{"a"}, {"b"}, {"c", 2}, {"d"}};
    const auto chosen = with_headroom(25);
    const auto by = chosen.make(worker_seed{});
    by->meet(servers.all);

    // One key asks for everything: a page that everybody wants.
    for (int i = 0; i < 1000; ++i) servers.load(by->pick({.hash = 7}, servers.all).name(), 1);

    for (const server* each : servers.all)
        EXPECT_LE(each->in_flight(), 1 + 1000 * 5 / 4 * each->weight() / 5) << each->name();
}

INSTANTIATE_TEST_SUITE_P(
    every_kind, consistent_contract,
    testing::Values(tried_kind{"source-ip", "bbbcbbcababbcccbbbbbacaaacbcabcc"},
                    tried_kind{"uri", "bbbcbbcababbcccbbbbbacaaacbcabcc"},
                    tried_kind{"rendezvous", "bbbcbbcababbcccbbbbbacaaacbcabcc"},
                    tried_kind{"ring", "bbcbbababcbaabbbbabbbcbbbccbbbba"},
                    tried_kind{"maglev", "babbbabbcbacaacbcaabbbbbbaacbbbb", 0.05}),
    [](const auto& each) {
        std::string name(each.param.name);
        std::ranges::replace(name, '-', '_');
        return name;
    });

}  // namespace
}  // namespace hawser::balance
