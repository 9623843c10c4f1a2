// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/table.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <mutex>
#include <span>
#include <utility>

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/memtablerep.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include "base/big_endian.h"
#include "base/ensure.h"
#include "base/hash.h"
#include "crypto/private_file.h"
#include "store/embedded/log_disk.h"

namespace hawser::store {

namespace {

constexpr std::size_t write_buffer = 16 * 1024 * 1024;
constexpr std::size_t cache = 1024 * 1024;  // what is read is read once, in order
constexpr std::uint64_t day = 24 * 60 * 60;

rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }
std::string_view view(const rocksdb::Slice& text) { return {text.data(), text.size()}; }

/// The paths that RocksDB names in its words are no secret; keys and values it does not name.
error error_of(const rocksdb::Status& what) {
    const auto code = what.IsNoSpace()      ? errc::exhausted
                      : what.IsCorruption() ? errc::invalid
                                            : errc::system;
    return {.code = code, .context = what.ToString()};
}

result<> result_of(const rocksdb::Status& what) {
    if (what.ok()) return {};
    return std::unexpected(error_of(what));
}

rocksdb::Options options_for(rocksdb::Env& disk) {
    rocksdb::Options made;
    made.env = &disk;
    made.create_if_missing = true;
    made.compression = rocksdb::kNoCompression;  // what is sealed becomes no smaller
    made.write_buffer_size = write_buffer;
    // Nothing is read before it is sorted: a key costs no search among all that were written.
    made.memtable_factory = std::make_shared<rocksdb::VectorRepFactory>();
    made.allow_concurrent_memtable_write = false;
    made.max_open_files = 64;
    made.info_log_level = rocksdb::WARN_LEVEL;
    made.max_log_file_size = 1024 * 1024;
    made.keep_log_file_num = 2;
    // The end of the log may be torn. Whether more is missing, `check_synced` tells.
    made.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    made.max_bgerror_resume_count = 0;  // whoever uses it closes it, and opens it again
    // What was replaced or has ended is off the disk after about so long (S21).
    made.periodic_compaction_seconds = day;
    rocksdb::BlockBasedTableOptions blocks;
    blocks.block_cache = rocksdb::NewLRUCache(cache);
    made.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
    return made;
}

/// A number, and what shows that it was written whole.
using mark = std::array<std::uint8_t, 16>;

mark mark_of(std::uint64_t sequence) {
    mark made;
    put_big_endian(std::span(made).first<8>(), sequence);
    const std::string_view text(reinterpret_cast<const char*>(made.data()), 8);
    put_big_endian(std::span(made).last<8>(), stable_hash(text));
    return made;
}

}  // namespace

struct table::base {
    std::unique_ptr<rocksdb::Env> disk;
    std::unique_ptr<rocksdb::DB> opened;
    std::mutex log;                 ///< held to write to it, and to begin a sync
    bool write_has_failed = false;  ///< guarded by `log`
};

table::table(settings given) : settings_(std::move(given)) {}
table::~table() = default;

std::filesystem::path table::beside(std::string_view what) const {
    return settings_.directory.string() + std::string(what);
}

