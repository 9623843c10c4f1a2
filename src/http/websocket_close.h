// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hawser::http {

/// A Close frame of a server, unmasked (RFC 6455 5.5.1): a code (7.4.1; from 1012 on: IANA's
/// registry), and a reason for people.
class websocket_close {
  public:
    consteval websocket_close(std::uint16_t code, std::string_view reason) {
        bytes_[0] = char(0x88);  // final, opcode 8
        bytes_[1] = char(2 + reason.size());
        bytes_[2] = char(code >> 8);
        bytes_[3] = char(code & 0xff);
        size_ = static_cast<std::size_t>(std::ranges::copy(reason, bytes_.begin() + 4).out -
                                         bytes_.begin());
    }

    /// Its bytes, for as long as this lives.
    [[nodiscard]] constexpr std::string_view frame() const noexcept {
        return {bytes_.data(), size_};
    }

  private:
    std::array<char, 32> bytes_{};
    std::size_t size_ = 0;
};

}  // namespace hawser::http
