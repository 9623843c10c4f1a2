// SPDX-License-Identifier: Apache-2.0
#include "health/grpc_message.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace hawser::health {
namespace {

using namespace std::string_view_literals;

TEST(grpc_message, asks_for_a_service) {
    EXPECT_EQ(health_question(""), "\0\0\0\0\0"sv);
    EXPECT_EQ(health_question("shop.Cart"), "\0\0\0\0\x0b\x0a\x09shop.Cart"sv);
    EXPECT_EQ(health_question(std::string(limits::grpc_service_max, 's')).size(),
              limits::grpc_service_max + 7);
}

TEST(grpc_message, reads_each_status) {
    EXPECT_EQ(read_health_answer("\0\0\0\0\x02\x08\x01"sv), serving_status::serving);
    EXPECT_EQ(read_health_answer("\0\0\0\0\x02\x08\x02"sv), serving_status::not_serving);
    EXPECT_EQ(read_health_answer("\0\0\0\0\x02\x08\x03"sv), serving_status::service_unknown);
    EXPECT_EQ(read_health_answer("\0\0\0\0\0"sv), serving_status::unknown) << "0 is not written";
}

TEST(grpc_message, passes_over_fields_that_it_does_not_know) {
    EXPECT_EQ(read_health_answer("\0\0\0\0\x07\x12\x03xyz\x08\x01"sv), serving_status::serving);
    EXPECT_EQ(read_health_answer("\0\0\0\0\x05\x10\xff\x01\x08\x01"sv), serving_status::serving);
}

TEST(grpc_message, is_nothing_if_it_is_not_exactly_one_message) {
    for (const auto broken : {
             ""sv,
             "\0\0\0\0"sv,                  // no prefix
             "\x01\0\0\0\x02\x08\x01"sv,    // compressed
             "\0\0\0\0\x03\x08\x01"sv,      // cut
             "\0\0\0\0\x02\x08\x01\x08"sv,  // more
             "\0\0\0\0\x02\x08\x04"sv,      // a status that there is not
             "\0\0\0\0\x01\x08"sv,          // no value
             "\0\0\0\0\x02\x08\xff"sv,      // a number without its end
             "\0\0\0\0\x03\x12\x7fx"sv,     // longer than all
             "\0\0\0\0\x02\x0b\x01"sv,      // a group
             "\0\0\0\0\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"sv,
         })
        EXPECT_EQ(read_health_answer(broken), std::nullopt);
}

}  // namespace
}  // namespace hawser::health
