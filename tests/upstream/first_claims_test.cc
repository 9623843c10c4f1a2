// SPDX-License-Identifier: Apache-2.0
#include "upstream/first_claims.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/hash.h"

namespace hawser::upstream {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using key = first_claims::key;

constexpr steady_time start{1h};
const server_id blue = server_id_of("shop", "blue");
const server_id green = server_id_of("shop", "green");
constexpr key ann{4096 + 7, 1};
constexpr key bob{8, 2};
constexpr key none{};

TEST(first_claims, the_first_one_decides_for_as_long_as_they_last) {
    first_claims all;
    EXPECT_EQ(all.claim({ann, none}, blue, 2s, start), blue);
    EXPECT_EQ(all.claim({ann, none}, green, 2s, start + 1999ms), blue);
    EXPECT_EQ(all.claim({bob, none}, green, 2s, start), green);
    EXPECT_EQ(all.claim({ann, none}, green, 2s, start + 2s), green) << "counted from the first one";
}

TEST(first_claims, a_server_that_cannot_have_them_is_replaced_once) {
    first_claims all;
    EXPECT_EQ(all.claim({ann, none}, blue, 2s, start), blue);
    all.replace({ann, none}, blue, green);
    all.replace({ann, none}, blue, blue);
    EXPECT_EQ(all.claim({ann, none}, blue, 2s, start), green);
}

TEST(first_claims, a_client_takes_the_place_of_another_one) {
    first_claims all;
    constexpr key rival{7, 3};  // the same place as ann's
    EXPECT_EQ(all.claim({ann, none}, blue, 2s, start), blue);
    EXPECT_EQ(all.claim({rival, none}, green, 2s, start), green);
    EXPECT_EQ(all.claim({ann, none}, green, 2s, start), green);
    EXPECT_THAT(all.settle(rival, none), IsEmpty());
}

TEST(first_claims, tell_once_which_sessions_began_together) {
    first_claims all;
    constexpr key one{1, 1};
    constexpr key two{2, 2};
    constexpr key three{3, 3};
    for (const auto& session : {one, two, two, three, none})
        all.claim({ann, session}, blue, 2s, start);
    EXPECT_THAT(all.settle(bob, one), IsEmpty());
    EXPECT_THAT(all.settle(ann, two), UnorderedElementsAre(one, three));
    EXPECT_THAT(all.settle(ann, two), IsEmpty());
}

TEST(first_claims, remember_no_more_sessions_than_they_have_room_for) {
    first_claims all;
    for (std::uint64_t i = 1; i <= 100; ++i) all.claim({ann, {i, i}}, blue, 2s, start);
    EXPECT_EQ(all.settle(ann, none).size(), 8u);
}

TEST(first_claims, workers_agree) {
    first_claims all;
    std::atomic<int> for_blue = 0;
    std::atomic<int> for_green = 0;
    const auto claims = [&](server_id wanted) {
        for (int i = 0; i < 1000; ++i)
            (all.claim({ann, none}, wanted, 2s, start) == blue ? for_blue : for_green) += 1;
    };
    std::thread one(claims, blue);
    std::thread two(claims, green);
    one.join();
    two.join();
    EXPECT_TRUE(for_blue == 2000 || for_green == 2000);
}

}  // namespace
}  // namespace hawser::upstream
