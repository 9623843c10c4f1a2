// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/epoll/descriptor.h"

namespace rocksdb {
class Env;  // NOLINT(readability-identifier-naming): its name there
}

namespace hawser::store {

/// Bytes by key in a directory of the disk, in the order of their keys: RocksDB, of which nothing
/// is seen outside (docs/decisions/0007).
///
/// One thread opens, writes, scans and closes; another may `sync` meanwhile, but for closing.
/// Errors: `exhausted`, the disk is full; `invalid`, what is there is damaged; `unavailable`,
/// another process has it; any other, the disk failed. After a write or a sync that has failed it
/// must be closed.
class table {
  public:
    struct settings {
        std::filesystem::path directory;
        rocksdb::Env* disk = nullptr;  ///< null: the operating system's; tests have others
    };

    /// A value to put there, or none to be there.
    struct item {
        std::string key;
        std::optional<std::string> value;
    };

    /// A key before all of those that users of a table choose: theirs do not begin with a zero.
    [[nodiscard]] static std::string own_key(std::string_view name) {
        return std::string(1, '\0').append(name);
    }

    explicit table(settings given);
    ~table();
    table(const table&) = delete;
    table& operator=(const table&) = delete;

    /// `invalid` too when synced entries are missing, whatever the files look like.
    [[nodiscard]] result<> open();
    [[nodiscard]] bool is_open() const noexcept { return base_ != nullptr; }
    void close();
    /// Another process may have it. Once closed.
    void let_go() { lock_ = io::descriptor(); }
    /// Moves what is there to another name, in the place of what was moved there before; returns
    /// that name. Not while open.
    [[nodiscard]] result<std::string> set_aside();

    /// All of it or nothing, in memory of the operating system when it returns.
    [[nodiscard]] result<> write(std::span<const item> what);
    /// What was written before is on the disk when it returns.
    [[nodiscard]] result<> sync();
    /// Shows all whose keys begin with `prefix`.
    [[nodiscard]] result<> scan(
        std::string_view prefix,
        const std::function<void(std::string_view key, std::string_view value)>& visit) const;

    /// What it takes on the disk, about; for metrics, from the thread that writes.
    [[nodiscard]] std::uint64_t disk_bytes() const;

  private:
    struct base;

    [[nodiscard]] result<> hold();
    [[nodiscard]] result<> check_synced();
    void note_synced(std::uint64_t sequence) const;
    [[nodiscard]] std::filesystem::path beside(std::string_view what) const;

    settings settings_;
    io::descriptor lock_;
    io::descriptor synced_;
    std::unique_ptr<base> base_;
};

}  // namespace hawser::store
