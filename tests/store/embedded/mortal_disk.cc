// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/mortal_disk.h"

#include <algorithm>
#include <condition_variable>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

namespace hawser::store {

namespace fs = std::filesystem;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

/// What the disk would have after a power cut. Every change passes here, one at a time.
struct mortal_disk::state {
    struct file {
        std::uint64_t written = 0;
        std::uint64_t synced = 0;
    };
    /// A change of a directory that a sync of it has not made lasting.
    struct loose_name {
        std::string directory;
        std::function<void()> undo;
    };

    std::mutex lock;
    std::condition_variable changed;
    bool is_stopped = false;
    bool is_full = false;
    bool is_broken = false;
    std::chrono::milliseconds sync_time{0};
    std::uint64_t syncs = 0;
    unsigned syncing = 0;
    std::uint64_t appended = 0;
    std::map<std::string, file> files;
    std::vector<loose_name> names;
    fs::path attic;  ///< what was deleted or replaced, as long as that can be undone
    std::uint64_t attic_next = 0;
    std::mt19937_64 random{7};

    static IOStatus gone() { return IOStatus::IOError("the power is gone"); }

    std::string keep(const std::string& name) {
        if (attic.empty()) attic = fs::path(name).parent_path().string() + ".attic";
        fs::create_directories(attic);
        auto kept = (attic / std::to_string(attic_next++)).string();
        fs::create_hard_link(name, kept);
        return kept;
    }

    void created(const std::string& name) {
        files[name] = {};
        names.push_back({fs::path(name).parent_path(), [this, name] {
                             fs::remove(name);
                             files.erase(name);
                         }});
    }

    void removing(const std::string& name) {
        auto kept = keep(name);
        const file was = files[name];
        files.erase(name);
        names.push_back({fs::path(name).parent_path(), [this, name, kept, was] {
                             fs::rename(kept, name);
                             files[name] = was;
                         }});
    }

    void renaming(const std::string& from, const std::string& to) {
        if (fs::exists(to)) removing(to);
        const file was = files[from];
        files.erase(from);
        files[to] = was;
        names.push_back({fs::path(to).parent_path(), [this, from, to, was] {
                             fs::rename(to, from);
                             files.erase(to);
                             files[from] = was;
                         }});
    }

    void directory_synced(const std::string& directory) {
        std::erase_if(names, [&](const auto& each) {
            return fs::path(each.directory) == fs::path(directory);
        });
    }

    /// Leaves of `name` what was synced, and perhaps a wrong piece of what was not.
    void take_back(const std::string& name, const file& what, bool torn) {
        if (what.synced == what.written || !fs::exists(name)) return;
        const std::uint64_t loose = what.written - what.synced;
        const std::uint64_t kept = torn ? random() % (loose + 1) : 0;
        fs::resize_file(name, what.synced + kept);
        if (kept == 0 || !name.ends_with(".log")) return;
        const std::uint64_t wrong = std::min<std::uint64_t>(kept, 1 + random() % 64);
        std::fstream bytes(name, std::ios::in | std::ios::out | std::ios::binary);
        bytes.seekp(std::int64_t(what.synced + kept - wrong));
        const bool is_empty = random() % 2 == 0;  // the file has grown, its bytes did not come
        for (std::uint64_t i = 0; i < wrong; ++i) bytes.put(is_empty ? '\0' : char(random()));
    }
};

namespace {

using shared_state = std::shared_ptr<mortal_disk::state>;

class mortal_file final : public rocksdb::FSWritableFileOwnerWrapper {
  public:
    mortal_file(std::unique_ptr<rocksdb::FSWritableFile> real, std::string name, shared_state disk)
        : FSWritableFileOwnerWrapper(std::move(real)),
          name_(std::move(name)),
          disk_(std::move(disk)) {}

    IOStatus Append(const rocksdb::Slice& data, const IOOptions& how,
                    IODebugContext* debug) override {
        const std::scoped_lock held(disk_->lock);
        if (disk_->is_stopped) return disk_->gone();
        if (disk_->is_full) return IOStatus::NoSpace("the disk is full");
        auto done = FSWritableFileWrapper::Append(data, how, debug);
        if (!done.ok()) return done;
        disk_->files[name_].written += data.size();
        disk_->appended += data.size();
        return done;
    }
    IOStatus Append(const rocksdb::Slice& data, const IOOptions& how,
                    const rocksdb::DataVerificationInfo&, IODebugContext* debug) override {
        return Append(data, how, debug);
    }
    IOStatus Sync(const IOOptions&, IODebugContext*) override {
        std::unique_lock held(disk_->lock);
        const std::uint64_t written = disk_->files[name_].written;
        const auto begin = std::chrono::steady_clock::now();
        ++disk_->syncing;
        while (!disk_->is_stopped && std::chrono::steady_clock::now() < begin + disk_->sync_time)
            disk_->changed.wait_until(held, begin + disk_->sync_time);
        --disk_->syncing;
        if (disk_->is_stopped) return disk_->gone();
        if (disk_->is_broken) return IOStatus::IOError("the disk is broken");
        auto& mine = disk_->files[name_];
        mine.synced = std::max(mine.synced, written);
        ++disk_->syncs;
        return IOStatus::OK();
    }
    IOStatus Fsync(const IOOptions& how, IODebugContext* debug) override {
        return Sync(how, debug);
    }
    IOStatus RangeSync(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override {
        return IOStatus::OK();  // it promises nothing
    }
    IOStatus Truncate(std::uint64_t size, const IOOptions& how, IODebugContext* debug) override {
        const std::scoped_lock held(disk_->lock);
        if (disk_->is_stopped) return disk_->gone();
        return FSWritableFileWrapper::Truncate(size, how, debug);
    }

  private:
    std::string name_;
    shared_state disk_;
};

class mortal_directory final : public rocksdb::FSDirectoryWrapper {
  public:
    mortal_directory(std::unique_ptr<rocksdb::FSDirectory> real, std::string name,
                     shared_state disk)
        : FSDirectoryWrapper(std::move(real)), name_(std::move(name)), disk_(std::move(disk)) {}

