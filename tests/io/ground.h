// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "async/scope.h"
#include "async/task.h"
#include "base/ensure.h"
#include "io/epoll/epoll_engine.h"
#include "io/listening_socket.h"
#include "io/worker.h"
#include "support/sim/sim_test.h"

namespace hawser::io {

/// Where a stream's promises are kept or broken: an engine with a place to listen at.
class ground {
  public:
    ground(worker& on, std::unique_ptr<listener> door) : worker_(on), door_(std::move(door)) {}
    virtual ~ground() = default;
    ground(const ground&) = delete;
    ground& operator=(const ground&) = delete;

    [[nodiscard]] worker& on() noexcept { return worker_; }
    [[nodiscard]] listener& door() noexcept { return *door_; }
    /// From now on nobody listens at `address`.
    void close_door() { door_.reset(); }
    [[nodiscard]] const endpoint& address() const noexcept { return address_; }

    [[nodiscard]] std::unique_ptr<stream> begin_connecting() {
        return worker_.io().connect(address_).value();
    }

    /// Both ends of a new connection.
    struct pair {
        std::unique_ptr<stream> client;
        std::unique_ptr<stream> server;
    };
    virtual task<pair> connect() {
        pair made;
        made.client = begin_connecting();
        EXPECT_TRUE((co_await made.client->connected()).has_value());
        made.server = (co_await door_->accept()).value();
        co_return made;
    }

  private:
    worker& worker_;
    std::unique_ptr<listener> door_;
    endpoint address_ = door_->local();
};

/// What has come until the peer's end; `why` it ended is end_of_stream when all went well.
struct received {
    std::string bytes;
    errc why{};
};

inline task<received> read_all(stream& from, std::size_t limit = limits::hot_buffer) {
    received all;
    for (;;) {
        const auto some = co_await from.read(limit);
        if (!some) {
            all.why = some.error().code;
            co_return all;
        }
        EXPECT_FALSE(some->empty());
        all.bytes.append(some->data(), some->size());
    }
}

using promise = task<> (*)(ground&);

template <typename Ground = ground>
void keep_on_epoll(promise body) {
    worker on(0, make_epoll_engine().value());
    auto socket =
        open_listening(endpoint(ip_address::parse("127.0.0.1").value(), 0), sharing::exclusive);
    Ground here(on, on.io().listen(std::move(socket.value())).value());
    const auto end = on.turns().now().steady + std::chrono::minutes(1);
    scope root;
    root.spawn(body(here));
    while (root.running() > 0) {
        on.turn(end);
        ensure(on.turns().now().steady < end, "a promise is kept, or broken, within a minute");
    }
}

template <typename Ground = ground>
void keep_in_the_simulated_world(promise body) {
    for (const auto seed : sim::seeds()) {
        SCOPED_TRACE("HAWSER_SEED=" + std::to_string(seed));
        sim::world world(seed);
        Ground here(world.worker(), world.listen("10.0.0.1:80"));
        world.run(body(here));
        if (testing::Test::HasFailure()) return;
    }
}

}  // namespace hawser::io

/// A promise that holds on every engine, for the streams of one kind of ground; its body is a
/// coroutine with a `ground` called `here`.
#define STREAM_PROMISES_ON(Ground, streams, promise)                                    \
    ::hawser::task<> promise(::hawser::io::ground& here);                               \
    TEST(streams##_on_epoll, promise) { ::hawser::io::keep_on_epoll<Ground>(promise); } \
    TEST(streams##_in_simulation, promise) {                                            \
        ::hawser::io::keep_in_the_simulated_world<Ground>(promise);                     \
    }                                                                                   \
    ::hawser::task<> promise([[maybe_unused]] ::hawser::io::ground& here)
