// SPDX-License-Identifier: Apache-2.0
#include "upstream/queue.h"

#include <algorithm>
#include <initializer_list>

#include "upstream/pool.h"

namespace hawser::upstream {

// ---- bells ----------------------------------------------------------------------------------

bool bell::add(waiter& called) noexcept {
    waiter* top = called_.load(std::memory_order_relaxed);
    do {
        called.next_called_ = top;
    } while (!called_.compare_exchange_weak(top, &called, std::memory_order_release,
                                            std::memory_order_relaxed));
    return top == nullptr;
}

void bell::tell_called() {
    waiter* last = called_.exchange(nullptr, std::memory_order_acquire);
    // In the order of the calls, which is that of their turns: who is first looks first.
    waiter* next = nullptr;
    while (last != nullptr) {
        waiter* before = std::exchange(last->next_called_, next);
        next = std::exchange(last, before);
    }
    while (next != nullptr) {
        waiter& one = *next;
        next = one.next_called_;
        one.called();
    }
}

// ---- lines ----------------------------------------------------------------------------------

/// Mostly at the end; who comes in again goes where it was.
void line::insert(waiter& one) noexcept {
    waiter* before = last_;
    while (before != nullptr && before->ticket_ > one.ticket_) before = before->previous_;
    one.previous_ = before;
    one.next_ = before != nullptr ? before->next_ : first_;
    (one.next_ != nullptr ? one.next_->previous_ : last_) = &one;
    (before != nullptr ? before->next_ : first_) = &one;
    size_.fetch_add(1, std::memory_order_relaxed);
}

void line::remove(waiter& one) noexcept {
    (one.previous_ != nullptr ? one.previous_->next_ : first_) = one.next_;
    (one.next_ != nullptr ? one.next_->previous_ : last_) = one.previous_;
    one.previous_ = one.next_ = nullptr;
    size_.fetch_sub(1, std::memory_order_relaxed);
}

// ---- the queue ------------------------------------------------------------------------------

namespace {

/// Who does not wait for its home would go to any server that takes it, but knows only those of the
/// configuration that it began with.
bool may_have(const waiter& who, const server& at) noexcept {
    if (who.waits_for_health) return false;
    if (who.waits_for_home) return who.home == &at;
    const bool is_taken = at.is_fit_for_new() || who.home == &at;
    if (who.of_release != nullptr && !who.of_release->has(at.id())) return false;
    const bool was_tried = std::ranges::find(who.tried, &at) != who.tried.end();
    return is_taken && !was_tried && who.of->find(at.id()) == &at;
}

/// Who waits for its home does so there, the others in one line.
line& line_of(waiter& who, line& for_any) noexcept {
    return who.waits_for_home ? who.home->waits_here : for_any;
}

}  // namespace

queue::entry queue::enter(waiter& who) {
    const std::scoped_lock held(lock_);
    const auto& by = who.of->settings().queue;
    line& wanted = line_of(who, for_any_);
    const bool is_new = who.ticket_ == 0;
    if (is_new) {
        const bool is_full =
            waiting_.load(std::memory_order_relaxed) >= by.length ||
            (who.waits_for_home && by.home_length != 0 && wanted.size() >= by.home_length);
        if (is_full) return entry::full;
        who.ticket_ = ++tickets_;
    }
    // In this order, and who changes something or gives a place back in the other one: one of both
    // sees what the other did.
    waiting_.fetch_add(1);
    wanted.insert(who);
    who.is_waiting_ = true;
    if (changes_.load() != who.seen) {
        take_out(who);
        if (is_new) who.ticket_ = 0;
        return entry::changed;
    }
    if (who.waits_for_home) {
        serve(*who.home, &who);
    } else {
        for (const auto& each : who.of->servers())
            if (may_have(who, *each)) serve(*each, &who);
    }
    return who.granted_ != nullptr ? entry::granted : entry::waits;
}

void queue::leave(waiter& who) {
    bool was_called = false;
    {
        const std::scoped_lock held(lock_);
        if (who.is_waiting_) take_out(who);
        was_called = std::exchange(who.was_called_, false);
    }
    // Its bell must not find it once it is gone.
    if (was_called) who.bell_.tell_called();
}

void queue::look_again() noexcept {
    changes_.fetch_add(1);
    if (waiting() == 0) return;
    const std::scoped_lock held(lock_);
    while (waiter* one = for_any_.first()) call(*one, nullptr);
}

void queue::look_again_at(server& one) noexcept {
    changes_.fetch_add(1);
    if (waiting() == 0) return;
    const std::scoped_lock held(lock_);
    while (waiter* pinned = one.waits_here.first()) call(*pinned, nullptr);
    while (waiter* other = for_any_.first()) call(*other, nullptr);
}

bool queue::pass_on(server& at) noexcept {
    const std::scoped_lock held(lock_);
    const std::uint32_t most = at.places.maximum();
    const bool fits = most == 0 || at.places.taken() <= most;
    waiter* next = fits ? first_for(at) : nullptr;
    if (next == nullptr) return false;
    grant(*next, at, place(at.places), nullptr);
    return true;
}

void queue::serve(server& at) noexcept {
    const std::scoped_lock held(lock_);
    serve(at, nullptr);
}

void queue::serve(server& at, const waiter* by) noexcept {
    while (!at.places.is_full()) {
        waiter* next = first_for(at);
        place taken;
        if (next == nullptr || !at.places.take(taken)) return;
        grant(*next, at, std::move(taken), by);
    }
}

waiter* queue::first_for(server& at) const noexcept {
    for (const line* each : std::initializer_list<const line*>{&at.waits_here, &for_any_})
        for (waiter* one = each->first(); one != nullptr; one = line::after(*one))
            if (may_have(*one, at)) return one;
    return nullptr;
}

void queue::grant(waiter& who, server& at, place from, const waiter* by) noexcept {
    who.granted_ = &at;
    who.place_ = std::move(from);
    call(who, by);
}

void queue::call(waiter& who, const waiter* by) noexcept {
    take_out(who);
    if (&who == by) return;
    who.was_called_ = true;
    // Under the lock: once `who` has left, nobody touches its bell for it.
    if (who.bell_.add(who)) who.bell_.ring();
}

void queue::take_out(waiter& who) noexcept {
    line_of(who, for_any_).remove(who);
    who.is_waiting_ = false;
    waiting_.fetch_sub(1);
}

}  // namespace hawser::upstream
