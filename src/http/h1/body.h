// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "http/h1/chunked.h"
#include "http/message.h"

namespace hawser::http::h1 {

/// Reads one message's body, however it is framed.
///
/// Made from a parsed head; then `decode` takes what the connection gives until `done`. Says
/// nothing of what was not sent: whether the connection's end completes the body is
/// `completes_at_end_of_stream`.
class body_reader {
  public:
    /// A body that is over already.
    body_reader() noexcept : body_reader(framing::none, 0) {}
    body_reader(framing how, std::uint64_t content_length,
                const chunked_limits& limits = {}) noexcept;
    explicit body_reader(const request_head& head, const chunked_limits& limits = {}) noexcept
        : body_reader(head.body, head.content_length, limits) {}
    explicit body_reader(const response_head& head, const chunked_limits& limits = {}) noexcept
        : body_reader(head.body, head.content_length, limits) {}

    /// Takes the next bytes of the stream; once `is_done()` it takes none. A body longer than
    /// `limits.body` is refused with 413, whatever its framing (E54).
    [[nodiscard]] body_step decode(std::span<char> in);

    [[nodiscard]] framing how() const noexcept { return how_; }
    [[nodiscard]] bool is_done() const noexcept { return done_; }

    /// The peer ended its side in order: is the body complete? Never true for a reset.
    [[nodiscard]] bool completes_at_end_of_stream() const noexcept {
        return done_ || how_ == framing::until_close;
    }

    /// Payload bytes that `decode` gave out.
    [[nodiscard]] std::uint64_t received() const noexcept { return received_; }

    /// With framing::length: bytes that have not come yet. Else 0.
    [[nodiscard]] std::uint64_t left() const noexcept { return left_; }

    /// See chunked_decoder; empty for other framings.
    [[nodiscard]] std::string_view trailers() const noexcept { return chunked_.trailers(); }

  private:
    body_step take_plain(std::span<char> in);

    framing how_;
    bool done_;
    std::uint64_t left_;
    std::uint64_t received_ = 0;
    std::uint64_t body_max_;
    chunked_decoder chunked_;
};

}  // namespace hawser::http::h1
