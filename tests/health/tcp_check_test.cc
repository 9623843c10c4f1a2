// SPDX-License-Identifier: Apache-2.0
#include "health/tcp_check.h"

#include "clinic.h"

namespace hawser::health {
namespace {

using verdict = outcome::verdict;

SIM_TEST(tcp_check, passes_where_somebody_takes_the_connection) {
    clinic clinic(world);
    const tcp_check check({});

    const auto found = co_await clinic.find(check);

    EXPECT_EQ(found.what, verdict::passed);
    EXPECT_EQ(found.text, "L4 connected");
    EXPECT_EQ(clinic.heard, "");
}

SIM_TEST(tcp_check, fails_where_nobody_does) {
    clinic clinic(world);
    clinic.close();
    const tcp_check check({});

    const auto found = co_await clinic.find(check);

    EXPECT_EQ(found.what, verdict::failed);
    EXPECT_EQ(found.text, "connect refused");
    EXPECT_TRUE(found.is_gone);
}

SIM_TEST(tcp_check, e178_a_connection_that_does_not_come_about_fails_at_the_timeout) {
    clinic clinic(world);
    world.weather_at(clinic::place).swallows = true;
    const tcp_check check({});

    const auto found = co_await clinic.find(check);

    EXPECT_EQ(found.text, "timeout");
    EXPECT_TRUE(found.is_gone) << "nobody took it";
}

SIM_TEST(tcp_check, says_a_proxy_header_and_nothing_else) {
    clinic clinic(world);
    clinic.until = "\r\n";
    clinic.way.approach.announces = clients::proxy_version::v1;
    const tcp_check check({});

    EXPECT_EQ((co_await clinic.find(check)).what, verdict::passed);
}

}  // namespace
}  // namespace hawser::health
