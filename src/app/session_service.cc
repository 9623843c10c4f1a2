// SPDX-License-Identifier: Apache-2.0
#include "app/session_service.h"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <utility>
#include <vector>

#include "base/ensure.h"
#include "observe/log.h"
#include "sessions/limits.h"

namespace hawser::app {

namespace {

using hawser::sessions::name_space;
using hawser::sessions::terms;
namespace resp = hawser::sessions::resp;

std::shared_ptr<const terms> terms_of(const app::sessions& all, const session_namespace& one) {
    return std::make_shared<const terms>(
        terms{.session_keys = one.session_keys,
              .idle = one.idle_timeout.value_or(all.idle_timeout),
              .absolute = one.absolute_timeout.value_or(all.absolute_timeout),
              .end_remembered = one.end_remembered,
              .record_bytes_max = one.limits.record_bytes.value,
              .lasts = durability_of(all, one)});
}

/// A record larger than any namespace allows need not be heard to its end.
store::resp::command_limits limits_for(const app::sessions& all) {
    store::resp::command_limits most;
    most.argument = 0;
    for (const auto& [name, one] : all.namespaces)
        most.argument = std::max<std::size_t>(most.argument, one.limits.record_bytes.value);
    most.command = std::max(most.command, 4 * most.argument);
    return most;
}

std::string_view name_of(store::condition what) {
    switch (what) {
        case store::condition::ready: return "ready";
        case store::condition::opening: return "opening";
        case store::condition::failing: break;
    }
    return "failing";
}

void tell(const store::ending& what) {
    if (what.why != store::end_cause::evicted) return;
    observe::log_sparsely(observe::level::warn, "session-evicted",
                          "namespace " + std::string(what.in.name()) +
                              " is full: the longest idle records make room");
}

}  // namespace

result<> session_service::check(const configuration& next) const {
    const bool is_served = memory_ != nullptr || embedded_ != nullptr;
    const auto present = memory_ != nullptr ? session_store::memory : session_store::embedded;
    if (next.sessions.resp && is_served && next.sessions.store != present)
        return fail(errc::invalid, "`sessions.store` changes with a restart only");
    std::size_t count = spaces_.size();
    for (const auto& [name, one] : next.sessions.namespaces)
        if (!spaces_.contains(name)) ++count;
    if (count <= store::space::numbers_max) return {};
    return fail(errc::exhausted,
                "`sessions.namespaces`: with those that were named before there "
                "are more than a process can tell apart: restart it");
}

std::shared_ptr<name_space> session_service::space_of(const std::string& name,
                                                      const crypto::key_ring& ring) {
    auto& known = spaces_[name];
    if (known == nullptr) {
        ensure(spaces_.size() <= store::space::numbers_max, "namespaces are bounded by `check`");
        known = std::make_shared<name_space>(name, std::uint8_t(spaces_.size() - 1),
                                             ring.index<16>("session namespace " + name));
    }
    return known;
}

resp::setup session_service::setup_for(const configuration& next, const session_terms& read,
                                       const crypto::key_ring& ring) {
    const resp_door& door = *next.sessions.resp;
    resp::setup made{.tenancies = {},
                     .users = {},
                     .open_to = std::nullopt,
                     .tls = read.tls,
                     .commands = limits_for(next.sessions),
                     .connections_max = door.connections,
                     .greeting = limits::resp_greeting,
                     .stall = limits::resp_stall};
    std::map<std::string, std::size_t, std::less<>> numbers;
    for (const auto& [name, one] : next.sessions.namespaces) {
        auto in = space_of(name, ring);
        in->space.held.set_room({.records = one.limits.sessions, .bytes = one.limits.bytes.value});
        in->space.set_answer(one.when_full);
        in->space.set_answer_to_failure(one.when_store_fails);
        numbers[name] = made.tenancies.size();
        made.tenancies.push_back({.in = std::move(in), .by = terms_of(next.sessions, one)});
    }
    for (const auto& [name, user] : door.users)
        made.users[name] = {.password = read.passwords.at(name), .tenancy = numbers.at(user.to)};
    if (!door.open_to.empty()) made.open_to = numbers.at(door.open_to);
    return made;
}

void session_service::change_to(const configuration& next, const session_terms& read,
                                const crypto::key_ring& ring, crew& workers) {
    if (!next.sessions.resp) return stop(workers);
    if (hub_ == nullptr) open_store(next, ring, workers);
    held().set_room({.bytes = next.sessions.memory.value});
    const auto setup = std::make_shared<const resp::setup>(setup_for(next, read, ring));
    if (embedded_ != nullptr) keep_on_disk(next, ring);
    workers.tell_all([&](proxy::station& at) {
        auto& mine = doors_[at.worker.index()];
        if (mine != nullptr)
            mine->publish(setup);
        else
            mine = std::make_unique<resp::door>(at.worker, *hub_, setup);
    });
}

void session_service::open_store(const configuration& given, const crypto::key_ring& ring,
                                 crew& workers) {
    std::size_t records = 0;
    for (const auto& [name, one] : given.sessions.namespaces) records += one.limits.sessions;
    const steady_time now = read_clocks().steady;
    store::store* kept = nullptr;
    if (given.sessions.store == session_store::memory) {
        memory_ = std::make_unique<store::memory>(records, store::room{}, now);
        kept = memory_.get();
    } else {
        embedded_ = std::make_unique<store::embedded>(
            store::embedded::settings{
                .memory = {.records = records},
                .disk = {.where = {.directory = std::filesystem::path(given.state) / "sessions"}}},
            ring, now);
        std::vector<io::worker*> all(workers.size());
        workers.tell_all([&](proxy::station& at) { all[at.worker.index()] = &at.worker; });
        embedded_->serve(std::move(all));
        kept = embedded_.get();
    }
    kept->on_end(tell);
    hub_ = std::make_unique<resp::hub>(*kept, workers_, now);
}

/// Namespaces that want to outlive this process, once each.
void session_service::keep_on_disk(const configuration& given, const crypto::key_ring& ring) {
    embedded_->use(ring);
    for (const auto& [name, one] : given.sessions.namespaces) {
        if (durability_of(given.sessions, one) == store::durability::memory) continue;
        if (on_disk_.insert(name).second) embedded_->add(spaces_.at(name)->space);
    }
}

store::occupancy& session_service::held() const {
    return memory_ != nullptr ? memory_->held() : embedded_->held();
}

void session_service::close() {
    if (embedded_ != nullptr) embedded_->close();
}

void session_service::open(unsigned worker, const std::string& at, io::listening_socket socket) {
    ensure(doors_[worker] != nullptr, "places are opened after `change_to`");
    const auto begun = doors_[worker]->open(at, std::move(socket));
    ensure(begun.has_value(), "a socket that listens can be watched");
}

void session_service::close(const std::string& at, crew& workers) {
    workers.tell_all([&](proxy::station& on) {
        if (auto& mine = doors_[on.worker.index()]) mine->close(at);
    });
}

void session_service::stop(crew& workers) {
    if (hub_ == nullptr) return;
    workers.tell_all([this](proxy::station& at) {
        if (auto& mine = doors_[at.worker.index()]) mine->stop();
    });
    // What was told to stop ends within a few turns of its loop.
    for (std::atomic<bool> is_over{false}; !is_over;) {
        is_over = true;
        workers.tell_all([&](proxy::station& at) {
            auto& mine = doors_[at.worker.index()];
            if (mine == nullptr) return;
            if (mine->is_quiet())
                mine.reset();
            else
                is_over = false;
        });
    }
}

std::optional<session_totals> session_service::totals() const {
    if (hub_ == nullptr) return std::nullopt;
    return session_totals{.records = held().records(),
                          .bytes = held().bytes(),
                          .clients = hub_->connections.load(),
                          .store = embedded_ == nullptr ? "memory" : name_of(embedded_->fares())};
}

void session_service::collect(observe::exposition& into) const {
    if (hub_ == nullptr) return;
    hub_->collect(into);
    if (embedded_ != nullptr) collect_disk(into);
    for (const auto& [name, one] : spaces_) {
        const observe::label_list labels = {{"namespace", name}};
        const auto& space = one->space;
        into.gauge("session_records", "What applications keep: sessions and all other records.",
                   labels, double(space.held.records()));
        into.gauge("session_bytes", "What that takes.", labels, double(space.held.bytes()));
        into.counter("session_records_expired_total", "Records that ended by their time.", labels,
                     double(space.expired.load()));
        into.counter("session_records_evicted_total", "Records that made room for others.", labels,
                     double(space.evicted.load()));
        into.counter("session_records_refused_total", "Records for which there was no room.",
                     labels, double(space.refused.load()));
        if (embedded_ == nullptr) continue;
        into.counter(
            "session_changes_refused_total",
            "Changes that were refused, or not answered in time, as nothing could be kept.", labels,
            double(space.refused_by_failure.load()));
        into.counter("session_changes_not_kept_total",
                     "Changes that were told while they were in memory only, as nothing could be "
                     "kept.",
                     labels, double(space.not_kept.load()));
    }
}

void session_service::collect_disk(observe::exposition& into) const {
    const auto& done = embedded_->counted();
    const auto count = [&](std::string_view name, std::string_view help,
                           const std::atomic<std::uint64_t>& value) {
        into.counter(name, help, {}, double(value.load()));
    };
    into.gauge("session_store_up", "1: what is given to the store is kept.", {},
               embedded_->fares() == store::condition::ready ? 1 : 0);
    into.gauge("session_store_bytes", "What the store takes on the disk, about.", {},
               double(done.disk_bytes.load()));
    count("session_store_entries_total", "Records, ends and touches that were written.",
          done.records);
    count("session_store_batches_total", "Writes, each of what had changed since the last.",
          done.batches);
    count("session_store_bytes_total", "Bytes in them, sealed.", done.bytes);
    count("session_store_loaded_total", "Records that were there at the start.", done.loaded);
    count("session_store_damaged_total", "Records that were damaged, and dropped.", done.damaged);
    count("session_store_keys_gone_total", "Records that no key of the ring opens.",
          done.keys_gone);
    count("session_store_set_aside_total", "Stores that were damaged, and set aside.",
          done.set_aside);
    count("session_store_failures_total", "Failures to open, write or sync.", done.failed);
    std::vector<std::uint64_t> syncs;
    for (const auto& each : done.syncs) syncs.push_back(each.load());
    into.histogram("session_store_sync_seconds", "How long the disk took to sync.", {},
                   store::committed::sync_bounds, syncs,
                   std::chrono::microseconds(done.sync_microseconds.load()));
}

}  // namespace hawser::app
