// SPDX-License-Identifier: Apache-2.0
#include "upstream/idle_connections.h"

#include <algorithm>
#include <utility>

#include "async/loop.h"

namespace hawser::upstream {

idle_connections::~idle_connections() = default;

connection idle_connections::take() {
    if (idle_.empty()) return {};
    auto taken = std::move(idle_.back());
    idle_.pop_back();
    taken->watch(nullptr, no_deadline);
    return taken;
}

void idle_connections::keep(connection kept) {
    if (count_max_ == 0) return;
    if (idle_.size() == count_max_) idle_.erase(idle_.begin());
    kept.note_pause();
    kept->watch(this, loop::current().now().steady + idle_max_);
    idle_.push_back(std::move(kept));
}

void idle_connections::stirred(io::stream& watched) {
    std::erase_if(idle_, [&](const auto& each) { return &*each == &watched; });
}

}  // namespace hawser::upstream
