// SPDX-License-Identifier: Apache-2.0
#include "balance/uri.h"

#include <gtest/gtest.h>

#include "balance/fleet_of.h"

namespace hawser::balance {
namespace {

TEST(uri, asks_for_the_hash_of_path_and_query) {
    const uri by({}, worker_seed{});

    ASSERT_NE(by.wants().hash, nullptr);
    EXPECT_EQ(*by.wants().hash, key_source{.of = key_source::part::uri});
}

TEST(uri, chooses_as_rendezvous_does) {
    const fleet_of servers{{"a"}, {"b", 3}, {"c"}};
    uri by({}, worker_seed{1});
    rendezvous same({.hash = {.of = key_source::part::uri}}, worker_seed{2});

    EXPECT_EQ(servers.picks(by, 1000), servers.picks(same, 1000));
    EXPECT_EQ(*by.wants().hash, *same.wants().hash);
}

}  // namespace
}  // namespace hawser::balance
