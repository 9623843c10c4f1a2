// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/key_ring.h"
#include "io/epoll/descriptor.h"
#include "observe/exposition.h"
#include "registry/registry.h"
#include "state/records.h"
#include "upstream/snapshot.h"

namespace hawser::app {

/// Keeps what the node knows for its next start: reads the last snapshot, writes one at intervals
/// and at the end. What fails is told in the log and in metrics, and stops nobody.
///
/// One process at a time keeps its snapshots in a directory; another one there does without.
/// Used by the control thread; the writing is done by a thread of its own, which looks at the
/// registry in slices.
class keeper {
  public:
    using ring = std::shared_ptr<const crypto::key_ring>;

    explicit keeper(registry::registry& sessions) : sessions_(sessions) {}
    ~keeper();
    keeper(const keeper&) = delete;
    keeper& operator=(const keeper&) = delete;

    /// Makes `directory` if it is missing, and holds it.
    void open(const std::filesystem::path& directory);
    [[nodiscard]] bool is_open() const noexcept { return bool(lock_); }
    /// Lets go of the directory, for the process that takes over; nothing is written any more.
    void close();

    /// Puts back what the last process knew. A file that is damaged is set aside under another
    /// name.
    void recall(const crypto::key_ring& by, const upstream::snapshot& servers);

    /// Has a snapshot written, without outages, which may be over when it is read; does nothing
    /// while one is being written.
    void save_soon(const upstream::snapshot& servers, ring by);
    /// Writes one, whole, and returns when it is there.
    void save(const upstream::snapshot& servers, ring by);

    void collect(observe::exposition& into) const;

  private:
    struct job {
        std::vector<state::server_record> servers;
        ring by;
    };

    void work(const std::stop_token& stop);
    void write(const job& wanted);
    [[nodiscard]] result<std::uint64_t> write_all(const job& wanted) const;
    void set_aside(const error& why) const;

    registry::registry& sessions_;
    std::filesystem::path path_;
    io::descriptor lock_;
    std::mutex mutex_;
    std::condition_variable_any wakes_;
    std::optional<job> wanted_;
    std::jthread thread_;

    std::atomic<std::uint64_t> written_{0};
    std::atomic<std::uint64_t> failed_{0};
    std::atomic<std::uint64_t> last_sessions_{0};
    std::atomic<double> last_written_{0};   ///< seconds since 1970
    std::atomic<double> last_duration_{0};  ///< seconds
    std::uint64_t restored_ = 0;
    bool was_damaged_ = false;
};

/// What is known of all servers of `all`.
[[nodiscard]] std::vector<state::server_record> records_of(const upstream::snapshot& all);
/// Puts `told` into the servers of `all` that it names; others are gone.
void restore(const upstream::snapshot& all, std::span<const state::server_record> told);

}  // namespace hawser::app
