// SPDX-License-Identifier: Apache-2.0
#include "http/websocket_close.h"

#include <gtest/gtest.h>

#include <string>

namespace hawser::http {
namespace {

using namespace std::string_literals;

TEST(websocket_close, is_a_frame_of_its_code_and_reason) {
    static constexpr websocket_close lost{1014, "server lost"};
    EXPECT_EQ(lost.frame(), "\x88\x0d\x03\xf6server lost"s);
}

}  // namespace
}  // namespace hawser::http
