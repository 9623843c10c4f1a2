// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/committer.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "async/with.h"
#include "base/cpu_clock.h"
#include "observe/log.h"
#include "store/embedded/loader.h"

namespace hawser::store {

namespace {

using namespace std::chrono_literals;

constexpr auto sync_after = 250ms;      // class `interval` waits for company so long
constexpr auto slow_sync = 250ms;       // from then on nobody is told before it is synced
constexpr auto idle_turn = 100ms;       // touches and expiries wait for so long
constexpr auto open_again = 1s;         // after a failure
constexpr auto open_again_held = 50ms;  // while another process has it
constexpr auto stuck_after = 5s;
constexpr auto light_noted_after = 1s;  // by itself; with what is written anyway at once
constexpr std::size_t batch_bytes = 1024 * 1024;

/// Where it stands how many records of `in` will end with this process.
std::string light_key(const space& in) { return table::own_key("light ").append(in.name()); }

}  // namespace

committer::committer(settings given, residents& memory, const crypto::key_ring& ring, loaded tell)
    : settings_(std::move(given)),
      memory_(memory),
      tell_(std::move(tell)),
      table_(settings_.where),
      sealer_(std::make_unique<record_sealer>(ring, dictionaries_)),
      syncer_([this](const std::stop_token& stop) { sync_on(stop); }),
      writer_([this](const std::stop_token& stop) { write_on(stop); }) {}

committer::~committer() { close(); }

void committer::use(const crypto::key_ring& ring) {
    auto made = std::make_unique<record_sealer>(ring, dictionaries_);
    const std::scoped_lock held(lock_);
    next_sealer_ = std::move(made);
}

void committer::add(space& in) {
    in.set_condition(condition::opening);
    const std::scoped_lock held(lock_);
    if (spaces_.empty()) counted_.fares = condition::opening;
    added_.push_back(&in);
    writes_.notify_one();
}

void committer::close() {
    if (!writer_.joinable()) return;
    writer_.request_stop();
    writer_.join();
    syncer_.request_stop();
    syncer_.join();
    table_.close();
    table_.let_go();
    // Those have gone away already.
    answer(std::exchange(arrived_, {}), fail(errc::unavailable));
    answer(std::exchange(for_sync_, {}), fail(errc::unavailable));
}

task<result<>> committer::kept(io::worker& here, durability lasts) {
    const auto mine = std::make_shared<ticket>();
    {
        const std::scoped_lock held(lock_);
        arrived_.push_back({.on = &here, .lasts = lasts, .who = mine});
        if (arrived_.size() == 1) writes_.notify_one();
    }
    const auto told = co_await with_deadline(settings_.patience, mine->told.wait());
    if (!told) co_return fail(errc::unavailable, "the store has not answered yet");
    co_return mine->how;
}

bool committer::is_stuck() const {
    const steady_time since = std::min(writing_since_.load(std::memory_order_relaxed),
                                       fsync_since_.load(std::memory_order_relaxed));
    return since != no_deadline && settings_.clock().steady - since > stuck_after;
}

/// One letter a worker, however many of its coroutines go on.
void committer::answer(const std::vector<waiting>& who, const result<>& how) {
    std::map<io::worker*, std::vector<std::shared_ptr<ticket>>> letters;
    for (const auto& each : who) letters[each.on].push_back(each.who);
    for (auto& [on, whose] : letters) {
        on->post([all = std::move(whose), how] {
            for (const auto& each : all) {
                each->how = how;
                each->told.set();
            }
        });
    }
}

// Writing.

void committer::write_on(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        const bool is_wanted = is_table_wanted();
        if (!table_.is_open() && (!is_wanted || !open())) {
            std::unique_lock held(lock_);
            const auto pause = is_held_by_another_ ? open_again_held : open_again;
            (void)writes_.wait_for(held, stop, pause,
                                   [&] { return !is_wanted && !added_.empty(); });
            continue;
        }
        std::vector<space*> added;
        {
            const std::scoped_lock held(lock_);
            added = std::exchange(added_, {});
            if (next_sealer_ != nullptr) {
                sealer_ = std::exchange(next_sealer_, nullptr);
                are_dictionaries_due_ = true;
            }
        }
        if (!added.empty()) take_up(added);
        if (!table_.is_open()) continue;
        wait_for_work(stop);
        write_changes();
    }
    if (!table_.is_open()) return;
    light_noted_at_ = {};
    auto done = write_all();
    if (done) done = sync_timed();
    if (!done)
        observe::log(
            observe::level::error,
            "the store of sessions: not all could be kept at the end: " + done.error().context);
}

/// Nothing is put on the disk for namespaces that live in memory.
bool committer::is_table_wanted() {
    const std::scoped_lock held(lock_);
    return !added_.empty() || !spaces_.empty();
}

