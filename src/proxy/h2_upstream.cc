// SPDX-License-Identifier: Apache-2.0
#include "proxy/h2_upstream.h"

#include <span>
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
      idle_max_(idle_max),
      last_used_(loop::current().now().steady) {}

task<> h2_upstream::run(std::shared_ptr<h2_upstream> self) {
    scope writer(self->conditions_);
    writer.spawn(self->write_frames());
    co_await self->read_frames();

    self->is_leaving_ = true;
    self->session_.end(error_code::no_error, "h2-connection-ended");
    self->tell_streams();
    self->gone_.stop();
    co_await writer.join();
    self->over_.close();
}

task<> h2_upstream::read_frames() {
    while (!session_.fault() && !gone_.is_stopped()) {
        const steady_time now = loop::current().now().steady;
        const bool is_idle = session_.open_streams() == 0;
        const steady_time due = (is_idle ? last_used_ : now) + idle_max_;
        auto lent = co_await with_stop(gone_, with_deadline_at(due, over_->read()));
        if (lent) {
            session_.feed(*lent, loop::current().now().steady);
            tell_streams();
            to_send_.set();
        } else if (lent.error().code != errc::timed_out ||
                   (is_idle && session_.open_streams() == 0 &&
                    loop::current().now().steady >= last_used_ + idle_max_)) {
            co_return;
        }
        if (session_.peer_is_leaving()) leave();
    }
}

task<> h2_upstream::write_frames() {
    for (;;) {
        const auto room = std::span(station_.out).first(limits::h2_written_max);
        const std::size_t size = session_.produce(room);
        tell_streams();  // room has appeared, or their last byte is out
        if (size != 0) {
            const auto sent = co_await with_idle_limit(
                idle_max_, over_->write(io::pieces(std::string_view(room.data(), size))));
            if (sent) continue;
            gone_.stop();
            co_return;
        }
        if (gone_.is_stopped() || !co_await to_send_.wait()) co_return;
    }
}

void h2_upstream::tell_streams() {
    while (http::h2::stream* const one = session_.next_stirred())
        if (one->listener() != nullptr) one->listener()->stirred();
}

/// Clients that ask and leave must not make a rapid-reset attacker of us (E183).
void h2_upstream::released(bool cancelled) noexcept {
    last_used_ = loop::current().now().steady;
    ++(cancelled ? cancelled_ : completed_);
    if (cancelled_ > limits::h2_cancels_max && cancelled_ > completed_) is_leaving_ = true;
    if (is_leaving_ || station_.is_draining()) leave();
    to_send_.set();
}

void h2_upstream::leave() noexcept {
    is_leaving_ = true;
    if (session_.open_streams() == 0) gone_.stop();
}

}  // namespace hawser::proxy
