// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "http/h1/parser.h"

namespace hawser::http::h1 {

/// The bytes that a parser may look at, and what it says of them in the end.
///
/// What makes a verdict independent of how the bytes were cut (E2): the window ends at what has
/// come or at the head's limit, whichever is first; a parser goes through it in order; and where
/// it needs a byte beyond the end it asks `out_of_bytes`, which knows which of the two it was.
///
/// Steps of a parser return bool: true to go on, false once the verdict stands here.
struct window {
    const char* floor;  ///< the first byte that may be read
    const char* at;     ///< the first byte that is not understood yet
    const char* end;
    refusal too_large;  ///< what it means to need a byte beyond the limit
    bool is_clipped = false;
    parse_result verdict = {};

    window(std::string_view bytes, refusal beyond_limit) noexcept
        : floor(bytes.data()),
          at(bytes.data()),
          end(bytes.data() + bytes.size()),
          too_large(beyond_limit) {}

    /// A head that starts at `at` has `limit` bytes at most.
    void clip(std::size_t limit) noexcept {
        if (left() < limit) return;
        end = at + limit;
        is_clipped = true;
    }

    [[nodiscard]] std::size_t left() const noexcept { return static_cast<std::size_t>(end - at); }

    bool refuse(refusal why) noexcept {
        verdict.state = parse_state::refused;
        verdict.why = why;
        return false;
    }

    bool out_of_bytes() noexcept {
        if (is_clipped) return refuse(too_large);
        verdict.state = parse_state::incomplete;
        return false;
    }

    /// All that was understood is a head.
    parse_result complete() noexcept {
        verdict.state = parse_state::complete;
        verdict.consumed = static_cast<std::size_t>(at - floor);
        return verdict;
    }
};

}  // namespace hawser::http::h1
