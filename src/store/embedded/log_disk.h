// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>

namespace rocksdb {
class Env;  // NOLINT(readability-identifier-naming): its name there
}

namespace hawser::store {

/// The disk `below` (null: the operating system's) for a table whose log is synced by one thread
/// while another writes.
///
/// RocksDB takes it for a mistake of its own when a log is synced after a write to it has failed,
/// and Debian's package, which has its assertions, ends the process. A thread that holds `syncing`
/// lets go of its lock once the disk begins to sync: so with a lock that writes take too, no sync
/// begins behind a write that is about to fail, and yet no write waits for the disk. It does not
/// take it again: a write may hold it until RocksDB has made room, and that until the sync is over.
[[nodiscard]] std::unique_ptr<rocksdb::Env> disk_with_log(rocksdb::Env* below);

/// What the calling thread does with the log meanwhile is a sync under `held`.
class syncing {
  public:
    explicit syncing(std::unique_lock<std::mutex>& held) noexcept;
    ~syncing();
    syncing(const syncing&) = delete;
    syncing& operator=(const syncing&) = delete;
};

}  // namespace hawser::store
