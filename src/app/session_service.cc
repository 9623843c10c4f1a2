// SPDX-License-Identifier: Apache-2.0
#include "app/session_service.h"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <utility>
#include <vector>

#include "app/session_saves.h"
#include "base/ensure.h"
#include "observe/log.h"
#include "sessions/limits.h"
#include "store/embedded/embedded.h"
#include "store/memory.h"

namespace hawser::app {

namespace {

using hawser::sessions::name_space;
using hawser::sessions::record_link;
using hawser::sessions::terms;
namespace resp = hawser::sessions::resp;
namespace api = hawser::sessions::api;

hawser::sessions::worth worth_of(const session_namespace& one) {
    if (!one.valuable) return {};
    return {.lasts = one.valuable->durability,
            .when_known = one.valuable->authenticated,
            .user_field = one.valuable->user_field,
            .bytes = one.valuable->bytes.value};
}

std::shared_ptr<const terms> terms_of(const app::sessions& all, const session_namespace& one) {
    return std::make_shared<const terms>(
        terms{.session_keys = one.session_keys,
              .lock_keys = one.lock_keys,
              .saves = one.saves,
              .mark_field = one.mark_field,
              .idle = one.idle_timeout.value_or(all.idle_timeout),
              .absolute = one.absolute_timeout.value_or(all.absolute_timeout),
              .end_remembered = one.end_remembered,
              .record_bytes_max = one.limits.record_bytes.value,
              .lasts = durability_of(all, one),
              .worth = worth_of(one),
              .user_sessions_max = one.limits.user_sessions,
              .when_user_full = one.when_user_full});
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

void collect_channels(const hawser::sessions::channels& all, const observe::label_list& labels,
                      observe::exposition& into) {
    into.gauge("session_subscriptions", "Channels and patterns that clients listen to.", labels,
               double(all.subscriptions()));
    into.counter("session_messages_total", "Messages and events that somebody was there for.",
                 labels, double(all.published.load()));
    into.counter("session_subscribers_cut_off_total",
                 "Subscribers that were disconnected, as they did not take what they were told.",
                 labels, double(all.cut_off.load()));
}

std::string_view name_of(store::condition what) {
    switch (what) {
        case store::condition::ready: return "ready";
        case store::condition::opening: return "opening";
        case store::condition::failing: break;
    }
    return "failing";
}

}  // namespace

session_service::session_service(std::size_t workers)
    : workers_(workers), doors_(workers), api_doors_(workers) {}

session_service::~session_service() = default;

result<> session_service::check(const configuration& next) const {
    const bool is_served = memory_ != nullptr || embedded_ != nullptr;
    const auto present = memory_ != nullptr ? session_store::memory : session_store::embedded;
    const bool is_wanted = next.sessions.resp || next.sessions.api;
    if (is_wanted && is_served && next.sessions.store != present)
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
        known->space.set_awaited(is_awaited_);
        by_number_[known->space.number()].store(known.get(), std::memory_order_release);
    }
    return known;
}

void session_service::set_up_spaces(const configuration& next, const crypto::key_ring& ring) {
    for (const auto& [name, one] : next.sessions.namespaces) {
        const auto known = space_of(name, ring);
        known->set_terms(terms_of(next.sessions, one));
        const auto told = hawser::sessions::event_kinds::read(one.notify_keyspace_events);
        ensure(told.has_value(), "events are checked with the configuration");
        known->channels.configure_events(*told);
        auto& space = known->space;
        space.held.set_room({.records = one.limits.sessions, .bytes = one.limits.bytes.value});
        space.set_answer(one.when_full);
        space.set_answer_to_failure(one.when_store_fails);
    }
}

resp::setup session_service::resp_setup(const configuration& next,
                                        const session_terms& read) const {
    const resp_door door = next.sessions.resp.value_or(resp_door());
    resp::setup made{.tenancies = {},
                     .users = {},
                     .open_to = std::nullopt,
                     .tls = read.resp.tls,
                     .commands = limits_for(next.sessions),
                     .connections_max = door.connections,
                     .greeting = limits::resp_greeting,
                     .stall = limits::resp_stall};
    std::map<std::string, std::size_t, std::less<>> numbers;
    for (const auto& [name, one] : next.sessions.namespaces) {
        numbers[name] = made.tenancies.size();
        made.tenancies.push_back(
            {.in = spaces_.find(name)->second, .by = terms_of(next.sessions, one)});
    }
    for (const auto& [name, user] : door.users)
        made.users[name] = {.password = read.resp.passwords.at(name),
                            .tenancy = numbers.at(user.to)};
    if (!door.open_to.empty()) made.open_to = numbers.at(door.open_to);
    return made;
}

api::setup session_service::api_setup(const configuration& next, const session_terms& read) const {
    const api_door door = next.sessions.api.value_or(api_door());
    api::setup made{.tenancies = {}, .tokens = {}, .open_to = std::nullopt, .tls = read.api.tls};
    std::map<std::string, std::size_t, std::less<>> numbers;
    for (const auto& [name, one] : next.sessions.namespaces) {
        numbers[name] = made.tenancies.size();
        made.tenancies.push_back({.in = spaces_.find(name)->second,
                                  .by = terms_of(next.sessions, one),
                                  .prefix = door.key_prefix});
    }
    for (const auto& [name, user] : door.users)
        made.tokens[read.api.passwords.at(name)] = {.tenancy = numbers.at(user.to), .who = name};
    if (!door.open_to.empty()) made.open_to = numbers.at(door.open_to);
    return made;
}

/// On whichever thread notices that a record has ended by itself.
void session_service::tell(const store::ending& what) const {
    auto* in = by_number_[what.in.number()].load(std::memory_order_acquire);
    if (in != nullptr) in->note_end(what, read_clocks().steady);
    if (what.why != store::end_cause::evicted) return;
    observe::log_sparsely(observe::level::warn, "session-evicted",
                          "namespace " + std::string(what.in.name()) +
                              " is full: the longest idle records make room");
}

void session_service::prepare(const configuration& next, const crypto::key_ring& ring,
                              crew& workers) {
    if (!next.sessions.resp && !next.sessions.api) return;
    if (hub_ == nullptr) open_store(next, ring, workers);
    held().set_room({.bytes = next.sessions.memory.value});
    set_up_spaces(next, ring);
    if (embedded_ != nullptr) keep_on_disk(next, ring);
    *is_open_ = true;
}

std::shared_ptr<const record_link> session_service::link_of(const pool& one) const {
    if (!one.sessions) return nullptr;
    return make_link(one.sessions->name_space,
                     {.cookie = one.sessions->cookie, .prefix = one.sessions->key_prefix});
}

std::shared_ptr<const record_link> session_service::make_link(std::string_view name,
                                                              record_link::settings by) const {
    const auto known = spaces_.find(name);
    if (known == spaces_.end() || hub_ == nullptr) return nullptr;
    return std::make_shared<const record_link>(hub_->kept, known->second, is_open_, std::move(by));
}

void session_service::change_to(const configuration& next, const session_terms& read,
                                crew& workers) {
    if (!next.sessions.resp && !next.sessions.api) return stop(workers);
    const auto resp_next = std::make_shared<const resp::setup>(resp_setup(next, read));
    const auto api_next = std::make_shared<const api::setup>(api_setup(next, read));
    workers.tell_all([&](proxy::station& at) {
        const unsigned index = at.worker.index();
        if (doors_[index] != nullptr) {
            doors_[index]->publish(resp_next);
            api_doors_[index]->publish(api_next);
        } else {
            doors_[index] = std::make_unique<resp::door>(at.worker, *hub_, resp_next);
            api_doors_[index] = std::make_unique<api::door>(at.worker, *api_hub_, api_next);
        }
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
    kept->on_end([this](const store::ending& what) { tell(what); });
    kept->on_load(restore_user());
    hub_ = std::make_unique<resp::hub>(*kept, workers_, now);
    api_hub_ = std::make_unique<api::hub>(*kept, workers_);
}

/// Namespaces that want to outlive this process, once each.
void session_service::keep_on_disk(const configuration& given, const crypto::key_ring& ring) {
    embedded_->use(ring);
    for (const auto& [name, one] : given.sessions.namespaces) {
        if (!reaches_disk(given.sessions, one)) continue;
        if (on_disk_.insert(name).second) embedded_->add(spaces_.at(name)->space);
    }
}

store::occupancy& session_service::held() const { return records().held(); }

store::residents& session_service::records() const {
    return memory_ != nullptr ? memory_->records() : embedded_->records();
}

store::store::loaded session_service::restore_user() const {
    return [this](const store::record_id& id, std::uint64_t user, steady_time created) {
        auto* in = by_number_[id.in->number()].load(std::memory_order_acquire);
        if (in != nullptr) in->users.restore(user, id.hash, created);
    };
}

void session_service::close() {
    if (embedded_ != nullptr) embedded_->close();
}

std::optional<state::channel> session_service::hand_over() {
    if (hub_ == nullptr) return std::nullopt;
    taker_.reset();  // what the process before is giving goes along
    auto ends = state::channel::make();
    if (ends && embedded_ != nullptr) embedded_->leave_light_records();
    close();
    if (!ends) {
        observe::log(observe::level::error,
                     "upgrade: what only this memory has cannot be given to "
                     "the new process: " +
                         ends.error().context);
        return std::nullopt;
    }
    giver_.emplace(records(), spaces_, std::move(ends->first));
    return std::move(ends->second);
}

void session_service::take_over(std::optional<state::channel> from) {
    if (!std::exchange(is_awaited_, false)) return;
    if (from && hub_ != nullptr) {
        taker_.emplace(records(), spaces_, std::move(*from), restore_user());
        return;
    }
    for (const auto& [name, one] : spaces_) one->space.set_awaited(false);
}

void session_service::open(unsigned worker, std::string_view place, const std::string& at,
                           io::listening_socket socket) {
    ensure(doors_[worker] != nullptr, "places are opened after `change_to`");
    result<> begun;
    if (place == resp_place)
        begun = doors_[worker]->open(at, std::move(socket));
    else
        begun = api_doors_[worker]->open(at, std::move(socket));
    ensure(begun.has_value(), "a socket that listens can be watched");
}

void session_service::close(std::string_view place, const std::string& at, crew& workers) {
    workers.tell_all([&](proxy::station& on) {
        const unsigned index = on.worker.index();
        if (doors_[index] == nullptr) return;
        if (place == resp_place)
            doors_[index]->close(at);
        else
            api_doors_[index]->close(at);
    });
}

void session_service::stop(crew& workers) {
    if (hub_ == nullptr) return;
    *is_open_ = false;
    workers.tell_all([this](proxy::station& at) {
        if (auto& mine = doors_[at.worker.index()]) mine->stop();
        if (auto& mine = api_doors_[at.worker.index()]) mine->stop();
    });
    // What was told to stop ends within a few turns of its loop.
    for (std::atomic<bool> is_over{false}; !is_over;) {
        is_over = true;
        workers.tell_all([&](proxy::station& at) {
            auto& mine = doors_[at.worker.index()];
            auto& api_mine = api_doors_[at.worker.index()];
            if (mine == nullptr) return;
            if (!mine->is_quiet() || !api_mine->is_quiet()) {
                is_over = false;
                return;
            }
            mine.reset();
            api_mine.reset();
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

std::vector<hawser::sessions::audited> session_service::take_audited() {
    if (api_hub_ == nullptr) return {};
    return api_hub_->audit.take();
}

void session_service::collect(observe::exposition& into) const {
    if (hub_ == nullptr) return;
    hub_->collect(into);
    api_hub_->collect(into);
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
        collect_saves(*one, into);
        into.gauge("session_locks", "Locks of libraries that are held.", labels,
                   double(one->locks.held(read_clocks().steady)));
        into.counter("session_locks_freed_total",
                     "Locks that were freed because the connection of their holder was gone.",
                     labels, double(one->locks_freed.load()));
        into.counter("session_old_ids_seen_total",
                     "Requests by ids that had been changed long ago.", labels,
                     double(one->old_ids_seen.load()));
        collect_channels(one->channels, labels, into);
        if (embedded_ == nullptr) continue;
        into.gauge("session_records_light", "Records of class `memory`: they end with the process.",
                   labels, double(space.light.load()));
        into.counter("session_records_lost_total",
                     "Records of class `memory` that have ended with the process before, as far as "
                     "that could still tell.",
                     labels, double(space.lost.load()));
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
    count("session_store_spared_bytes_total", "Bytes that are not in them, as records are packed.",
          done.spared);
    count("session_store_dictionaries_total",
          "Dictionaries that records have been packed by since the start.", done.dictionaries);
    const auto spent = [&](std::string_view thread, std::chrono::nanoseconds cpu) {
        into.counter("session_store_cpu_seconds_total",
                     "What the threads have had of processors that bring changes to the disk.",
                     {{"thread", thread}}, std::chrono::duration<double>(cpu).count());
    };
    spent("writing", done.writing_cpu.load());
    spent("syncing", done.syncing_cpu.load());
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
