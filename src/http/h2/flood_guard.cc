// SPDX-License-Identifier: Apache-2.0
#include "http/h2/flood_guard.h"

#include <algorithm>

namespace hawser::http::h2 {
namespace {

bool is_part_of_block(frame_type type) {
    return type == frame_type::headers || type == frame_type::continuation ||
           type == frame_type::push_promise;
}

}  // namespace

std::size_t flood_guard::admit(std::span<const char> bytes, steady_time now) {
    if (!cause_.empty()) return 0;
    begin_window(now);
    std::size_t at = 0;
    while (at < bytes.size()) {
        if (payload_left_ != 0) {
            const std::size_t passed = std::min(payload_left_, bytes.size() - at);
            payload_left_ -= passed;
            at += passed;
            continue;
        }
        const std::size_t wanted = std::min(head_.size() - head_size_, bytes.size() - at);
        std::copy_n(bytes.data() + at, wanted, head_.data() + head_size_);
        head_size_ += wanted;
        if (head_size_ < head_.size()) return bytes.size();

        const frame_head frame = read_frame_head(head_);
        if (!admit_frame(frame)) return at;
        at += wanted;
        head_size_ = 0;
        is_block_part_ = is_part_of_block(frame.type);
        payload_left_ = frame.length;
    }
    return at;
}

bool flood_guard::admit_frame(const frame_head& frame) {
    // An error of the connection by itself (RFC 9113 4.2): it has its own code (E117).
    if (frame.length > frame_size_max) return true;
    switch (frame.type) {
        case frame_type::data:
            return frame.length != 0 || frame.has(flag_end_stream) || count_empty();
        case frame_type::headers:
        case frame_type::push_promise:
        case frame_type::continuation: return admit_block_part(frame);
        case frame_type::rst_stream: return count_reset();
        case frame_type::goaway: return true;
        default: return admit_control(frame);
    }
}

/// A header block is bounded while it arrives, whatever it holds: nobody waits for its end (E111).
bool flood_guard::admit_block_part(const frame_head& frame) {
    if (frame.type == frame_type::continuation) {
        if (++continuations_ > limits::h2_continuations_max)
            return flooded("h2-continuation-flood");
    } else {
        continuations_ = 0;
        block_bytes_ = 0;
    }
    block_bytes_ += frame.length;
    if (block_bytes_ > header_block_max_) return flooded("h2-header-block-too-large");
    in_block_ = !frame.has(flag_end_headers);

    const bool ends_stream = frame.type == frame_type::headers && frame.has(flag_end_stream);
    return frame.length != 0 || ends_stream || count_empty();
}

/// PING, SETTINGS, PRIORITY, WINDOW_UPDATE and whatever we do not know (E113). A large SETTINGS
/// frame counts as many.
bool flood_guard::admit_control(const frame_head& frame) {
    constexpr std::uint32_t bytes_for_one = 64;
    control_frames_ += 1 + frame.length / bytes_for_one;
    // Windows are opened, and round trips measured, as DATA flows: that much is no flood.
    if (control_frames_ > limits::h2_control_frames_max + 2 * frames_for_data_)
        return flooded("h2-control-flood");
    return true;
}

bool flood_guard::provoked_reset() { return cause_.empty() && count_reset(); }
bool flood_guard::padded_for_nothing() { return cause_.empty() && count_empty(); }

bool flood_guard::count_reset() {
    ++resets_;
    if (resets_ > limits::h2_resets_max && resets_ > completed_) return flooded("h2-reset-flood");
    return true;
}

bool flood_guard::count_empty() {
    return ++empty_frames_ <= limits::h2_empty_frames_max || flooded("h2-empty-frame-flood");
}

void flood_guard::completed() noexcept {
    ++completed_;
    control_frames_ = frames_for_data_ = 0;
}

void flood_guard::begin_window(steady_time now) noexcept {
    if (now - window_began_ < limits::h2_flood_time) return;
    window_began_ = now;
    resets_ = completed_ = 0;
    control_frames_ = frames_for_data_ = 0;
}

bool flood_guard::flooded(std::string_view cause) noexcept {
    cause_ = cause;
    return false;
}

}  // namespace hawser::http::h2
