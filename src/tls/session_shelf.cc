// SPDX-License-Identifier: Apache-2.0
#include "tls/session_shelf.h"

#include <utility>

#include "base/limits.h"

namespace hawser::tls {

void session_shelf::keep(resumable_handle one) {
    if (kept_.size() == limits::tls_sessions_kept_max) kept_.erase(kept_.begin());
    kept_.push_back(std::move(one));
}

resumable_handle session_shelf::take() noexcept {
    if (kept_.empty()) return nullptr;
    auto taken = std::move(kept_.back());
    kept_.pop_back();
    return taken;
}

}  // namespace hawser::tls
