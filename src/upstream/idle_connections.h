// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "io/stream.h"
#include "upstream/connection.h"

namespace hawser::upstream {

/// The connections that one worker keeps open to one server between requests.
///
/// Each is watched: one that the server ends, on which stray bytes come (E70), or that was idle too
/// long is closed by the loop's own events, without a system call per request.
class idle_connections final : io::watcher {
  public:
    /// Never more than `count_max`, none idle for longer than `idle_max`.
    idle_connections(std::size_t count_max, std::chrono::milliseconds idle_max)
        : count_max_(count_max), idle_max_(idle_max) {}
    ~idle_connections();
    idle_connections(const idle_connections&) = delete;
    idle_connections& operator=(const idle_connections&) = delete;

    /// The one used last, or none.
    [[nodiscard]] connection take();
    /// Keeps `connection`, on which no exchange is left; in a full pool the longest idle one goes.
    void keep(connection kept);
    void close_all() { idle_.clear(); }

    [[nodiscard]] std::size_t size() const noexcept { return idle_.size(); }

  private:
    void stirred(io::stream& watched) override;

    std::size_t count_max_;
    std::chrono::milliseconds idle_max_;
    std::vector<connection> idle_;  // used last at the back
};

}  // namespace hawser::upstream