/// Opens the table, and writes what may be missing in it. False: not now.
bool committer::open() {
    auto opened = table_.open();
    const bool was_held =
        std::exchange(is_held_by_another_, !opened && opened.error().code == errc::unavailable);
    if (is_held_by_another_ && !was_held)
        observe::log(observe::level::warn,
                     "the store of sessions waits: " + opened.error().context);
    if (is_held_by_another_) return false;
    if (!opened && opened.error().code == errc::invalid) {
        set_aside(opened.error());
        opened = table_.open();
    }
    if (opened) opened = prove();
    if (!opened) {
        fail_now(opened.error(), {});
        return false;
    }
    are_dictionaries_due_ = true;
    recover();
    return table_.is_open();
}

/// That something can be written and synced, and how long that takes.
result<> committer::prove() {
    const std::vector<table::item> nothing = {{.key = table::own_key("proof"), .value = ""}};
    if (auto done = table_.write(nothing); !done) return done;
    return sync_timed();
}

/// All that was changed while nothing could be kept.
void committer::recover() {
    auto done = write_all();
    if (done) done = sync_timed();
    if (!done) return fail_now(done.error(), {});
    {
        const std::scoped_lock held(lock_);
        unsynced_.clear();
        unsynced_since_ = no_deadline;
        may_sync_ = true;
        sync_failure_.reset();
    }
    tell_all_spaces(condition::ready);
    if (!std::exchange(trouble_, {}).empty())
        observe::log(observe::level::notice, "the store of sessions works again");
}

void committer::take_up(const std::vector<space*>& added) {
    for (auto each = added.begin(); each != added.end(); ++each) {
        const steady_time begun = settings_.clock().steady;
        const auto loaded = load(**each);
        if (!loaded) {
            {
                const std::scoped_lock held(lock_);
                added_.insert(added_.end(), each, added.end());
            }
            fail_now(loaded.error(), {});
            if (loaded.error().code == errc::invalid) set_aside(loaded.error());
            return;
        }
        {
            const std::scoped_lock held(lock_);
            spaces_.push_back(*each);
            (*each)->set_condition(condition::ready);
        }
        const std::chrono::duration<double> took = settings_.clock().steady - begun;
        observe::log(observe::level::notice,
                     fmt::format("namespace {}: {} records were kept, read in {:.3f} s",
                                 (*each)->name(), *loaded, took.count()));
    }
}

/// Reads all that `in` has kept into memory, and tells how many records. Nothing of it is there
/// before all is read.
result<std::size_t> committer::load(space& in) {
    const instant now = settings_.clock();
    auto read = loader(*sealer_, dictionaries_, memory_.heap(), now).read(table_, in);
    if (!read) return std::unexpected(read.error());
    if (auto done = table_.write(read->dropped); !done) return std::unexpected(done.error());
    if (auto done = load_light_count(in); !done) return std::unexpected(done.error());
    are_dictionaries_due_ = true;
    auto& found = read->records;
    for (const auto& one : found)
        if (one->user != 0 && one->ends() > now.steady)
            tell_({.in = one->in, .hash = one->hash}, one->user, one->created);
    // In this order they make room for others.
    std::ranges::sort(found, {}, [](const entry::owner& one) { return one->seen; });
    counted_.loaded += found.size();
    counted_.damaged += read->damaged;
    counted_.keys_gone += read->locked;
    const std::size_t count = found.size();
    for (auto& one : found) memory_.restore(std::move(one));
    memory_.put_in_order();
    tell_of_faults(in, *read);
    return count;
}

void committer::tell_of_faults(const space& in, const stored_space& read) {
    if (read.damaged > 0 || read.locked > 0)
        observe::log(observe::level::error,
                     fmt::format("namespace {}: {} entries were damaged in the store, and dropped; "
                                 "{} are sealed by keys that the ring does not have",
                                 in.name(), read.damaged, read.locked));
    if (read.dictionaries_damaged > 0)
        observe::log(observe::level::error,
                     fmt::format("namespace {}: {} of them are dictionaries, without which those "
                                 "records cannot be read that were packed by them",
                                 in.name(), read.dictionaries_damaged));
}

void committer::wait_for_work(const std::stop_token& stop) {
    std::unique_lock held(lock_);
    (void)writes_.wait_for(held, stop, idle_turn, [this] {
        return !arrived_.empty() || !added_.empty() || sync_failure_.has_value();
    });
}

