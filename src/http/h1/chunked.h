// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "http/message.h"

namespace hawser::http::h1 {

/// What decoding one read of a body gave.
struct body_step {
    /// The body's bytes that came, one piece within the span that was given; it begins where the
    /// first of them stood, the others were moved up to it.
    std::span<char> payload;
    /// Bytes of the span that belong to this message. Fewer than given only with `done` or `why`:
    /// what follows is the next message's.
    std::size_t consumed = 0;
    /// The message is complete, trailers included.
    bool done = false;
    /// The body is faulty: break off the exchange (abort). `payload` must not be passed on.
    std::optional<refusal> why = {};
};

/// Limits of a chunked body beside those of limits.h.
struct chunked_limits {
    /// Payload bytes; one more is a 413, found when the chunk is announced (E54).
    std::uint64_t body = UINT64_MAX;
    /// Trailers obey the limits of heads (E27, E55); a caller may subtract what the head took.
    std::size_t trailer_bytes = limits::request_head_max;
    std::size_t trailer_fields = limits::request_fields_max;
};

/// Decodes a chunked body (E20-E27), delivered in any pieces.
///
/// As strict towards servers as towards clients: nothing ends a line but CRLF, chunk extensions
/// are checked and forgotten. Allocates only if trailers come, and then at most their limit.
class chunked_decoder {
  public:
    explicit chunked_decoder(const chunked_limits& limits = {}) noexcept : limits_(limits) {}

    /// Takes the next bytes of the stream. Not to be called again after `done` or `why`.
    [[nodiscard]] body_step decode(std::span<char> in);

    /// The trailers that may go on, as complete lines `name: value\r\n`, without the empty line
    /// at their end. Complete once `decode` said `done`.
    [[nodiscard]] std::string_view trailers() const noexcept { return trailers_; }

    /// Payload bytes announced so far: all of the body's once it is done.
    [[nodiscard]] std::uint64_t announced() const noexcept { return announced_; }

  private:
    enum class state : std::uint8_t {
        size_first,       ///< a chunk's size: its first digit
        size,             ///< further digits, or `;`, or CR
        extension_name,   ///< after `;`: blanks, then a token
        extension_token,  ///< within the name: token, `=`, `;` or CR
        extension_value,  ///< after `=`: token or quoted-string
        extension_plain,  ///< within a token value
        extension_quoted,
        extension_escaped,  ///< after a backslash
        extension_end,      ///< after a quoted-string: `;` or CR
        size_lf,
        data,
        data_cr,
        data_lf,
        trailer_start,  ///< a trailer line's first byte, or the CR that ends all
        trailer_line,
        trailer_lf,
        last_lf,
        done,
    };

    std::optional<refusal> take_framing_byte(unsigned char byte);
    std::optional<refusal> take_size_digit(unsigned char byte);
    std::optional<refusal> take_extension_byte(unsigned char byte);
    std::optional<refusal> take_trailer_byte(unsigned char byte);
    std::optional<refusal> end_of_size_line();
    std::optional<refusal> end_of_trailer_line();

    chunked_limits limits_;
    state state_ = state::size_first;
    std::uint8_t digits_ = 0;
    std::uint64_t size_ = 0;  ///< of this chunk, while its size is read
    std::uint64_t left_ = 0;  ///< data of this chunk that is still to come
    std::uint64_t announced_ = 0;
    std::size_t extension_ = 0;   ///< bytes of this chunk's extension
    std::size_t extensions_ = 0;  ///< bytes of the body's extensions
    std::size_t trailer_bytes_ = 0;
    std::size_t trailer_fields_ = 0;
    std::size_t line_start_ = 0;  ///< in `trailers_`: the line that is being read, raw
    std::string trailers_;
};

}  // namespace hawser::http::h1
