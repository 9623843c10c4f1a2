// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "observe/access_format.h"
#include "observe/access_log.h"
#include "observe/line_writer.h"
#include "observe/nap.h"

namespace hawser::observe {

/// The one thread that empties the lanes, formats and writes; the far side of `access_log`.
///
/// It keeps itself alive while it runs: should a write hang for good (a dead network file system),
/// the process gives up on it at exit instead of hanging too.
class access_log_thread : public std::enable_shared_from_this<access_log_thread> {
  public:
    /// Where lines go and how they look.
    struct style {
        output to;
        access_format format;
        bool is_on;
    };

    access_log_thread(style first, std::size_t workers, std::size_t ring_bytes);

    [[nodiscard]] result<> start();
    [[nodiscard]] access_lane& lane(std::size_t worker) noexcept { return *lanes_[worker]; }

    void change(style next);
    void reopen();
    void close(std::chrono::milliseconds limit);

    [[nodiscard]] access_log_totals count() const noexcept;

  private:
    void run();
    void obey();
    [[nodiscard]] bool is_over();
    bool gather();
    void write_out();
    void rest(bool was_busy);
    void open_lanes(bool are_open) noexcept;

    nap nap_;
    std::vector<std::unique_ptr<access_lane>> lanes_;
    std::thread thread_;

    // Of the thread alone, but for the writer's counts.
    access_formatter formatter_;
    line_writer writer_;
    access_record record_;
    bool is_blocked_ = false;
    unsigned quiet_rounds_ = 0;

    // What others ask for.
    std::mutex mutex_;
    std::condition_variable ended_;
    std::optional<style> next_;
    bool must_reopen_ = false;
    bool has_ended_ = false;
    std::optional<steady_time> end_by_;
};

}  // namespace hawser::observe