    IOStatus Fsync(const IOOptions&, IODebugContext*) override {
        const std::scoped_lock held(disk_->lock);
        if (disk_->is_stopped) return disk_->gone();
        disk_->directory_synced(name_);
        return IOStatus::OK();
    }
    IOStatus FsyncWithDirOptions(const IOOptions& how, IODebugContext* debug,
                                 const rocksdb::DirFsyncOptions&) override {
        return Fsync(how, debug);
    }

  private:
    std::string name_;
    shared_state disk_;
};

class mortal_files final : public rocksdb::FileSystemWrapper {
  public:
    explicit mortal_files(shared_state disk)
        : FileSystemWrapper(rocksdb::FileSystem::Default()), disk_(std::move(disk)) {}

    const char* Name() const override { return "mortal"; }

    IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& how,
                             std::unique_ptr<rocksdb::FSWritableFile>* made,
                             IODebugContext* debug) override {
        const std::scoped_lock held(disk_->lock);
        if (disk_->is_stopped) return disk_->gone();
        std::unique_ptr<rocksdb::FSWritableFile> real;
        if (fs::exists(name)) {
            disk_->removing(name);
            fs::remove(name);  // else what is kept of it would be emptied too
        }
        auto done = target()->NewWritableFile(name, how, &real, debug);
        if (!done.ok()) return done;
        disk_->created(name);
        *made = std::make_unique<mortal_file>(std::move(real), name, disk_);
        return done;
    }
    IOStatus ReopenWritableFile(const std::string&, const rocksdb::FileOptions&,
                                std::unique_ptr<rocksdb::FSWritableFile>*,
                                IODebugContext*) override {
        return IOStatus::NotSupported("no log is written again");
    }
    IOStatus NewDirectory(const std::string& name, const IOOptions& how,
                          std::unique_ptr<rocksdb::FSDirectory>* made,
                          IODebugContext* debug) override {
        std::unique_ptr<rocksdb::FSDirectory> real;
        auto done = target()->NewDirectory(name, how, &real, debug);
        if (done.ok()) *made = std::make_unique<mortal_directory>(std::move(real), name, disk_);
        return done;
    }
    IOStatus DeleteFile(const std::string& name, const IOOptions& how,
                        IODebugContext* debug) override {
        const std::scoped_lock held(disk_->lock);
        if (disk_->is_stopped) return disk_->gone();
        if (fs::exists(name)) disk_->removing(name);
        return target()->DeleteFile(name, how, debug);
    }
    IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& how,
                        IODebugContext* debug) override {
        const std::scoped_lock held(disk_->lock);
        if (disk_->is_stopped) return disk_->gone();
        disk_->renaming(from, to);
        return target()->RenameFile(from, to, how, debug);
    }
    IOStatus Truncate(const std::string& name, std::size_t size, const IOOptions& how,
                      IODebugContext* debug) override {
        const std::scoped_lock held(disk_->lock);
        if (disk_->is_stopped) return disk_->gone();
        auto& mine = disk_->files[name];
        mine.written = std::min<std::uint64_t>(mine.written, size);
        mine.synced = std::min(mine.synced, mine.written);
        return target()->Truncate(name, size, how, debug);
    }

  private:
    shared_state disk_;
};

}  // namespace

mortal_disk::mortal_disk()
    : state_(std::make_shared<state>()),
      env_(rocksdb::NewCompositeEnv(std::make_shared<mortal_files>(state_))) {}

mortal_disk::~mortal_disk() {
    if (!state_->attic.empty()) fs::remove_all(state_->attic);
}

rocksdb::Env* mortal_disk::env() const { return env_.get(); }

void mortal_disk::stop() {
    const std::scoped_lock held(state_->lock);
    state_->is_stopped = true;
    state_->changed.notify_all();
}

void mortal_disk::cut(bool torn) {
    const std::scoped_lock held(state_->lock);
    for (auto each = state_->names.rbegin(); each != state_->names.rend(); ++each) each->undo();
    state_->names.clear();
    for (auto& [name, what] : state_->files) {
        state_->take_back(name, what, torn);
        if (fs::exists(name)) what.written = what.synced = fs::file_size(name);
    }
    state_->is_stopped = false;
}

void mortal_disk::set_sync_time(std::chrono::milliseconds each) {
    const std::scoped_lock held(state_->lock);
    state_->sync_time = each;
    state_->changed.notify_all();
}

void mortal_disk::set_full(bool is_full) {
    const std::scoped_lock held(state_->lock);
    state_->is_full = is_full;
}

void mortal_disk::set_broken(bool is_broken) {
    const std::scoped_lock held(state_->lock);
    state_->is_broken = is_broken;
}

std::uint64_t mortal_disk::syncs() const {
    const std::scoped_lock held(state_->lock);
    return state_->syncs;
}

bool mortal_disk::is_syncing() const {
    const std::scoped_lock held(state_->lock);
    return state_->syncing > 0;
}

std::uint64_t mortal_disk::appended() const {
    const std::scoped_lock held(state_->lock);
    return state_->appended;
}

}  // namespace hawser::store
