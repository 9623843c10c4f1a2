// SPDX-License-Identifier: Apache-2.0
#include "http/websocket_frames.h"

#include <algorithm>
#include <span>

#include "base/big_endian.h"

namespace hawser::http {

namespace {

// The first two bytes of a head (RFC 6455 5.2).
constexpr unsigned final_bit = 0x80;
constexpr unsigned opcode_bits = 0x0f;
constexpr unsigned masked_bit = 0x80;
constexpr unsigned size_bits = 0x7f;

constexpr unsigned close_opcode = 8;
constexpr unsigned control_size_max = 125;
constexpr unsigned size_in_2_bytes = 126;
constexpr unsigned size_in_8_bytes = 127;

constexpr bool is_control(unsigned opcode) { return opcode >= close_opcode; }
constexpr bool is_known(unsigned opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

unsigned byte(char of) { return static_cast<unsigned char>(of); }

}  // namespace

void websocket_frames::take(std::string_view bytes) noexcept {
    while (!bytes.empty()) bytes.remove_prefix(take_frame(bytes));
}

std::size_t websocket_frames::take_frame(std::string_view bytes) noexcept {
    if (is_lost_) return bytes.size();
    std::size_t taken = 0;
    while (left_ == 0 && taken < bytes.size()) {
        head_[head_size_++] = bytes[taken++];
        if (head_size_ < wanted_head()) continue;
        begin_payload();
        if (is_lost_) return bytes.size();
        if (left_ == 0) return taken;
    }
    const auto payload = std::min<std::uint64_t>(left_, bytes.size() - taken);
    left_ -= payload;
    return taken + static_cast<std::size_t>(payload);
}

/// How long the head is, as far as one can say.
std::size_t websocket_frames::wanted_head() const noexcept {
    if (head_size_ < 2) return 2;
    switch (byte(head_[1]) & size_bits) {
        case size_in_2_bytes: return 4;
        case size_in_8_bytes: return 10;
        default: return 2;
    }
}

void websocket_frames::begin_payload() noexcept {
    const unsigned opcode = byte(head_[0]) & opcode_bits;
    const unsigned size = byte(head_[1]) & size_bits;
    const std::span<const std::uint8_t, 10> bytes(
        reinterpret_cast<const std::uint8_t*>(head_.data()), head_.size());
    left_ = size;
    if (size == size_in_2_bytes) left_ = big_endian<std::uint16_t>(bytes.subspan<2, 2>());
    if (size == size_in_8_bytes) left_ = big_endian<std::uint64_t>(bytes.subspan<2, 8>());
    head_size_ = 0;

    const bool is_faulty_control =
        is_control(opcode) && ((byte(head_[0]) & final_bit) == 0 || size > control_size_max);
    is_lost_ = !is_known(opcode) || (byte(head_[1]) & masked_bit) != 0 || is_faulty_control ||
               left_ > INT64_MAX;
    is_closing_ = is_closing_ || opcode == close_opcode;
}

}  // namespace hawser::http
