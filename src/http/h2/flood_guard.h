// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "base/limits.h"
#include "http/h2/frame.h"

namespace hawser::http::h2 {

/// Decides whether a peer's frames are work or a flood (E108-E114).
///
/// It sees the head of every frame before anyone acts on the frame, in the order of the bytes, and
/// is told what came of them. Once it has said a cause it admits nothing more: the connection ends
/// with ENHANCE_YOUR_CALM. Knows nothing of HPACK or of streams' states, so that no way around the
/// library that does is a way around this.
class flood_guard {
  public:
    /// `skip`: bytes before the first frame, such as a client's preface.
    explicit flood_guard(std::size_t skip, std::size_t header_block_max) noexcept
        : payload_left_(skip), header_block_max_(header_block_max) {}

    /// How many of `bytes` may be acted upon: all, or those before the frame that was too much.
    [[nodiscard]] std::size_t admit(std::span<const char> bytes, steady_time now);

    /// The peer has made us reset a stream (E110); true while that may go on.
    bool provoked_reset();
    /// A frame of DATA came that holds padding alone.
    bool padded_for_nothing();
    /// A request was answered whole.
    void completed() noexcept;
    /// DATA went one way or the other: it is answered by as many frames of flow control.
    void moved_data() noexcept { ++frames_for_data_; }

    /// What the flood consists of, e.g. `h2-reset-flood`; static text; empty while there is none.
    [[nodiscard]] std::string_view cause() const noexcept { return cause_; }

    /// A header block, or the frame that begins one, has not come whole.
    [[nodiscard]] bool is_within_head() const noexcept {
        return in_block_ || head_size_ != 0 || (is_block_part_ && payload_left_ != 0);
    }

  private:
    bool admit_frame(const frame_head& frame);
    bool admit_block_part(const frame_head& frame);
    bool admit_control(const frame_head& frame);
    bool count_reset();
    bool count_empty();
    void begin_window(steady_time now) noexcept;
    bool flooded(std::string_view cause) noexcept;

    std::array<char, frame_head::size> head_;
    std::size_t head_size_ = 0;  ///< bytes of a frame's head that have come
    std::size_t payload_left_;
    std::size_t header_block_max_;

    bool in_block_ = false;       ///< a CONTINUATION must follow
    bool is_block_part_ = false;  ///< the frame whose payload comes belongs to a header block
    std::size_t block_bytes_ = 0;
    unsigned continuations_ = 0;

    steady_time window_began_{};
    unsigned resets_ = 0;
    unsigned completed_ = 0;
    std::uint64_t control_frames_ = 0;
    std::uint64_t frames_for_data_ = 0;
    unsigned empty_frames_ = 0;
    std::string_view cause_;
};

}  // namespace hawser::http::h2
