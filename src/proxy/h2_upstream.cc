// SPDX-License-Identifier: Apache-2.0
#include "proxy/h2_upstream.h"

#include <utility>

#include "async/loop.h"
#include "async/scope.h"
#include "async/with.h"
#include "base/limits.h"
#include "proxy/station.h"

namespace hawser::proxy {

using http::h2::error_code;

h2_upstream::h2_upstream(station& at, upstream::connection over, std::chrono::milliseconds idle_max)
    : station_(at),
      over_(std::move(over)),
      session_(http::h2::session::role::client,
               {.bytes = limits::response_head_max, .fields = limits::response_fields_max}),
      pump_(session_, *over_, at.out, *this),
      idle_max_(idle_max),
      last_used_(loop::current().now().steady) {}

task<> h2_upstream::run(std::shared_ptr<h2_upstream> self) {
    scope writer(self->conditions_);
    writer.spawn(self->write_frames());
    (void)co_await self->pump_.read_frames(self->gone_);

    self->is_leaving_ = true;
    self->session_.end(error_code::no_error, "h2-connection-ended");
    self->look_at_streams();
    self->gone_.stop();
    co_await writer.join();
    self->over_.close();
}

task<> h2_upstream::write_frames() {
    if (!co_await pump_.write_frames()) gone_.stop();
}

void h2_upstream::look_at_streams() {
    while (http::h2::stream* const one = session_.next_stirred())
        if (one->listener() != nullptr) one->listener()->stirred();
}

void h2_upstream::took_frames() {
    if (session_.peer_is_leaving()) leave();
}

steady_time h2_upstream::due() const {
    const bool is_idle = session_.open_streams() == 0;
    return (is_idle ? last_used_ : loop::current().now().steady) + idle_max_;
}

void h2_upstream::run_out_of_time() {
    const bool is_idle = session_.open_streams() == 0;
    if (is_idle && loop::current().now().steady >= last_used_ + idle_max_) gone_.stop();
}

/// Clients that ask and leave must not make a rapid-reset attacker of us (E183).
void h2_upstream::released(bool cancelled) noexcept {
    last_used_ = loop::current().now().steady;
    over_.note_pause();
    ++(cancelled ? cancelled_ : completed_);
    if (cancelled_ > limits::h2_cancels_max && cancelled_ > completed_) is_leaving_ = true;
    if (is_leaving_ || station_.is_draining()) leave();
    has_to_send();
}

void h2_upstream::leave() noexcept {
    is_leaving_ = true;
    if (session_.open_streams() == 0) gone_.stop();
}

}  // namespace hawser::proxy
