// SPDX-License-Identifier: Apache-2.0
#include "sessions/resp/door.h"

#include <algorithm>
#include <chrono>

#include "async/sleep.h"
#include "async/with.h"
#include "base/ensure.h"
#include "clients/network.h"
#include "sessions/resp/connection.h"

namespace hawser::sessions::resp {

namespace {

/// Without a descriptor left, accepting pauses instead of spinning (E161).
constexpr auto accept_pause = std::chrono::milliseconds(100);
constexpr auto sweep_interval = std::chrono::milliseconds(50);
constexpr auto forgetting_interval = std::chrono::seconds(1);
constexpr std::size_t swept_at_once = 256;  // about 0.2 ms
constexpr std::size_t swept_while_behind = 16;
constexpr std::size_t spare_max = 256 * 1024;  // bytes of one
constexpr std::size_t spares_max = 8;
/// Two looks at a thread's clock are as much as a quarter of a GET. Not a multiple of the few
/// commands that clients repeat in turn: each of them has its share.
constexpr unsigned metered_each = 61;

}  // namespace

door::door(io::worker& on, hub& with, std::shared_ptr<const setup> first)
    : worker_(on),
      hub_(with),
      counters_(with.counted.of(on.index())),
      setup_(std::move(first)),
      clocks_(on.turns().now()) {
    running_.spawn(tend());
}

result<> door::open(const std::string& place, io::listening_socket socket) {
    auto from = worker_.io().listen(std::move(socket));
    if (!from) return std::unexpected(std::move(from.error()));
    open(place, std::move(*from));
    return {};
}

void door::open(const std::string& place, std::unique_ptr<io::listener> from) {
    const auto opened = places_.emplace(place, std::make_shared<stop_source>());
    running_.spawn(accept_on(opened->second, std::move(from)));
}

void door::close(const std::string& place) {
    const auto [first, last] = places_.equal_range(place);
    for (auto each = first; each != last; ++each) each->second->stop();
    places_.erase(first, last);
}

void door::stop() {
    leaving_.stop();
    for (auto& [place, closing] : std::exchange(places_, {})) closing->stop();
}

task<> door::accept_on(std::shared_ptr<stop_source> closing, std::unique_ptr<io::listener> from) {
    for (;;) {
        auto client = co_await with_stop(*closing, from->accept());
        if (client) {
            welcome(std::move(*client));
            continue;
        }
        if (client.error().code == errc::cancelled) break;
        counters_.refused.add("descriptors");
        (void)co_await with_stop(*closing, sleep_for(accept_pause));
    }
    // Whoever the kernel has already connected would be reset with the socket.
    while (auto client = from->try_accept()) welcome(std::move(*client));
}

void door::welcome(std::unique_ptr<io::stream> client) {
    counters_.connections.add();
    running_.spawn(serve(std::move(client)));
}

task<> door::serve(std::unique_ptr<io::stream> client) {
    const std::size_t others = hub_.connections.fetch_add(1, std::memory_order_relaxed);
    if (others >= setup_->connections_max) {
        counters_.refused.add("limit");
        if (setup_->tls == nullptr)
            (void)co_await with_stop(
                leaving_,
                with_deadline(setup_->stall,
                              client->write(io::pieces("-ERR max number of clients reached\r\n"))));
    } else if (setup_->tls == nullptr) {
        connection served(*this, std::move(client));
        co_await served.serve();
    } else {
        const auto source = clients::counted_as(client->peer().ip());
        auto secured = setup_->tls->accept(std::move(client), tls_room_, source);
        const auto stands =
            co_await with_stop(leaving_, with_deadline(setup_->greeting, secured->connected()));
        if (stands) {
            connection served(*this, std::move(secured));
            co_await served.serve();
        } else {
            counters_.refused.add("tls-handshake");
        }
    }
    hub_.connections.fetch_sub(1, std::memory_order_relaxed);
}

/// Ends what is over, in slices, and forgets what was read long ago.
task<> door::tend() {
    steady_time next_forgetting = now().steady;
    while (!leaving_.is_stopped()) {
        const auto asks = [then = now().steady](const tenancy& each) {
            return each.in->channels.asks_for_patience(then);
        };
        const bool is_far_behind = std::ranges::any_of(setup_->tenancies, asks);
        const std::size_t budget = is_far_behind ? swept_while_behind : swept_at_once;
        const bool is_more_due = hub_.kept.sweep(now().steady, budget);
        if (now().steady >= next_forgetting) {
            next_forgetting = now().steady + forgetting_interval;
            const auto then = now().steady - limits::readings_remembered;
            for (const auto& each : setup_->tenancies) each.in->readings.forget_before(then);
        }
        // Between slices everybody else has a turn, and those who hear of ends time to do so.
        const bool is_soon = is_more_due && !is_far_behind;
        (void)co_await with_stop(
            leaving_, sleep_for(is_soon ? std::chrono::milliseconds(1) : sweep_interval));
    }
}

audience& door::audience_of(channels& in) {
    audience& mine = in.on(worker_);
    if (audiences_.insert(&mine).second) running_.spawn(mine.serve(leaving_));
    return mine;
}

bool door::meters_next() {
    if (--until_metered_ != 0) return false;
    until_metered_ = metered_each;
    return true;
}

std::string door::take_buffer() {
    if (spare_.empty()) return {};
    std::string taken = std::move(spare_.back());
    spare_.pop_back();
    return taken;
}

void door::give_back(std::string buffer) {
    const bool is_worth_it = buffer.capacity() > std::string().capacity();
    if (!is_worth_it || buffer.capacity() > spare_max || spare_.size() == spares_max) return;
    buffer.clear();
    spare_.push_back(std::move(buffer));
}

}  // namespace hawser::sessions::resp
