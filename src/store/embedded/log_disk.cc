// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/log_disk.h"

#include <string>
#include <string_view>
#include <utility>

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

namespace hawser::store {

namespace {

thread_local std::unique_lock<std::mutex>* lock_of_sync = nullptr;

void let_go() {
    if (lock_of_sync != nullptr && lock_of_sync->owns_lock()) lock_of_sync->unlock();
}

class log_file final : public rocksdb::FSWritableFileOwnerWrapper {
  public:
    using FSWritableFileOwnerWrapper::FSWritableFileOwnerWrapper;

    rocksdb::IOStatus Sync(const rocksdb::IOOptions& how, rocksdb::IODebugContext* told) override {
        let_go();
        return FSWritableFileOwnerWrapper::Sync(how, told);
    }
    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& how, rocksdb::IODebugContext* told) override {
        let_go();
        return FSWritableFileOwnerWrapper::Fsync(how, told);
    }
};

class log_disk final : public rocksdb::FileSystemWrapper {
  public:
    using FileSystemWrapper::FileSystemWrapper;

    [[nodiscard]] const char* Name() const override { return "hawser-log"; }
    rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& how,
                                      std::unique_ptr<rocksdb::FSWritableFile>* made,
                                      rocksdb::IODebugContext* told) override {
        auto done = FileSystemWrapper::NewWritableFile(name, how, made, told);
        if (done.ok() && std::string_view(name).ends_with(".log"))
            *made = std::make_unique<log_file>(std::move(*made));
        return done;
    }
};

}  // namespace

std::unique_ptr<rocksdb::Env> disk_with_log(rocksdb::Env* below) {
    const auto& files = (below != nullptr ? below : rocksdb::Env::Default())->GetFileSystem();
    return rocksdb::NewCompositeEnv(std::make_shared<log_disk>(files));
}

syncing::syncing(std::unique_lock<std::mutex>& held) noexcept { lock_of_sync = &held; }
syncing::~syncing() { lock_of_sync = nullptr; }

}  // namespace hawser::store
