// SPDX-License-Identifier: Apache-2.0
#include "app/keeper.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <span>
#include <string>
#include <utility>

#include "base/limits.h"
#include "crypto/private_file.h"
#include "observe/log.h"
#include "state/snapshot_file.h"

namespace hawser::app {

namespace {

using observe::level;

double seconds(steady_time::duration time) { return std::chrono::duration<double>(time).count(); }

/// Without outages. After a crash they would be news of up to an interval ago: to believe one that
/// is over takes sessions away from a server that has their data, to miss one costs a retry.
std::vector<state::server_record> lasting(std::vector<state::server_record> known) {
    for (auto& each : known) each.out_until = 0;
    return known;
}

/// Whoever serves goes first; on Linux this is of the calling thread alone.
void yield_to_workers() { (void)::setpriority(PRIO_PROCESS, 0, 10); }

}  // namespace

std::vector<state::server_record> records_of(const upstream::snapshot& all) {
    const instant now = read_clocks();
    std::vector<state::server_record> made;
    for (const auto& pool : all.pools)
        for (const auto& each : pool->servers()) made.push_back(state::record_of(*each, now));
    return made;
}

void restore(const upstream::snapshot& all, std::span<const state::server_record> told) {
    const instant now = read_clocks();
    for (const auto& pool : all.pools) {
        for (auto one : told) {
            auto* server = pool->find(one.id);
            if (server == nullptr) continue;
            if (!pool->settings().lets_in_again()) one.out_until = 0;
            state::restore(*server, one, now);
        }
    }
}

keeper::~keeper() { close(); }

void keeper::open(const std::filesystem::path& directory) {
    path_ = directory / "snapshot";
    // A directory that is there, made by the service manager, is locked only for a moment.
    if (const auto made = crypto::directory_lock::take(path_); !made) {
        observe::log(level::warn, "no snapshots are kept: " + made.error().context);
        return;
    }
    const auto lock = (directory / "snapshot.lock").string();
    lock_ = io::descriptor(::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!lock_ || ::flock(lock_.number(), LOCK_EX | LOCK_NB) != 0) {
        lock_ = io::descriptor();
        observe::log(level::warn, "no snapshots are kept: " + lock +
                                      " is held by another process (`state` names "
                                      "another place)");
        return;
    }
    thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

void keeper::close() {
    if (thread_.joinable()) {
        thread_.request_stop();
        thread_.join();
    }
    lock_ = io::descriptor();
}

void keeper::recall(const crypto::key_ring& by, const upstream::snapshot& servers) {
    if (!is_open()) return;
    const auto begun = read_clocks();
    const auto read = state::read_snapshot(path_, by,
                                           {.servers =
                                                [&](std::span<const state::server_record> told) {
                                                    std::vector known(told.begin(), told.end());
                                                    // A server may have started since: a client's
                                                    // mark may be the newer one.
                                                    for (auto& each : known) each.instance = 0;
                                                    restore(servers, known);
                                                },
                                            .sessions =
                                                [&](std::span<const registry::record> told) {
                                                    for (const auto& one : told)
                                                        restored_ +=
                                                            sessions_.restore(one, begun) ? 1 : 0;
                                                },
                                            .endings =
                                                [&](std::span<const registry::ending> told) {
                                                    for (const auto& one : told)
                                                        sessions_.restore(one, begun);
                                                }});
    if (!read) {
        if (read.error().code != errc::not_found) set_aside(read.error());
        was_damaged_ = read.error().code != errc::not_found;
        return;
    }
    const auto took = read_clocks().steady - begun.steady;
    observe::log(level::notice, fmt::format("{} of {} sessions are known from before the start, "
                                            "read in {:.3f} s",
                                            restored_, *read, seconds(took)));
}

void keeper::set_aside(const error& why) const {
    const auto aside = path_.string() + ".damaged";
    const bool is_moved = ::rename(path_.c_str(), aside.c_str()) == 0;
    observe::log(level::error, "the snapshot is not used: " + why.context +
                                   (is_moved ? "; it was set aside as " + aside : ""));
}

void keeper::save_soon(const upstream::snapshot& servers, ring by) {
    if (!is_open()) return;
    {
        const std::scoped_lock held(mutex_);
        if (wanted_) return;
        wanted_ = job{lasting(records_of(servers)), std::move(by)};
    }
    wakes_.notify_one();
}

void keeper::save(const upstream::snapshot& servers, ring by) {
    if (!is_open()) return;
    thread_.request_stop();  // one that is being written is finished first
    thread_.join();
    write({records_of(servers), std::move(by)});
}

void keeper::work(const std::stop_token& stop) {
    yield_to_workers();
    std::unique_lock held(mutex_);
    while (wakes_.wait(held, stop, [this] { return wanted_.has_value(); })) {
        const job next = *wanted_;
        held.unlock();
        write(next);
        held.lock();
        wanted_.reset();
    }
}

void keeper::write(const job& wanted) {
    const auto begun = read_clocks();
    const auto written = write_all(wanted);
    if (!written) {
        ++failed_;
        observe::log(level::error, "no snapshot was written: " + written.error().context);
        return;
    }
    ++written_;
    last_sessions_ = *written;
    last_duration_ = seconds(read_clocks().steady - begun.steady);
    last_written_ = double(begun.wall.time_since_epoch().count()) / 1000;
}

result<std::uint64_t> keeper::write_all(const job& wanted) const {
    auto to = state::snapshot_writer::begin(path_, *wanted.by, read_clocks().wall);
    if (!to) return std::unexpected(std::move(to.error()));
    if (auto done = to->add(std::span(wanted.servers)); !done)
        return std::unexpected(std::move(done.error()));
    for (std::size_t part = 0; part < registry::registry::ended_parts; ++part) {
        const auto ended = sessions_.ended(part, read_clocks());
        if (auto done = to->add(std::span(ended)); !done)
            return std::unexpected(std::move(done.error()));
    }
    std::array<registry::record, limits::state_block_sessions> sessions;
    std::uint64_t count = 0;
    for (registry::cursor at; !at.done;) {
        const std::size_t size = sessions_.copy(at, sessions, read_clocks());
        count += size;
        if (auto done = to->add(std::span<const registry::record>(sessions).first(size)); !done)
            return std::unexpected(std::move(done.error()));
    }
    if (auto done = to->finish(); !done) return std::unexpected(std::move(done.error()));
    return count;
}

void keeper::collect(observe::exposition& into) const {
    into.counter("snapshots_written_total", "Snapshots of sessions and server states written.", {},
                 double(written_));
    into.counter("snapshot_failures_total", "Snapshots that could not be written.", {},
                 double(failed_));
    into.gauge("snapshot_timestamp_seconds", "When the last one was begun; 0: never.", {},
               last_written_);
    into.gauge("snapshot_duration_seconds", "How long the last one took.", {}, last_duration_);
    into.gauge("snapshot_sessions", "Sessions in the last one.", {}, double(last_sessions_));
    into.gauge("snapshot_restored_sessions", "Sessions known from before the start.", {},
               double(restored_));
    into.gauge("snapshot_damaged", "1: the snapshot at start was set aside.", {},
               was_damaged_ ? 1 : 0);
}

}  // namespace hawser::app
