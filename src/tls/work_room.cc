// SPDX-License-Identifier: Apache-2.0
#include "tls/work_room.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace hawser::tls {

namespace {

/// Soon enough for the loop not to sleep, and not in the turn that it is armed in.
constexpr auto at_once = std::chrono::nanoseconds(1);

}  // namespace

/// Nobody overtakes those who wait.
bool work_room::may_shake_hands(turn_taker& who) {
    if (std::exchange(who.is_called_, false)) return true;
    const std::uint64_t turn = loop::current().turn();
    if (std::exchange(turn_, turn) != turn) done_ = 0;
    if (lines_.empty() && done_ < limits::handshakes_per_turn_max) return true;
    if (!who.is_waiting_) queue(who);
    if (!is_armed()) loop::current().arm(*this, loop::current().now().steady + at_once);
    return false;
}

void work_room::queue(turn_taker& who) {
    auto own = std::ranges::find(lines_, who.source_, &line::source);
    if (own == lines_.end()) own = lines_.insert(own, line{.source = who.source_});
    own->waiting.push_back(&who);
    who.is_waiting_ = true;
}

void work_room::forget(turn_taker& who) noexcept {
    if (!std::exchange(who.is_waiting_, false)) return;
    const auto own = std::ranges::find(lines_, who.source_, &line::source);
    own->waiting.remove(&who);
    if (own->waiting.empty()) lines_.erase(own);
}

/// The next turn of the loop has begun.
void work_room::expired(steady_time now) {
    for (unsigned i = 0; i < limits::handshakes_per_turn_max && !lines_.empty(); ++i) {
        turn_taker& called = next();
        called.is_called_ = true;
        called.take_turn();
    }
    if (!lines_.empty()) loop::current().arm(*this, now + at_once);
}

/// Takes the first of the first line, which then waits behind all others.
turn_taker& work_room::next() {
    line& first = lines_.front();
    turn_taker& taken = *first.waiting.front();
    first.waiting.pop_front();
    taken.is_waiting_ = false;
    if (first.waiting.empty())
        lines_.pop_front();
    else
        lines_.splice(lines_.end(), lines_, lines_.begin());
    return taken;
}

}  // namespace hawser::tls
