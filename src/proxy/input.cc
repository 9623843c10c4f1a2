// SPDX-License-Identifier: Apache-2.0
#include "proxy/input.h"

#include <algorithm>
#include <cstring>

namespace hawser::proxy {

void input::use(std::size_t count) noexcept { bytes_ = bytes_.subspan(count); }

void input::settle() {
    keep();
    if (!bytes_.empty()) return;
    kept_.reset();
    room_ = 0;
}

void input::keep() {
    if (bytes_.empty()) return;
    const bool is_kept =
        kept_ != nullptr && bytes_.data() >= kept_.get() && bytes_.data() < kept_.get() + room_;
    if (!is_kept) grow(bytes_.size());
}

void input::append(std::span<const char> more) {
    settle();
    const std::size_t size = bytes_.size();
    const std::size_t begin = room_ == 0 ? 0 : std::size_t(bytes_.data() - kept_.get());
    // Doubled, so that a head that comes byte by byte is not copied each time.
    if (begin + size + more.size() > room_) grow(std::max(2 * size, size + more.size()));
    std::memcpy(bytes_.data() + size, more.data(), more.size());
    bytes_ = {bytes_.data(), size + more.size()};
}

void input::grow(std::size_t room) {
    auto bigger = std::make_unique_for_overwrite<char[]>(room);
    if (!bytes_.empty()) std::memcpy(bigger.get(), bytes_.data(), bytes_.size());
    bytes_ = {bigger.get(), bytes_.size()};
    kept_ = std::move(bigger);
    room_ = room;
}

}  // namespace hawser::proxy
