// SPDX-License-Identifier: Apache-2.0
#include "io/listening_socket.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>

#include "io/epoll/epoll_engine.h"
#include "io/passing.h"

namespace hawser::io {
namespace {

using namespace std::chrono_literals;

listening_socket any_port() {
    return std::move(
        *open_listening(endpoint(*ip_address::parse("127.0.0.1"), 0), sharing::exclusive));
}

descriptor connected_to(const listening_socket& to) {
    descriptor client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto where = *to.local();
    EXPECT_EQ(::connect(client.number(), where.address(), where.size()), 0);
    return client;
}

TEST(listening_socket, one_that_others_hold_tells_a_closed_listener_nothing) {
    auto engine = *make_epoll_engine();
    const auto held = any_port();
    auto listener = *engine->listen(*held.duplicate());
    listener.reset();
    const auto client = connected_to(held);
    engine->wait(std::chrono::steady_clock::now() + 10ms);  // a sanitizer sees what it would touch
    auto another = *engine->listen(*held.duplicate());
    EXPECT_TRUE(another->try_accept().has_value());
}

TEST(listening_socket, is_adopted_with_its_queue) {
    const auto held = any_port();
    const auto client = connected_to(held);
    auto adopted = adopt_listening(held.duplicate()->release());
    ASSERT_TRUE(adopted.has_value());
    EXPECT_EQ(*adopted->local(), *held.local());
    auto engine = *make_epoll_engine();
    EXPECT_TRUE((*engine->listen(std::move(*adopted)))->try_accept().has_value());
}

TEST(listening_socket, what_does_not_listen_is_not_adopted) {
    EXPECT_EQ(adopt_listening(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)).error().code,
              errc::invalid);
    EXPECT_EQ(adopt_listening(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)).error().code,
              errc::invalid);
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
    EXPECT_EQ(adopt_listening(pipe[0]).error().code, errc::invalid);
    EXPECT_EQ(adopt_listening(pipe[1]).error().code, errc::invalid);
}

TEST(passing, as_many_descriptors_as_go_at_once_arrive) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    const descriptor from(ends[0]);
    const descriptor to(ends[1]);
    const std::vector<int> many(passed_at_once_max, ends[0]);
    ASSERT_EQ(send_with(from.number(), "x", many), 1u);
    std::array<std::uint8_t, 4> text{};
    std::vector<descriptor> passed;
    ASSERT_EQ(receive_with(to.number(), text, passed), 1u);
    EXPECT_EQ(passed.size(), passed_at_once_max);
}

}  // namespace
}  // namespace hawser::io
