// SPDX-License-Identifier: Apache-2.0
#include "proxy/watch.h"

#include <gtest/gtest.h>

namespace hawser::proxy {
namespace {

bool concerns(const watch& by) {
    observe::access_record request;
    request.session = 7;
    request.put(observe::text::pool, "shop");
    request.put(observe::text::client, "192.0.2.9");
    return by.concerns(request);
}

watch of_client(std::string_view network) {
    return {.client = clients::network::parse(network), .until = {}};
}

TEST(watch, concerns_what_it_names_and_nothing_else) {
    EXPECT_TRUE(concerns({.session = 7, .until = {}}));
    EXPECT_FALSE(concerns({.session = 8, .until = {}}));
    EXPECT_TRUE(concerns({.pool = "shop", .until = {}}));
    EXPECT_FALSE(concerns({.pool = "sho", .until = {}}));
    EXPECT_TRUE(concerns(of_client("192.0.2.0/24")));
    EXPECT_FALSE(concerns(of_client("192.0.3.0/24")));
}

TEST(watch, concerns_only_what_is_all_that_it_names) {
    auto by = of_client("192.0.2.9");
    by.pool = "shop";
    by.session = 7;
    EXPECT_TRUE(concerns(by));
    by.session = 8;
    EXPECT_FALSE(concerns(by));
}

TEST(watch, of_a_client_concerns_no_request_without_an_address) {
    const observe::access_record request;
    EXPECT_FALSE(of_client("0.0.0.0/0").concerns(request));
}

}  // namespace
}  // namespace hawser::proxy
