// SPDX-License-Identifier: Apache-2.0
#include "http/h2/received_head.h"

namespace hawser::http::h2 {
namespace {

/// What the parser may still find too large was bounded while it came; only the target's bound is
/// the parser's own (E53).
constexpr std::size_t written_anew_max = 1024;

}  // namespace

std::optional<refusal> read_request_head(const received_head& from, request_head& into,
                                         const h1::request_limits& limits) {
    if (from.why) return from.why;
    auto wide = limits;
    wide.head += written_anew_max;
    wide.fields += 4;
    const auto parsed = h1::parse_request_head(from.text, into, wide);
    if (parsed.state == h1::parse_state::refused) return parsed.why;
    if (parsed.state != h1::parse_state::complete || parsed.consumed != from.text.size())
        return refusal{400, "bad-head"};
    // Something was announced, and nothing follows (E99).
    if (from.is_last && into.has_body()) return refusal{400, "content-length-differs"};
    return std::nullopt;
}

std::optional<refusal> read_response_head(received_head& from,
                                          const h1::response_expectation& expected,
                                          response_head& into, const h1::response_limits& limits) {
    if (from.why) return from.why;
    auto wide = limits;
    wide.head += written_anew_max;
    wide.fields += 4;
    const auto parse = [&] { return h1::parse_response_head(from.text, expected, into, wide); };
    auto parsed = parse();
    if (parsed.state == h1::parse_state::complete && from.is_last &&
        into.body == framing::until_close) {
        // Known to be empty, which an answer of HTTP/1.1 has to say.
        from.text.insert(from.text.size() - 2, "content-length: 0\r\n");
        parsed = parse();
    }
    if (parsed.state == h1::parse_state::refused) return parsed.why;
    if (parsed.state != h1::parse_state::complete || parsed.consumed != from.text.size())
        return refusal{502, "bad-head"};
    if (from.is_last && into.body == framing::length && into.content_length > 0)
        return refusal{502, "content-length-differs"};
    return std::nullopt;
}

}  // namespace hawser::http::h2
