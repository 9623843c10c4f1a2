// SPDX-License-Identifier: Apache-2.0
#include "store/resp/reply.h"

#include <gtest/gtest.h>

namespace hawser::store::resp {
namespace {

TEST(reply, r4_5_nothing_and_maps_have_a_form_of_their_own_in_each_protocol) {
    reply two;
    two.null();
    two.map(1);
    two.map(0);
    EXPECT_EQ(two.bytes(), "$-1\r\n*2\r\n*0\r\n");
    reply three;
    three.set_protocol(protocol::resp3);
    three.null();
    three.map(1);
    three.map(0);
    EXPECT_EQ(three.bytes(), "_\r\n%1\r\n%0\r\n");
}

TEST(reply, bytes_are_counted_and_never_read) {
    reply one;
    one.bulk({"\0\r\n", 3});
    one.bulk("");
    one.number(-12);
    EXPECT_EQ(one.bytes(), std::string("$3\r\n\0\r\n\r\n$0\r\n\r\n:-12\r\n", 21));
}

TEST(reply, an_error_is_one_line_whatever_it_names) {
    reply one;
    one.error("ERR unknown command 'a\r\n+OK'");
    EXPECT_EQ(one.bytes(), "-ERR unknown command 'a  +OK'\r\n");
}

}  // namespace
}  // namespace hawser::store::resp
