// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "upstream/snapshot.h"

namespace hawser::upstream {

/// What the configuration says of one pool.
struct pool_description {
    std::string name;
    pool_settings settings;
    std::vector<server_description> servers;
};

/// Makes each snapshot from the configuration and the snapshot before, so that a reload touches
/// only what it names: a server that stays keeps its object, and with it load and health. A pool
/// that a change does not name costs it a pointer.
///
/// A server whose address changed becomes a new object: same id, so its sessions find it; but up,
/// without load, and without the connections to the old address. A server that left serves what it
/// has in flight as long as somebody holds its snapshot.
///
/// Used by one thread, the one that reloads.
class fleet {
  public:
    /// For `workers` worker threads, for the life of the process.
    explicit fleet(std::size_t workers) : workers_(workers) {}

    /// The pools that another snapshot has otherwise.
    struct change {
        std::vector<pool_description> pools = {};  ///< that come, or change
        std::vector<std::string> gone = {};        ///< names
    };

    /// Fails with errc::invalid on what names and numbers make impossible: a name used twice or
    /// colliding with another, a pool with too many servers, a weight beyond its limit.
    [[nodiscard]] result<> check(const change& wanted) const;

    /// The next snapshot, by a change that `check` accepts. States, weights and limits of servers
    /// that stay change at once, before workers see the snapshot.
    [[nodiscard]] std::shared_ptr<const snapshot> apply(const change& wanted);

    /// The same, to these pools and no other ones.
    [[nodiscard]] std::shared_ptr<const snapshot> change_to(
        std::span<const pool_description> described);

    /// The snapshot that was made last; empty at first.
    [[nodiscard]] const std::shared_ptr<const snapshot>& current() const noexcept {
        return current_;
    }

  private:
    std::shared_ptr<const pool> next_pool(const std::shared_ptr<const pool>& before,
                                          const pool_description& described);
    std::shared_ptr<server> next_server(const pool* before, const std::string& pool_name,
                                        const server_description& described);
    void note(const pool& one);
    void forget(const pool& one);

    std::size_t workers_;
    std::uint32_t serials_ = 0;
    // Of the present snapshot, to find names whose hashes collide.
    std::unordered_map<pool_id, const pool*> pools_;
    std::unordered_map<server_id, const pool*> homes_;  ///< the pool of each server
    std::shared_ptr<const snapshot> current_ = std::make_shared<const snapshot>();
};

}  // namespace hawser::upstream
