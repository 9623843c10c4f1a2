// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "http/h1/writer.h"

namespace hawser::proxy {

/// One piece of a body as it goes on: as it is, or as a chunk of ours (E1: never theirs).
class body_piece {
  public:
    /// `is_last` ends the body; `has_trailers` leaves its very end to `trailers_end`.
    body_piece(bool chunked, std::string_view payload, bool is_last, bool has_trailers = false)
        : payload_(payload) {
        if (!chunked) return;
        if (!payload.empty()) head_.emplace(payload.size());
        if (!is_last)
            after_ = payload.empty() ? "" : "\r\n";
        else if (has_trailers)
            after_ = payload.empty() ? "0\r\n" : "\r\n0\r\n";
        else
            after_ = payload.empty() ? "0\r\n\r\n" : "\r\n0\r\n\r\n";
    }

    [[nodiscard]] std::string_view before() const { return head_ ? head_->text() : ""; }
    [[nodiscard]] std::string_view payload() const { return payload_; }
    [[nodiscard]] std::string_view after() const { return after_; }
    [[nodiscard]] bool empty() const { return payload_.empty() && after_.empty(); }

  private:
    std::optional<http::h1::chunk_head> head_;
    std::string_view payload_;
    std::string_view after_;
};

}  // namespace hawser::proxy
