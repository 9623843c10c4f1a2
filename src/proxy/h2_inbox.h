// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "http/h2/body.h"
#include "http/h2/session.h"

namespace hawser::proxy {

/// The body that comes over one stream. What was taken of it has been passed on by the time that
/// more is asked for; then its sender may send as much again (E116).
class h2_inbox {
  public:
    void begin(http::h2::body_reader reader) noexcept { reader_ = reader; }

    [[nodiscard]] bool is_done() const noexcept { return reader_.is_done(); }
    [[nodiscard]] std::uint64_t received() const noexcept { return reader_.received(); }

    /// True when windows have opened, which the peer is to be told.
    bool give_back(http::h2::session& session, http::h2::stream& from) {
        if (taken_ == 0) return false;
        session.consume(from, std::exchange(taken_, 0));
        return true;
    }
    /// After `give_back`.
    [[nodiscard]] http::h2::body_reader::step take(const http::h2::stream& from) {
        auto step = reader_.take(from);
        if (!step.why) taken_ = step.payload.size();
        return step;
    }

  private:
    http::h2::body_reader reader_{http::framing::none, 0};
    std::size_t taken_ = 0;
};

}  // namespace hawser::proxy