void committer::write_changes() {
    std::vector<waiting> written;
    std::optional<error> trouble;
    {
        const std::scoped_lock held(lock_);
        written = std::exchange(arrived_, {});
        trouble = sync_failure_;
    }
    if (trouble) return fail_now(*trouble, std::move(written));
    // Whoever waits has made its change before it was put down as waiting.
    if (auto done = write_all(); !done) return fail_now(done.error(), std::move(written));
    pass_on(std::move(written));
    counted_.writing_cpu = read_thread_cpu();
    const steady_time now = settings_.clock().steady;
    if (now - covers_forgotten_ < touch_cover / 2) return;
    covers_forgotten_ = now;
    memory_.forget_covers(now);
    counted_.disk_bytes = table_.disk_bytes();
}

result<> committer::write_all() {
    for (bool is_more = true; is_more;)
        if (auto done = write_once(is_more); !done) return done;
    return {};
}

result<> committer::write_once(bool& is_more) {
    changes_.clear();
    items_.clear();
    is_more = memory_.take_changes(batch_bytes, changes_);
    const instant now = settings_.clock();
    add_dictionaries(now);
    for (const auto& each : changes_) add_items(each, now);
    if (!changes_.empty() || now.steady - light_noted_at_ >= light_noted_after) {
        light_noted_at_ = now.steady;
        add_light_counts();
    }
    if (items_.empty()) return {};
    writing_since_.store(now.steady, std::memory_order_relaxed);
    auto done = table_.write(items_);
    writing_since_.store(no_deadline, std::memory_order_relaxed);
    if (!done) {
        for (const auto& each : changes_) memory_.put_back(each.id);
        return done;
    }
    are_dictionaries_due_ = false;
    counted_.records += items_.size();
    counted_.spared = dictionaries_.spared();
    counted_.batches += 1;
    for (const auto& each : items_) counted_.bytes += each.value ? each.value->size() : 0;
    const std::scoped_lock held(lock_);
    for (const auto& each : changes_) unsynced_.push_back(each.id);
    if (unsynced_since_ == no_deadline) {
        unsynced_since_ = now.steady;
        syncs_.notify_one();
    }
    return {};
}

/// In one write with the first records that are packed by it, or before: no record is there without
/// its dictionary, whatever is cut off the log.
void committer::add_dictionaries(const instant& now) {
    // Of a space that is being read anew it would not be written, and be forgotten.
    if (auto trained = dictionaries_.take_trained();
        trained && std::ranges::count(spaces_, trained->in) > 0) {
        dictionaries_.add(*trained->in, std::move(trained->made));
        are_dictionaries_due_ = true;
        counted_.dictionaries += 1;
        observe::log(observe::level::info,
                     fmt::format("namespace {}: records are packed by a new dictionary",
                                 trained->in->name()));
    }
    if (!are_dictionaries_due_) return;
    for (const auto* each : spaces_)
        for (const auto& one : dictionaries_.all(*each)) {
            auto key = dictionary_key(*each, one.number);
            auto value = sealer_->seal(key, *one.what, now);
            items_.push_back({.key = std::move(key), .value = std::move(value)});
        }
}

/// How many records will end with this process, should it be killed: so the next one can tell.
void committer::add_light_counts() {
    for (const auto* each : spaces_) {
        const std::uint64_t light = leaves_light_ ? 0 : each->light.load(std::memory_order_relaxed);
        if (std::exchange(light_noted_[each], light) == light) continue;
        items_.push_back({.key = light_key(*each), .value = std::to_string(light)});
    }
}

result<> committer::load_light_count(space& in) {
    const auto wanted = light_key(in);
    std::uint64_t light = 0;
    const auto read = table_.scan(wanted, [&](std::string_view key, std::string_view value) {
        if (key == wanted) (void)std::from_chars(value.data(), value.data() + value.size(), light);
    });
    if (!read) return read;
    // Once, and beside those that did not come from the process before.
    if (light_noted_.insert_or_assign(&in, light).second)
        in.lost.fetch_add(light, std::memory_order_relaxed);
    if (light > 0)
        observe::log(observe::level::notice,
                     fmt::format("{} records of class memory of the namespace {} have ended with "
                                 "the process before",
                                 light, in.name()));
    return {};
}

void committer::add_items(const record_change& one, const instant& now) {
    const bool is_gone = one.record == nullptr && !one.touches;
    if (one.record != nullptr || is_gone) {
        auto key = stored_key(one.id, stored_kind::record);
        std::optional<std::string> value;
        if (!is_gone) value = sealer_->seal(key, *one.record, now);
        items_.push_back({.key = std::move(key), .value = std::move(value)});
    }
    const bool has_ended = is_gone || (one.record != nullptr && one.record->is_tombstone);
    if (!one.touches && !has_ended) return;
    auto key = stored_key(one.id, stored_kind::touches);
    std::optional<std::string> value;
    if (one.touches) value = sealer_->seal(key, *one.touches, now);
    items_.push_back({.key = std::move(key), .value = std::move(value)});
}

