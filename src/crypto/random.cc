// SPDX-License-Identifier: Apache-2.0
#include "crypto/random.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>

#include "base/ensure.h"

namespace hawser::crypto {

void start_random() {
    // libsodium opens the kernel's source here; where that fails later on, it aborts by itself.
    ensure(sodium_init() >= 0, "the kernel gives random bytes; without them nothing can be sealed");
}

void random_bytes(std::span<std::uint8_t> out) {
    start_random();
    randombytes_buf(out.data(), out.size());
}

random_stock::~random_stock() { ::explicit_bzero(block_.data(), block_.size()); }

void random_stock::take(std::span<std::uint8_t> out) {
    ensure(out.size() <= block_.size(), "small portions only are taken from a stock");
    if (block_.size() - used_ < out.size()) {
        random_bytes(block_);
        used_ = 0;
    }
    const auto portion = std::span(block_).subspan(used_, out.size());
    std::ranges::copy(portion, out.begin());
    ::explicit_bzero(portion.data(), portion.size());
    used_ += portion.size();
}

}  // namespace hawser::crypto
