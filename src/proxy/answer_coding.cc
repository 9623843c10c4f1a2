// SPDX-License-Identifier: Apache-2.0
#include "proxy/answer_coding.h"

#include <algorithm>
#include <span>

#include "base/limits.h"

namespace hawser::proxy {

using http::compression::until;

answer_coding::answer_coding(const http::compression::choice& chosen, std::vector<char>& room,
                             std::size_t& memory)
    : by_(chosen.make()), room_(room), memory_(memory) {
    memory_ += by_->memory_max();
}

answer_coding::~answer_coding() { memory_ -= by_->memory_max(); }

body_part answer_coding::encode(body_part part) {
    if (part.payload.empty() && !part.is_last) return part;
    // What cannot be made smaller grows by less than this much.
    room_.resize(std::max(room_.size(), part.payload.size() + limits::coding_overhead_max));
    std::span<const char> left(part.payload);
    std::size_t size = 0;
    http::compression::compressor::step done;
    do {
        if (size == room_.size()) room_.resize(2 * size);
        done = by_->compress(left, std::span(room_).subspan(size),
                             part.is_last ? until::end : until::piece);
        left = left.subspan(done.consumed);
        size += done.produced;
    } while (done.is_full);
    part.payload = {room_.data(), size};
    return part;
}

}  // namespace hawser::proxy
