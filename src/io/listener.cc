// SPDX-License-Identifier: Apache-2.0
#include "io/listener.h"

#include <utility>

#include "base/ensure.h"
#include "base/limits.h"

namespace hawser::io {

void listener::notice() noexcept {
    if (waiting_ != nullptr) loop::current().make_ready(*waiting_);
}

bool listener::has_had_its_turn() noexcept {
    const std::uint64_t turn = loop::current().turn();
    if (std::exchange(turn_, turn) != turn) accepts_in_turn_ = 0;
    return accepts_in_turn_++ >= limits::accepts_per_turn_max;
}

bool listener::accept_wait::await_ready() {
    if (conditions_->stop != nullptr && conditions_->stop->is_stopped()) return true;
    // A crowd that connects does not hold a worker: who is in already goes on between.
    if (from_.has_had_its_turn()) {
        loop::current().make_ready(*this);
        return false;
    }
    return attempt();
}

void listener::accept_wait::await_suspend(std::coroutine_handle<> awaiting) {
    ensure(from_.waiting_ == nullptr, "one coroutine accepts at a time");
    waiting_ = awaiting;
    from_.waiting_ = this;
    listen_to(conditions_->stop);
}

bool listener::accept_wait::attempt() {
    outcome_ = from_.try_accept();
    return outcome_.has_value() || outcome_.error().code != errc::unavailable;
}

void listener::accept_wait::stopped() noexcept {
    stopped_ = true;
    loop::current().make_ready(*this);
}

void listener::accept_wait::run() {
    if (stopped_)
        outcome_ = fail(errc::cancelled);
    else if (!attempt())
        return;
    from_.waiting_ = nullptr;
    ignore_stop();
    waiting_.resume();
}

}  // namespace hawser::io
