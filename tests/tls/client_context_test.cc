// SPDX-License-Identifier: Apache-2.0
#include "tls/client_context.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "async/sleep.h"
#include "support/sim/sim_test.h"
#include "tls/certificates.h"
#include "tls/ground.h"

namespace hawser::tls {
namespace {

using namespace std::chrono_literals;

/// Meets once, with what `shelf` has; says whether a session was resumed.
task<bool> is_resumed(io::ground& on, const terms& by, work_room& room,
                      std::shared_ptr<session_shelf> shelf) {
    auto below = co_await on.connect();
    const auto client =
        by.client->connect(std::move(below.client), room, "shop.example", std::move(shelf));
    const auto server = by.server->accept(std::move(below.server), room);
    result<> ended;
    scope beside;
    beside.spawn(shake(*server, ended));
    EXPECT_TRUE((co_await client->connected()).has_value()) << client->failure();
    co_await beside.join();
    EXPECT_TRUE((co_await server->write(io::pieces("tickets come with this"))).has_value());
    EXPECT_TRUE((co_await client->read()).has_value());
    co_return client->settled().resumed;
}

SIM_TEST(client_context, a_session_that_a_server_offers_is_resumed) {
    authority issuer;
    io::ground on(world.worker(), world.listen("10.0.0.1:443"));
    work_room room;
    const auto by = terms::of({.certificates = {issuer.issue({"shop.example"})}},
                              {.authorities = issuer.path()});
    const auto shelf = std::make_shared<session_shelf>();
    EXPECT_FALSE(co_await is_resumed(on, by, room, shelf));
    EXPECT_TRUE(co_await is_resumed(on, by, room, shelf));
    EXPECT_TRUE(co_await is_resumed(on, by, room, shelf));
    EXPECT_FALSE(co_await is_resumed(on, by, room, nullptr));
}

std::shared_ptr<const client_context> made_of(const client_settings& given) {
    std::vector<fault> faults;
    auto made = client_context::make(given, faults);
    EXPECT_TRUE(faults.empty());
    return made;
}

TEST(client_context, is_like_another_of_the_same_settings_and_files) {
    const authority one("One");
    const authority other("Other");
    const std::string path = one.write("believed.pem", "");
    const auto write = [&](const authority& from) {
        return one.write("believed.pem", read_file(from.path(), 100'000).value());
    };
    EXPECT_EQ(write(one), path);
    const auto first = made_of({.authorities = path});
    EXPECT_TRUE(first->is_like(*made_of({.authorities = path})));
    EXPECT_FALSE(first->is_like(*made_of({.authorities = path, .http2 = true})));
    EXPECT_FALSE(first->is_like(*made_of({.verifies = false})));
    EXPECT_EQ(write(other), path);  // the same path holds something else now
    EXPECT_FALSE(first->is_like(*made_of({.authorities = path})));
}

TEST(client_context, e128_what_cannot_be_read_is_told) {
    std::vector<fault> faults;
    EXPECT_EQ(client_context::make({.authorities = "/nowhere.pem",
                                    .own = {.certificate = "/nowhere.pem", .key = "/nokey.pem"}},
                                   faults),
              nullptr);
    EXPECT_EQ(faults.size(), 3u);
}

}  // namespace
}  // namespace hawser::tls
