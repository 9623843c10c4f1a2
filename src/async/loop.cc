// SPDX-License-Identifier: Apache-2.0
#include "async/loop.h"

#include <utility>

namespace hawser {

namespace {

thread_local loop* loop_of_thread = nullptr;

}  // namespace

timer::~timer() {
    if (is_armed()) loop::current().disarm(*this);
}

loop::loop() : now_(read_clocks()) {
    ensure(loop_of_thread == nullptr, "a thread has one loop");
    loop_of_thread = this;
}

loop::~loop() {
    ensure(first_ == nullptr && heap_.empty(), "coroutines and timers end before their loop");
    loop_of_thread = nullptr;
}

loop& loop::current() noexcept {
    ensure(loop_of_thread != nullptr, "waits happen on a worker's thread");
    return *loop_of_thread;
}

void loop::make_ready(runnable& work) noexcept {
    if (std::exchange(work.queued_, true)) return;
    work.next_ = nullptr;
    (last_ != nullptr ? last_->next_ : first_) = &work;
    last_ = &work;
}

void loop::run_ready() {
    runnable* const end = last_;
    while (first_ != nullptr) {
        runnable& work = *first_;
        first_ = work.next_;
        if (first_ == nullptr) last_ = nullptr;
        work.queued_ = false;
        const bool was_end = &work == end;
        work.run();  // may destroy work
        if (was_end) break;
    }
}

void loop::advance(const instant& now) {
    now_ = now;
    ++turn_;
    while (!heap_.empty() && heap_.front().when <= now_.steady) {
        timer& due = *heap_.front().what;
        disarm(due);
        due.expired(now_.steady);
    }
}

steady_time loop::next_timer() const noexcept {
    return heap_.empty() ? no_deadline : heap_.front().when;
}

void loop::arm(timer& t, steady_time when) {
    if (!t.is_armed()) {
        heap_.push_back({when, &t});
        t.place_ = heap_.size() - 1;
    } else {
        heap_[t.place_].when = when;
        sift_down(t.place_);
    }
    sift_up(t.place_);
}

void loop::disarm(timer& t) noexcept {
    if (!t.is_armed()) return;
    const std::size_t at = std::exchange(t.place_, timer::not_armed);
    const armed moved = heap_.back();
    heap_.pop_back();
    if (at == heap_.size()) return;
    place(at, moved);
    sift_down(at);
    sift_up(moved.what->place_);
}

void loop::place(std::size_t at, armed entry) noexcept {
    heap_[at] = entry;
    entry.what->place_ = at;
}

void loop::sift_up(std::size_t at) noexcept {
    const armed rising = heap_[at];
    while (at > 0) {
        const std::size_t parent = (at - 1) / 2;
        if (heap_[parent].when <= rising.when) break;
        place(at, heap_[parent]);
        at = parent;
    }
    place(at, rising);
}

void loop::sift_down(std::size_t at) noexcept {
    const armed sinking = heap_[at];
    for (;;) {
        std::size_t child = 2 * at + 1;
        if (child >= heap_.size()) break;
        if (child + 1 < heap_.size() && heap_[child + 1].when < heap_[child].when) ++child;
        if (sinking.when <= heap_[child].when) break;
        place(at, heap_[child]);
        at = child;
    }
    place(at, sinking);
}

}  // namespace hawser
