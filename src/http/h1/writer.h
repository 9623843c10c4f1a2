// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "http/message.h"

namespace hawser::http::h1 {

/// Writes one head into a buffer of the caller's, from what was parsed (E1).
///
/// Neighbouring plain fields that are kept are copied as one run; every other is written anew as
/// `name: value\r\n`. The source bytes must stay as they are until `finish()`, and lie outside
/// the buffer.
///
/// A buffer of `rewritten_head_max(head)` bytes and the size of all lines added always suffices.
/// In a smaller one the writer overflows: it stops writing and `finish()` returns nothing.
class head_writer {
  public:
    explicit head_writer(std::span<char> out) noexcept
        : begin_(out.data()), next_(out.data()), end_(out.data() + out.size()) {}

    /// `GET /path HTTP/1.1\r\n`; always 1.1, which is what we speak (RFC 9110 2.5).
    void request_line(const request_head& head) noexcept;
    void request_line(std::string_view method, std::string_view target) noexcept;
    /// `HTTP/1.1 200 OK\r\n`.
    void status_line(unsigned status, std::string_view reason) noexcept;

    /// Keeps a field as it was parsed.
    void keep(const field& kept) noexcept {
        if (kept.plain && kept.line.data() == run_end_) {
            run_end_ += kept.line.size();
            return;
        }
        begin_run_or_write(kept);
    }

    /// Keeps a Cookie field without any cookie called `name`; one left empty vanishes (E152).
    void keep_cookies_but(std::string_view name, const field& kept) noexcept;

    /// Keeps a Cookie field, the marks of every cookie called `name` taken off (`split_mark`).
    void keep_cookies_unmarked(std::string_view name, std::size_t mark_size,
                               const field& kept) noexcept;

    /// Writes a field of ours. The value must be free of CR, LF and NUL: it comes from parsed
    /// fields, checked configuration or our own text.
    void add(std::string_view name, std::string_view value) noexcept;
    void add(std::string_view name, std::uint64_t value) noexcept;
    /// The same with a value in two parts, such as a list that is appended to.
    void add(std::string_view name, std::string_view value, std::string_view more) noexcept;

    /// Writes complete lines, each with its CRLF.
    void add_lines(std::string_view lines) noexcept;

    /// Ends the head with the empty line and returns all of it; empty if it did not fit.
    [[nodiscard]] std::string_view finish() noexcept;

    [[nodiscard]] bool has_overflowed() const noexcept { return overflowed_; }

  private:
    void begin_run_or_write(const field& kept) noexcept;
    void flush_run() noexcept;
    template <typename Rewrite>
    void keep_rewritten(const field& kept, Rewrite rewrite) noexcept;
    char* room_for(std::size_t bytes) noexcept;

    char* begin_;
    char* next_;
    char* end_;
    const char* run_begin_ = nullptr;
    const char* run_end_ = nullptr;
    bool overflowed_ = false;
};

/// The most bytes that `head` takes when all of its fields are kept: a field written anew grows
/// by one blank at most, the request line by one `/`.
[[nodiscard]] inline std::size_t rewritten_head_max(const request_head& head) noexcept {
    return head.bytes.size() + head.fields.size() + 4;
}
/// For an answer also line ends of one byte become two, and a missing blank before the reason.
[[nodiscard]] inline std::size_t rewritten_head_max(const response_head& head) noexcept {
    return head.bytes.size() + 2 * head.fields.size() + 8;
}

/// The line that announces a chunk of `size` bytes: `5a\r\n`.
class chunk_head {
  public:
    static constexpr std::size_t size_max = 18;

    explicit chunk_head(std::uint64_t size) noexcept;
    [[nodiscard]] std::string_view text() const noexcept {
        return {text_.data() + start_, size_max - start_};
    }

  private:
    std::array<char, size_max> text_;
    std::size_t start_ = size_max - 2;
};

/// What follows a chunk's data.
inline constexpr std::string_view chunk_end = "\r\n";
/// The end of a chunked body without trailers. With trailers: `last_chunk_head`, their lines,
/// `trailers_end`.
inline constexpr std::string_view last_chunk = "0\r\n\r\n";
inline constexpr std::string_view last_chunk_head = "0\r\n";
inline constexpr std::string_view trailers_end = "\r\n";

/// An answer of our own, complete with its body (E6): nothing of the request is in it, nor our
/// version.
struct own_answer {
    unsigned status = 500;
    bool close = true;            ///< says `Connection: close`
    bool without_body = false;    ///< the request was HEAD: head only, Content-Length as for GET
    unsigned retry_after = 0;     ///< seconds; 0: no Retry-After
    std::string_view allow = {};  ///< value of Allow, for 405 and OPTIONS
    std::string_view extra_lines = {};  ///< complete lines, e.g. Location or a debug field
    std::string_view content_type = "text/plain";
    std::optional<std::string_view> body = {};  ///< none: the status in words
    std::string_view date = {};                 ///< see http/date.h; empty: no Date
};

/// Writes `answer` into `out`, which has at least `own_answer_max` bytes and the size of what the
/// answer's views hold. Returns what is to be sent.
[[nodiscard]] std::string_view write_answer(const own_answer& answer, std::span<char> out) noexcept;

inline constexpr std::size_t own_answer_max = 512;

}  // namespace hawser::http::h1
