// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace hawser::http {

/// The proof that a server has understood a WebSocket handshake: Sec-WebSocket-Accept for the
/// handshake's key (RFC 6455 4.2.2).
class websocket_accept {
  public:
    explicit websocket_accept(std::string_view key) noexcept;
    explicit operator std::string_view() const noexcept { return {text_.data(), text_.size()}; }

  private:
    std::array<char, 28> text_;
};

}  // namespace hawser::http
