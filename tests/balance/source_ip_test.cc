// SPDX-License-Identifier: Apache-2.0
#include "balance/source_ip.h"

#include <gtest/gtest.h>

#include "balance/fleet_of.h"

namespace hawser::balance {
namespace {

TEST(source_ip, chooses_as_rendezvous_does) {
    const fleet_of servers{{"a"}, {"b", 3}, {"c"}};
    const headroom some(config::percentage{50});
    servers.load("b", 6);
    servers.load("a", 1);
    servers.load("c", 1);

    for (const auto& bound : {headroom(), some}) {
        source_ip by({.headroom = bound}, worker_seed{1});
        rendezvous same({.headroom = bound}, worker_seed{2});
        EXPECT_EQ(servers.picks(by, 1000), servers.picks(same, 1000));
        EXPECT_EQ(*by.wants().hash, *same.wants().hash);
    }
}

}  // namespace
}  // namespace hawser::balance
