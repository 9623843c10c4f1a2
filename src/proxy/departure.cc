// SPDX-License-Identifier: Apache-2.0
#include "proxy/departure.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace hawser::proxy {

void departure::call(std::chrono::milliseconds within) {
    if (listening_ == 0) return;
    step_ = std::min<steady_time::duration>(
        limits::farewell_gap, steady_time::duration(within) / std::int64_t(listening_));
    called_ = 0;
    told_->stop();
    told_.emplace();
}

/// Each has a part of the time, and a moment in it by chance.
steady_time departure::next_moment() {
    std::array<std::uint8_t, 2> drawn{};
    random_.take(drawn);
    const auto jitter = step_ * (drawn[0] << 8 | drawn[1]) / (1 << 16);
    return loop::current().now().steady + step_ * std::int64_t(called_++) + jitter;
}

void leaver::listen_to(departure* node, departure* server) {
    node_.listen_to(node);
    server_.listen_to(server);
}

void leaver::go(const goodbye& why) {
    node_.forget();
    server_.forget();
    said_ = &why;
    due_.stop();
}

void leaver::go_at(const goodbye& why, steady_time moment) {
    if (said_ != nullptr) return;
    node_.forget();
    server_.forget();
    said_ = &why;
    loop::current().arm(*this, moment);
}

void leaver::ear::listen_to(departure* to) {
    forget();
    heard_ = to;
    if (to == nullptr) return;
    ++to->listening_;
    stop_listener::listen_to(&*to->told_);
}

void leaver::ear::forget() {
    if (heard_ == nullptr) return;
    --std::exchange(heard_, nullptr)->listening_;
    ignore_stop();
}

void leaver::ear::stopped() noexcept {
    departure& by = *heard_;
    owner_.go_at(by.said(), by.next_moment());
}

}  // namespace hawser::proxy
