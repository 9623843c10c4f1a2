// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace hawser::http::compression {

/// How much of what was taken must come out.
enum class until : std::uint8_t {
    piece,  ///< all of it, so that the receiver can read it before more comes
    end,    ///< all of it, and the stream ends
};

/// One body on its way into a coding.
///
/// Give it a piece, again and again with what `consumed` left of it, until it is no longer `full`:
///
///     do {
///         const auto done = one.compress(piece, room, until::piece);
///         piece = piece.subspan(done.consumed);
///         send(room.first(done.produced));
///     } while (done.is_full);
class compressor {
  public:
    struct step {
        std::size_t consumed = 0;
        std::size_t produced = 0;
        bool is_full = false;  ///< the room ended before the work
    };

    compressor() = default;
    compressor(const compressor&) = delete;
    compressor& operator=(const compressor&) = delete;
    virtual ~compressor() = default;

    /// `room` is not empty. With `until::end` nothing may follow once it was not full.
    virtual step compress(std::span<const char> piece, std::span<char> room, until where) = 0;

    /// Bytes that it holds at most.
    [[nodiscard]] virtual std::size_t memory_max() const noexcept = 0;
};

}  // namespace hawser::http::compression
