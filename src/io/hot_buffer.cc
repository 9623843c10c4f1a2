// SPDX-License-Identifier: Apache-2.0
#include "io/hot_buffer.h"

#include "base/sanitizers.h"

namespace hawser::io {

hot_buffer::hot_buffer() : bytes_(std::make_unique_for_overwrite<char[]>(limits::hot_buffer)) {}

hot_buffer::~hot_buffer() { allow(bytes_.get(), limits::hot_buffer); }

std::span<char> hot_buffer::lend() noexcept {
    allow(bytes_.get(), limits::hot_buffer);
    return {bytes_.get(), limits::hot_buffer};
}

void hot_buffer::take_back() noexcept { forbid(bytes_.get(), limits::hot_buffer); }

}  // namespace hawser::io