/// What waits for no sync is told; unless the disk is so slow that more would be told than may be
/// lost by a power cut.
void committer::pass_on(std::vector<waiting> written) {
    if (written.empty()) return;
    std::vector<waiting> done;
    {
        const std::scoped_lock held(lock_);
        const bool all_wait = is_slow(settings_.clock().steady);
        for (auto& each : written) {
            const bool waits = all_wait || each.lasts == durability::sync;
            (waits ? for_sync_ : done).push_back(std::move(each));
        }
        if (!for_sync_.empty()) syncs_.notify_one();
    }
    answer(done, {});
}

bool committer::is_slow(steady_time now) const {
    const steady_time since = fsync_since_.load();
    return last_sync_.load() > slow_sync || (since != no_deadline && now - since > slow_sync);
}

void committer::fail_now(const error& why, std::vector<waiting> also) {
    {
        std::unique_lock held(lock_);
        may_sync_ = false;
        syncs_.wait(held, [this] { return !is_syncing_; });
        // What the disk was given since the last sync may be lost with it.
        for (const auto& each : unsynced_) memory_.put_back(each);
        for (const auto& each : syncing_) memory_.put_back(each);
        unsynced_.clear();
        syncing_.clear();
        unsynced_since_ = no_deadline;
        light_noted_.clear();
        std::ranges::move(std::exchange(arrived_, {}), std::back_inserter(also));
        std::ranges::move(std::exchange(for_sync_, {}), std::back_inserter(also));
    }
    counted_.failed += 1;
    tell_all_spaces(condition::failing);
    // The disk being full is told as such, anything else as that the store cannot be written.
    failing_by_ = why.code == errc::exhausted ? errc::exhausted : errc::unavailable;
    answer(also, fail(failing_by(), "the store cannot keep it now"));
    table_.close();
    if (trouble_ == why.context) return;
    trouble_ = why.context;
    observe::log(observe::level::error, "the store of sessions fails: " + why.context);
}

void committer::set_aside(const error& why) {
    const auto moved = table_.set_aside();
    counted_.set_aside += 1;
    observe::log_sparsely(observe::level::error, "store-damaged",
                          "the store of sessions is damaged and not used: " + why.context + "; " +
                              (moved ? "it was set aside as " + *moved : moved.error().context));
    const std::scoped_lock held(lock_);
    for (auto* each : spaces_) memory_.put_back_all(*each);
}

void committer::tell_all_spaces(condition what) {
    counted_.fares = what;
    const std::scoped_lock held(lock_);
    for (auto* each : spaces_) each->set_condition(what);
}

// Syncing.

steady_time committer::sync_due() const {
    if (!may_sync_) return no_deadline;
    if (!for_sync_.empty()) return {};
    return unsynced_since_ == no_deadline ? no_deadline : unsynced_since_ + sync_after;
}

void committer::sync_on(const std::stop_token& stop) {
    std::unique_lock held(lock_);
    while (!stop.stop_requested()) {
        const steady_time due = sync_due();
        const steady_time now = settings_.clock().steady;
        if (due > now) {
            const auto pause = due == no_deadline ? steady_time::duration(1h) : due - now;
            (void)syncs_.wait_for(held, stop, pause, [&] { return sync_due() != due; });
            continue;
        }
        std::vector<waiting> told = std::exchange(for_sync_, {});
        syncing_ = std::exchange(unsynced_, {});
        unsynced_since_ = no_deadline;
        is_syncing_ = true;
        held.unlock();
        const auto done = sync_timed();
        counted_.syncing_cpu = read_thread_cpu();
        held.lock();
        is_syncing_ = false;
        if (done) {
            syncing_.clear();
            answer(told, {});
        } else {
            // The writing thread decides what becomes of it; until then nobody syncs.
            may_sync_ = false;
            sync_failure_ = done.error();
            std::ranges::move(told, std::back_inserter(for_sync_));
        }
        syncs_.notify_all();
        if (!done) writes_.notify_one();
    }
}

result<> committer::sync_timed() {
    const steady_time begun = settings_.clock().steady;
    fsync_since_.store(begun, std::memory_order_relaxed);
    auto done = table_.sync();
    fsync_since_.store(no_deadline, std::memory_order_relaxed);
    const auto took = settings_.clock().steady - begun;
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(took);
    const auto place = std::ranges::lower_bound(committed::sync_bounds, micros);
    ++counted_.syncs[std::size_t(place - committed::sync_bounds.begin())];
    counted_.sync_microseconds += std::uint64_t(micros.count());
    last_sync_ = took;
    return done;
}

}  // namespace hawser::store
