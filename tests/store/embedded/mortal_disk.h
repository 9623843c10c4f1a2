// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/result.h"

namespace rocksdb {
class Env;  // NOLINT(readability-identifier-naming): its name there
}

namespace hawser::store {

/// A disk on which the power may be cut: it knows of each file, and of each name in its directory,
/// what has been synced. It can be slow, full or broken, too.
///
/// It is a layer over the real one, so that what is cut is what lies there; a file that was synced
/// is taken back to the bytes that it had then, a name that was not synced is gone, and a file that
/// was replaced by renaming without a sync of its directory is the former one again.
class mortal_disk {
  public:
    mortal_disk();
    ~mortal_disk();
    mortal_disk(const mortal_disk&) = delete;
    mortal_disk& operator=(const mortal_disk&) = delete;

    [[nodiscard]] rocksdb::Env* env() const;

    /// From now on nothing that is done changes anything, and all fails: to the files it is as if
    /// the power had gone. Whoever uses it has to let go of it before `cut`.
    void stop();
    /// Takes back what was not synced before `stop`; with `torn`, a part of what was appended since
    /// stays, of logs with its last bytes damaged. Then it works again.
    void cut(bool torn);

    /// Also of a sync that is under way.
    void set_sync_time(std::chrono::milliseconds each);
    /// Writes fail as if there were no room.
    void set_full(bool is_full);
    /// Syncs fail.
    void set_broken(bool is_broken);
    [[nodiscard]] std::uint64_t syncs() const;
    [[nodiscard]] bool is_syncing() const;
    [[nodiscard]] std::uint64_t appended() const;  ///< bytes, all in all

    struct state;

  private:
    std::shared_ptr<state> state_;
    std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace hawser::store
