// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/limits.h"
#include "base/result.h"
#include "observe/access_format.h"
#include "observe/access_record.h"
#include "observe/byte_ring.h"
#include "observe/nap.h"

namespace hawser::observe {

class access_log_thread;

struct access_log_settings {
    std::string output = "stdout";  ///< `stdout`, `stderr`, `off` or a file's path
    access_format format = access_format::json;
    std::size_t ring_bytes = limits::access_ring;  ///< of each worker; fixed once opened
};

/// A worker's own end of the access log. Used by one thread.
class access_lane {
  public:
    access_lane(std::size_t ring_bytes, nap& reader) : ring_(ring_bytes), reader_(reader) {}

    /// Whether records are written: whoever fills one may spare the work otherwise.
    [[nodiscard]] bool is_open() const noexcept { return is_open_.load(std::memory_order_relaxed); }

    /// Copies the record into the lane's ring. No lock, no allocation and, but for waking a log
    /// thread that has long been idle, no system call. A full ring drops the record and counts it.
    void push(const access_record& record) noexcept {
        if (!is_open()) return;
        ring_.push(record.bytes());
        reader_.wake_if_needed(ring_.is_filling());
    }

  private:
    friend class access_log_thread;

    byte_ring ring_;
    nap& reader_;
    std::atomic<bool> is_open_ = true;
};

/// What became of the records, for metrics.
struct access_log_totals {
    std::uint64_t written = 0;
    std::uint64_t dropped_full = 0;  ///< a ring had no room: the output is slower than the traffic
    std::uint64_t dropped_output = 0;  ///< the output failed: disk full, reader gone
};

/// The access log: lanes that workers fill and one thread that empties them, formats and writes.
///
/// Nothing the output does can delay a worker: a blocked pipe, a full disk or a slow reader end in
/// counted drops. Records of different workers may be written slightly out of order.
class access_log {
  public:
    static result<std::unique_ptr<access_log>> open(const access_log_settings& settings,
                                                    std::size_t workers);

    /// Closes within a second.
    ~access_log();

    access_log(const access_log&) = delete;
    access_log& operator=(const access_log&) = delete;

    /// The lane of one worker, numbered from 0; lives as long as the log.
    [[nodiscard]] access_lane& lane(std::size_t worker) noexcept;

    /// Takes other settings (a reload) but for `ring_bytes`; on failure nothing changes.
    [[nodiscard]] result<> change(const access_log_settings& settings);

    /// Opens the same file again, after it was renamed (USR1). If that fails, the old one is kept.
    void reopen();

    /// Writes what the lanes hold, for at most `limit`, then ends the thread; later records vanish.
    void close(std::chrono::milliseconds limit);

    [[nodiscard]] access_log_totals count() const noexcept;

  private:
    explicit access_log(std::shared_ptr<access_log_thread> thread);

    std::shared_ptr<access_log_thread> thread_;
};

}  // namespace hawser::observe
