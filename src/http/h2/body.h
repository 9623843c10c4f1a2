// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "http/h2/stream.h"
#include "http/message.h"

namespace hawser::http::h2 {

/// Reads one message's body from its stream and holds it to what its head has announced (E99).
class body_reader {
  public:
    struct step {
        /// What may be passed on; then given back whole by `session::consume`. The last byte of an
        /// announced length is held back until the end has come: with it the message would be
        /// whole, and something might still follow.
        std::span<char> payload;
        bool done = false;  ///< it is the last, and the body is what was announced
        /// The body is faulty: `payload` must not be passed on. Told before a body's end could be
        /// taken for one.
        std::optional<refusal> why = {};
    };

    body_reader(framing how, std::uint64_t content_length, std::uint64_t body_max = UINT64_MAX)
        : how_(how), content_length_(content_length), body_max_(body_max) {}
    template <typename Head>
    explicit body_reader(const Head& head, std::uint64_t body_max = UINT64_MAX)
        : body_reader(head.body, head.content_length, body_max) {}

    /// Looks at what the stream holds. Once for each payload: what it gave must be consumed before
    /// it is asked again.
    [[nodiscard]] step take(const stream& from);

    [[nodiscard]] bool is_done() const noexcept { return done_; }
    /// Bytes that `take` gave out.
    [[nodiscard]] std::uint64_t received() const noexcept { return given_; }

  private:
    framing how_;
    std::uint64_t content_length_;
    std::uint64_t body_max_;
    std::uint64_t given_ = 0;
    bool done_ = false;
};

}  // namespace hawser::http::h2
