// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hawser::http {

/// Follows the frames that a server sends over a WebSocket, so that somebody between may say a
/// word of its own where one has ended. Looks at heads only: whatever the payload is, compressed
/// or not, it passes.
class websocket_frames {
  public:
    /// Takes bytes up to the end of the frame that they begin or go on with; returns how many.
    std::size_t take_frame(std::string_view bytes) noexcept;
    /// Takes all of them.
    void take(std::string_view bytes) noexcept;

    /// Every frame so far has ended, and the server may still send others: it has not said that it
    /// closes, and what it sent were frames.
    [[nodiscard]] bool is_between() const noexcept { return is_whole() && !is_closing_; }
    /// No frame has begun that has not ended.
    [[nodiscard]] bool is_whole() const noexcept {
        return head_size_ == 0 && left_ == 0 && !is_lost_;
    }
    /// What came are no frames of a server: masked, of unknown kind, or of impossible size.
    [[nodiscard]] bool is_lost() const noexcept { return is_lost_; }

  private:
    [[nodiscard]] std::size_t wanted_head() const noexcept;
    void begin_payload() noexcept;

    std::uint64_t left_ = 0;       ///< of a payload
    std::array<char, 10> head_{};  ///< of the frame that has begun, as far as it came
    std::uint8_t head_size_ = 0;
    bool is_closing_ = false;
    bool is_lost_ = false;
};

}  // namespace hawser::http
