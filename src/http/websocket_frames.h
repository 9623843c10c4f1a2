// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hawser::http {

// Close frames of a server, unmasked (RFC 6455 5.5.1, 7.4.1; codes from 1012 on: IANA's registry).

/// 1001, going away.
inline constexpr std::string_view websocket_going_away{"\x88\x02\x03\xe9", 4};
/// 1012, service restart: come again, another process is there.
inline constexpr std::string_view websocket_service_restart{
    "\x88\x11\x03\xf4"
    "service restart",
    19};
/// 1012, service restart: come again, elsewhere you are welcome.
inline constexpr std::string_view websocket_server_drained{
    "\x88\x10\x03\xf4"
    "server drained",
    18};
/// 1014, bad gateway: whoever was behind us is gone without a word. Not 1012, by which clients wait
/// until something has started again, and not 1006, which no frame may say.
inline constexpr std::string_view websocket_server_lost{
    "\x88\x0d\x03\xf6"
    "server lost",
    15};

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