/// Makes the directory, and sees to it that no other process uses it. RocksDB's own lock would look
/// like any other failure.
result<> table::hold() {
    if (lock_) return {};
    if (auto made = crypto::directory_lock::take(settings_.directory / "CURRENT"); !made)
        return std::unexpected(std::move(made.error()));
    io::descriptor lock(::open(beside(".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!lock) return std::unexpected(system_error(errno, "opening the store's lock"));
    if (::flock(lock.number(), LOCK_EX | LOCK_NB) != 0)
        return fail(errc::unavailable, "another process has it");
    synced_ = io::descriptor(::open(beside(".synced").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!synced_) return std::unexpected(system_error(errno, "opening the store's mark"));
    lock_ = std::move(lock);
    return {};
}

result<> table::open() {
    ensure(base_ == nullptr, "a table is opened once");
    if (auto held = hold(); !held) return held;
    if (auto made = crypto::directory_lock::take(settings_.directory / "CURRENT"); !made)
        return std::unexpected(std::move(made.error()));
    auto made = std::make_unique<base>();
    made->disk = disk_with_log(settings_.disk);
    rocksdb::DB* opened = nullptr;
    const auto done =
        rocksdb::DB::Open(options_for(*made->disk), settings_.directory.string(), &opened);
    if (!done.ok()) return std::unexpected(error_of(done));
    made->opened.reset(opened);
    base_ = std::move(made);
    if (auto whole = check_synced(); !whole) {
        base_.reset();
        return whole;
    }
    return {};
}

void table::close() { base_.reset(); }

/// A log that ends where it was torn and one that was damaged before its end look alike; but what
/// was synced once is there, or it was damaged. And one that has lost all but its log has lost what
/// it was born with.
result<> table::check_synced() {
    mark read;
    const bool is_new =
        ::pread(synced_.number(), read.data(), read.size(), 0) != std::int64_t(read.size());
    const std::vector<item> birth = {{.key = own_key("birth"), .value = ""}};
    if (is_new) {
        auto born = write(birth);
        return born ? sync() : born;
    }
    const auto sequence = big_endian<std::uint64_t>(std::span(read).first<8>());
    if (read == mark_of(sequence) && base_->opened->GetLatestSequenceNumber() < sequence)
        return fail(errc::invalid, "entries that had been synced are missing");
    std::string none;
    const auto found = base_->opened->Get({}, birth.front().key, &none);
    if (found.IsNotFound()) return fail(errc::invalid, "its oldest entry is missing");
    return result_of(found);
}

/// Not synced itself: an older mark says less, but nothing wrong.
void table::note_synced(std::uint64_t sequence) const {
    const mark made = mark_of(sequence);
    (void)!::pwrite(synced_.number(), made.data(), made.size(), 0);
}

result<std::string> table::set_aside() {
    ensure(base_ == nullptr, "a table is moved only while it is closed");
    const auto aside = beside(".damaged");
    std::error_code why;
    std::filesystem::remove_all(aside, why);
    std::filesystem::rename(settings_.directory, aside, why);
    if (why) return fail(errc::system, "setting the store aside: " + why.message());
    if (synced_ && ::ftruncate(synced_.number(), 0) != 0)
        return std::unexpected(system_error(errno, "forgetting the store's mark"));
    return aside.string();
}

result<> table::write(std::span<const item> what) {
    rocksdb::WriteBatch batch;
    for (const auto& each : what) {
        const auto done = each.value ? batch.Put(slice(each.key), slice(*each.value))
                                     : batch.Delete(slice(each.key));
        ensure(done.ok(), "a batch in memory takes what fits there");
    }
    const std::scoped_lock held(base_->log);
    const auto done = base_->opened->Write({}, &batch);
    if (!done.ok()) base_->write_has_failed = true;
    return result_of(done);
}

result<> table::sync() {
    std::unique_lock held(base_->log);
    if (base_->write_has_failed) return fail(errc::system, "a write has failed");
    const auto sequence = base_->opened->GetLatestSequenceNumber();
    const syncing now(held);
    auto done = result_of(base_->opened->SyncWAL());
    if (done) note_synced(sequence);
    return done;
}

result<> table::scan(
    std::string_view prefix,
    const std::function<void(std::string_view key, std::string_view value)>& visit) const {
    rocksdb::ReadOptions how;
    how.fill_cache = false;
    how.readahead_size = 1024 * 1024;
    const std::unique_ptr<rocksdb::Iterator> at(base_->opened->NewIterator(how));
    for (at->Seek(slice(prefix)); at->Valid() && at->key().starts_with(slice(prefix)); at->Next())
        visit(view(at->key()), view(at->value()));
    return result_of(at->status());
}

std::uint64_t table::disk_bytes() const {
    if (base_ == nullptr) return 0;
    std::uint64_t tables = 0;
    std::uint64_t buffers = 0;
    (void)base_->opened->GetIntProperty("rocksdb.total-sst-files-size", &tables);
    (void)base_->opened->GetIntProperty("rocksdb.cur-size-all-mem-tables", &buffers);
    return tables + buffers;
}

}  // namespace hawser::store
