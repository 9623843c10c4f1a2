// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/limits.h"
#include "base/result.h"
#include "observe/output.h"

namespace hawser::observe {

/// Gathers lines and writes them in large pieces to an output that may take its time.
///
/// While the output is blocked the lines wait, up to a bound; when it fails they are lost and
/// counted. A line is never continued by another one: after a loss in mid-line the next begins
/// anew. Used by one thread but for the counts.
class line_writer {
  public:
    explicit line_writer(output to);

    /// Writes elsewhere from now on; what the old output did not take is lost.
    void change(output to) noexcept;

    /// Append whole lines here, unless `is_full`.
    [[nodiscard]] std::string& lines() noexcept { return lines_; }
    [[nodiscard]] bool is_full() const noexcept { return waiting() >= limits::log_batch; }
    [[nodiscard]] bool is_empty() const noexcept { return waiting() == 0; }

    enum class state : std::uint8_t { done, blocked, failed };

    /// Writes as much as the output takes now. After `failed`, `last_error` says why.
    state flush() noexcept;
    [[nodiscard]] int last_error() const noexcept { return last_error_; }

    /// Counts lines that wait or never came here as lost.
    void drop_all() noexcept;
    void drop_one() noexcept { count(dropped_, 1); }

    [[nodiscard]] output& out() noexcept { return output_; }

    /// Lines written, and lines lost; for any thread.
    [[nodiscard]] std::uint64_t written() const noexcept { return written_; }
    [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }

  private:
    [[nodiscard]] std::size_t waiting() const noexcept { return lines_.size() - taken_; }
    static void count(std::atomic<std::uint64_t>& into, std::uint64_t more) noexcept {
        into.store(into.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
    }

    output output_;
    std::string lines_;
    std::size_t taken_ = 0;  ///< of `lines_`, already written
    bool is_torn_ = false;   ///< what was written last is a piece of a line whose rest is lost
    int last_error_ = 0;
    std::atomic<std::uint64_t> written_ = 0;
    std::atomic<std::uint64_t> dropped_ = 0;
};

}  // namespace hawser::observe
