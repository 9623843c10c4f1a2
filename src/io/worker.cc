// SPDX-License-Identifier: Apache-2.0
#include "io/worker.h"

#include <algorithm>
#include <utility>

namespace hawser::io {

worker::worker(unsigned index, std::unique_ptr<engine> chosen)
    : index_(index), engine_(std::move(chosen)) {
    loop_.advance(engine_->clock());
}

void worker::post(letter what) {
    {
        const std::scoped_lock held(letters_lock_);
        letters_.push_back(std::move(what));
        has_letters_.store(true, std::memory_order_release);
    }
    engine_->wake();
}

void worker::open_letters() {
    if (!has_letters_.load(std::memory_order_acquire)) return;
    std::vector<letter> opened;
    {
        const std::scoped_lock held(letters_lock_);
        opened.swap(letters_);
        has_letters_.store(false, std::memory_order_relaxed);
    }
    for (auto& what : opened) what();
}

void worker::run_until(const std::function<bool()>& is_over) {
    while (!is_over()) turn();
}

void worker::turn(steady_time end) {
    engine_->wait(loop_.has_ready() ? loop_.now().steady : std::min(end, loop_.next_timer()));
    turns_.fetch_add(1, std::memory_order_relaxed);
    loop_.advance(engine_->clock());
    open_letters();
    loop_.run_ready();
}

}  // namespace hawser::io
