// SPDX-License-Identifier: Apache-2.0
#include "affinity/issuer.h"

#include <gtest/gtest.h>

#include <set>

#include "base/hash.h"
#include "crypto/rings.h"

namespace hawser::affinity {
namespace {

using namespace std::chrono_literals;
using crypto::at;
using crypto::ring_of;

const pool_id shop = pool_id_of("shop");

TEST(issuer, gives_no_session_id_twice_nor_another_workers) {
    issuer one(ring_of({{1, at(0s)}}));
    issuer other(ring_of({{1, at(0s)}}));
    std::set<session_id> seen;
    for (int i = 0; i < 1000; ++i) {
        EXPECT_TRUE(seen.insert(one.fresh_session()).second);
        EXPECT_TRUE(seen.insert(other.fresh_session()).second);
    }
}

TEST(issuer, hashes_a_session_alike_on_every_node_and_after_rotation) {
    const issuer one(ring_of({{1, at(0s)}}));
    const issuer other(ring_of({{1, at(0s)}, {2, at(5s)}}));
    const session_id session{{1, 2, 3}};
    EXPECT_EQ(one.key_of(7, session), other.key_of(7, session));
    EXPECT_EQ(one.mark_of(shop), other.mark_of(shop));
}

TEST(issuer, e165_hashes_by_the_index_secret) {
    const std::vector keys{crypto::key_of(1, at(0s))};
    std::array<std::uint8_t, 32> secret_bytes{1};
    const issuer one(crypto::key_ring(keys, crypto::secret<32>()));
    const issuer other(crypto::key_ring(keys, crypto::secret<32>(secret_bytes)));
    EXPECT_NE(one.key_of(7, session_id{}), other.key_of(7, session_id{}));
}

TEST(issuer, tells_sessions_and_scopes_apart) {
    const issuer one(ring_of({{1, at(0s)}}));
    EXPECT_NE(one.key_of(7, session_id{{1}}), one.key_of(7, session_id{{2}}));
    EXPECT_NE(one.key_of(7, session_id{{1}}), one.key_of(8, session_id{{1}}));
    EXPECT_FALSE(one.key_of(7, session_id{}).empty());
}

TEST(scope_of, is_shared_by_the_pools_of_one_application_only) {
    const auto blog = pool_id_of("blog");
    EXPECT_EQ(scope_of("store", shop), scope_of("store", blog));
    EXPECT_NE(scope_of("", shop), scope_of("", blog));
    EXPECT_NE(scope_of("blog", shop), scope_of("", blog));
}

}  // namespace
}  // namespace hawser::affinity
