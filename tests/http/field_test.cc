// SPDX-License-Identifier: Apache-2.0
#include "http/field.h"

#include <gtest/gtest.h>

#include <string>

namespace hawser::http {
namespace {

TEST(field_id, knows_names_in_any_letter_case) {
    EXPECT_EQ(field_id_of("Host"), field_id::host);
    EXPECT_EQ(field_id_of("hOST"), field_id::host);
    EXPECT_EQ(field_id_of("TE"), field_id::te);
    EXPECT_EQ(field_id_of("via"), field_id::via);
    EXPECT_EQ(field_id_of("Content-Length"), field_id::content_length);
    EXPECT_EQ(field_id_of("TRANSFER-ENCODING"), field_id::transfer_encoding);
    EXPECT_EQ(field_id_of("x-forwarded-proto"), field_id::x_forwarded_proto);
    EXPECT_EQ(field_id_of("Sec-WebSocket-Accept"), field_id::sec_websocket_accept);
}

TEST(field_id, tells_names_apart_that_differ_in_one_byte) {
    for (const std::string_view known :
         {"te", "via", "host", "cookie", "connection", "content-length", "transfer-encoding",
          "x-forwarded-for"}) {
        for (std::size_t at = 0; at < known.size(); ++at) {
            for (const char other : std::string_view("!#$%&'*+-.^_`|~09azAZ")) {
                std::string name(known);
                if ((name[at] | 0x20) == (other | 0x20)) continue;
                name[at] = other;
                EXPECT_NE(field_id_of(name), field_id_of(known)) << name;
            }
        }
        EXPECT_NE(field_id_of(std::string(known) + "x"), field_id_of(known));
        EXPECT_NE(field_id_of(known.substr(1)), field_id_of(known));
    }
}

TEST(field_id, e15_is_not_fooled_by_long_names) {
    for (const std::size_t length : {256u, 260u, 65540u})
        EXPECT_EQ(field_id_of(std::string(length, 'a')), field_id::other);
    std::string name = "content-length";
    name.resize(256 + 14, 'x');
    EXPECT_EQ(field_id_of(name), field_id::other);
}

TEST(field_id, knows_our_own_prefixes) {
    EXPECT_EQ(field_id_of("Hawser-Session"), field_id::ours);
    EXPECT_EQ(field_id_of("hawser-"), field_id::ours);
    EXPECT_EQ(field_id_of("hawser"), field_id::other);
    EXPECT_EQ(field_id_of("X-Forwarded-Anything-Quite-Long-Indeed"), field_id::x_forwarded_other);
}

TEST(field_id, e51_sees_through_underscores) {
    EXPECT_EQ(field_id_of_look_alike("Content_Length"), field_id::content_length);
    EXPECT_EQ(field_id_of_look_alike("X_Forwarded_" + std::string(300, 'a')),
              field_id::x_forwarded_other);
    EXPECT_EQ(field_id_of_look_alike("X_Other"), field_id::other);
}

TEST(field_id, e26_keeps_dangerous_names_out_of_trailers) {
    for (const field_id id : {field_id::content_length, field_id::transfer_encoding, field_id::host,
                              field_id::trailer, field_id::authorization, field_id::cookie,
                              field_id::connection, field_id::x_forwarded_for,
                              field_id::x_forwarded_other, field_id::ours, field_id::set_cookie})
        EXPECT_FALSE(may_be_trailer(id));
    EXPECT_TRUE(may_be_trailer(field_id::other));
}

TEST(equal_ignoring_case, folds_letters_only) {
    EXPECT_TRUE(equal_ignoring_case("aBz", "AbZ"));
    EXPECT_FALSE(equal_ignoring_case("a^", "a~"));
    EXPECT_FALSE(equal_ignoring_case("@", "`"));
    EXPECT_FALSE(equal_ignoring_case("a", "ab"));
}

}  // namespace
}  // namespace hawser::http
