// SPDX-License-Identifier: Apache-2.0
#include "upstream/places.h"

#include "upstream/queue.h"

namespace hawser::upstream {

/// Whoever began to wait before the place was free has looked in vain: so the second look.
void places::give_back_to_line() noexcept {
    if (line_->waiting() != 0 && line_->pass_on(*whose_)) return;
    const std::uint32_t before = taken_.fetch_sub(1);
    ensure(before > 0, "only a place that was taken is given back");
    if (line_->waiting() != 0) line_->serve(*whose_);
}

}  // namespace hawser::upstream
