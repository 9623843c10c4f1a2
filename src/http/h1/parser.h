// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/limits.h"
#include "http/message.h"

/// The strict parsers of HTTP/1.1 heads: bytes in, views out. Stateless, no allocation, no copy.
///
/// A parser is called with all bytes of the head so far. It reads them in order and stops at the
/// first that decides, so its verdict on a stream of bytes is the same however they are cut (E2):
/// asking early can only say `incomplete` where asking later says something else.
namespace hawser::http::h1 {

enum class parse_state : std::uint8_t {
    complete,    ///< the head is filled in, `consumed` bytes belong to it
    incomplete,  ///< no fault so far, the head's end has not come
    refused,     ///< `why` tells; nothing that follows on this connection may be looked at
};

struct parse_result {
    parse_state state = parse_state::incomplete;
    std::size_t consumed = 0;  ///< with `complete`: the head, and a blank line before it (E38)
    refusal why = {};          ///< with `refused`
};

/// What happens to a request's field whose name holds `_` (E51).
enum class underscore_policy : std::uint8_t {
    refuse_reserved,  ///< refused where it looks like a name we set, strip or trust; others pass
    drop,             ///< none is forwarded
    refuse,           ///< all are refused
};

/// Limits of a request's head (E53). `fields` is at most `field_list::capacity`.
struct request_limits {
    std::size_t head = limits::request_head_max;      ///< bytes, the empty line included: else 431
    std::size_t line = limits::request_line_max;      ///< bytes without line end: else 414
    std::size_t fields = limits::request_fields_max;  ///< else 431
    underscore_policy underscores = underscore_policy::refuse_reserved;
};

/// Limits of an answer's head (E55): crossing one is a 502.
struct response_limits {
    std::size_t head = limits::response_head_max;
    std::size_t fields = limits::response_fields_max;
};

/// What the request lets its answer be.
struct response_expectation {
    bool head = false;       ///< the request was HEAD: its answer has no body (E79)
    bool websocket = false;  ///< a 101 to `websocket` may come; any other 101 is a 502 (E76, E144)
};

/// Parses a request's head; one empty line before it is skipped (E38).
///
/// Refuses by E7-E18, E29-E33, E36, E38-E53, E78, E92. CONNECT and TRACE are parsed: answering 405
/// (E34, E35) is the caller's part. Fields come in order, marked by E88, E89 and E91.
[[nodiscard]] parse_result parse_request_head(std::string_view bytes, request_head& into,
                                              const request_limits& limits) noexcept;

/// Parses an answer's head: laxer than a request's, as E84 demands. A folded line is joined in
/// place, so the bytes are mutable. Every refusal has the status 502 (E82, E83).
[[nodiscard]] parse_result parse_response_head(std::span<char> bytes,
                                               const response_expectation& expected,
                                               response_head& into,
                                               const response_limits& limits) noexcept;

/// Whether a parser may say more about `all` than it said before the last `added` bytes came: a
/// line has ended, a limit may have been crossed, or the first byte cannot begin a request. Keeps
/// a head that comes byte by byte from being parsed byte by byte.
[[nodiscard]] bool worth_parsing(std::string_view all, std::size_t added,
                                 const request_limits& limits) noexcept;
[[nodiscard]] bool worth_parsing(std::string_view all, std::size_t added,
                                 const response_limits& limits) noexcept;

}  // namespace hawser::http::h1
