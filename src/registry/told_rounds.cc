// SPDX-License-Identifier: Apache-2.0
#include "registry/told_rounds.h"

namespace hawser::registry {

void told_rounds::raise(std::atomic<std::uint64_t>& what, std::uint64_t to) noexcept {
    std::uint64_t present = what;
    while (present < to && !what.compare_exchange_weak(present, to)) {
    }
}

/// A shard's lock orders the change before the look of a round that begins afterwards.
std::uint64_t told_rounds::await() noexcept {
    if (!is_open_ || known_ < given_up_) return 0;
    const std::uint64_t round = begun_ + 1;
    raise(awaited_, round);
    return round;
}

bool told_rounds::is_known(std::uint64_t round) const noexcept {
    const std::uint64_t known = known_;
    return known >= round || known < given_up_ || !is_open_;
}

void told_rounds::open() noexcept {
    given_up_ = 0;
    is_open_ = true;
}

void told_rounds::close() noexcept {
    is_open_ = false;
    owed_ = 0;
}

bool told_rounds::is_due(std::uint64_t round) noexcept {
    const std::uint64_t awaited = awaited_;
    if (!is_open_ || awaited > round || awaited <= asked_) return false;
    asked_ = round;
    return true;
}

std::optional<std::uint64_t> told_rounds::take_due_answer() noexcept {
    const std::uint64_t owed = owed_.exchange(0);
    return owed != 0 ? std::optional(owed) : std::nullopt;
}

bool told_rounds::hear(std::uint64_t round) noexcept {
    if (round > begun_) return false;
    raise(known_, round);
    return true;
}

}  // namespace hawser::registry
