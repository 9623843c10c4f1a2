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
    if (waiting_.empty() && done_ < limits::handshakes_per_turn_max) return true;
    if (std::ranges::find(waiting_, &who) == waiting_.end()) waiting_.push_back(&who);
    if (!is_armed()) loop::current().arm(*this, loop::current().now().steady + at_once);
    return false;
}

void work_room::forget(turn_taker& who) noexcept {
    if (!waiting_.empty()) std::erase(waiting_, &who);
}

/// The next turn of the loop has begun.
void work_room::expired(steady_time now) {
    for (unsigned i = 0; i < limits::handshakes_per_turn_max && !waiting_.empty(); ++i) {
        turn_taker* const next = waiting_.front();
        waiting_.pop_front();
        next->is_called_ = true;
        next->take_turn();
    }
    if (!waiting_.empty()) loop::current().arm(*this, now + at_once);
}

}  // namespace hawser::tls
