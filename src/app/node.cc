// SPDX-License-Identifier: Apache-2.0
#include "app/node.h"

#include <algorithm>
#include <array>
#include <utility>

#include "affinity/binding.h"
#include "app/collect.h"
#include "app/machine.h"
#include "app/session_counts.h"
#include "app/version.h"
#include "balance/least_sessions.h"
#include "crypto/key_file.h"
#include "observe/log.h"
#include "observe/log_metrics.h"
#include "observe/output.h"

namespace hawser::app {

namespace {

/// Memory comes back a little after it was let go of.
constexpr auto relief_interval = std::chrono::seconds(1);

observe::verdict_names verdict_names() {
    static const auto verdicts = [] {
        std::array<std::string_view, affinity::verdicts> names;
        for (std::size_t i = 0; i < names.size(); ++i)
            names[i] = affinity::name_of(affinity::verdict(i));
        return names;
    }();
    static const auto causes = [] {
        std::array<std::string_view, affinity::causes> names;
        for (std::size_t i = 0; i < names.size(); ++i)
            names[i] = affinity::name_of(affinity::cause(i));
        return names;
    }();
    return {verdicts, causes};
}

keeper::ring share(const crypto::key_ring& ring) {
    return std::make_shared<const crypto::key_ring>(ring);
}

observe::access_log_settings access_settings(const configuration& given) {
    return {.output = given.log.access, .format = given.log.format};
}

}  // namespace

node::node(std::size_t workers)
    : counters_(workers, verdict_names()), admission_(crypto::drawn_key()), fleet_(workers) {
    metrics_.add([this](observe::exposition& into) { collect(into); });
    metrics_.add(observe::collect_process);
}

void node::collect(observe::exposition& into) const {
    observe::collect_build(into, version, revision());
    counters_.collect(into);
    const auto sessions = registry_->counts();
    collect_servers(into, *fleet_.current());
    collect_sessions(into, *fleet_.current(), sessions);
    collect_registry(into, sessions);
    collect_drains(into, *drains_);
    collect_rebalancing(into, *fleet_.current(), *rebalancing_);
    collect_certificates(into, secured_);
    overload_.collect(into);
    keeper_->collect(into);
    observe::collect_logs(into, access_->count(), observe::count_log());
}

result<std::unique_ptr<node>> node::start(const configuration& given, const config::node& written,
                                          beginnings& from) {
    const std::size_t workers = given.workers.number;
    std::unique_ptr<node> made(new node(workers));
    if (auto opened = made->open_logs(given); !opened)
        return std::unexpected(std::move(opened.error()));

    auto ring = crypto::key_file(given.keys).load_or_create(read_clocks().wall);
    if (!ring) return std::unexpected(std::move(ring.error()));
    auto pools = describe_pools(given, written, made->addresses_);
    if (!pools) return std::unexpected(std::move(pools.error()));
    auto secured = load_certificates(given, written, *ring, {});
    if (!secured) return std::unexpected(std::move(secured.error()));
    auto sessions =
        registry::registry::create({.capacity = given.sessions.capacity,
                                    .tentative_capacity = given.sessions.tentative_capacity,
                                    .extra_keys = given.sessions.capacity,
                                    .lives = {.idle = given.sessions.idle_timeout,
                                              .absolute = given.sessions.absolute_timeout}},
                                   read_clocks().steady);
    if (!sessions) return std::unexpected(std::move(sessions.error()));
    made->registry_ = std::move(*sessions);
    made->keeper_ = std::make_unique<keeper>(*made->registry_);
    auto sockets = made->doors_.prepare(given, written, workers, from.passed);
    if (!sockets) return std::unexpected(std::move(sockets.error()));

    auto crew = crew::start(workers, [&node = *made](unsigned worker) {
        return proxy::station::shared{.sessions = *node.registry_,
                                      .access = node.access_->lane(worker),
                                      .counters = node.counters_.worker(worker),
                                      .admission = node.admission_};
    });
    if (!crew) return std::unexpected(std::move(crew.error()));
    made->crew_ = std::move(*crew);
    made->rebalancing_.emplace(*made->registry_);
    made->drains_.emplace(*made->registry_, [&crew = *made->crew_](const upstream::server& server,
                                                                   const proxy::parting& what) {
        crew.tell_all([&](proxy::station& at) { at.part(server, what); });
    });
    made->serve_by(given, std::move(*pools), *secured, made->marks_of(share(*ring)));
    made->overload_.change_to(given.limits, descriptor_limit());
    made->prepared_ = std::move(*sockets);
    if (auto recalled = made->recall(from); !recalled)
        return std::unexpected(std::move(recalled.error()));
    return made;
}

void node::accept() { doors_.change_to(settings_, std::exchange(prepared_, {}), *crew_); }

node::~node() {
    crew_.reset();
    doors_.release();
    for (const auto& [place, where] : doors_.open()) io::remove_left_over(where);
    if (access_) access_->close(std::chrono::seconds(1));
}

result<> node::open_logs(const configuration& given) {
    if (auto opened = observe::open_log({.output = given.log.errors, .least = given.log.level});
        !opened)
        return opened;
    auto opened = observe::access_log::open(access_settings(given), given.workers.number);
    if (!opened) return std::unexpected(std::move(opened.error()));
    access_ = std::move(*opened);
    return {};
}

result<> node::change_to(const configuration& wanted, const config::node& written) {
    configuration next = wanted;
    next.workers = settings_.workers;  // threads are not changed while they serve
    auto ring = crypto::key_file(next.keys).load();
    if (!ring) return std::unexpected(std::move(ring.error()));
    known_addresses addresses;
    auto pools = describe_pools(next, written, addresses);
    if (!pools) return std::unexpected(std::move(pools.error()));
    auto secured = load_certificates(next, written, *ring, secured_);
    if (!secured) return std::unexpected(std::move(secured.error()));
    passed_sockets none;
    auto sockets = doors_.prepare(next, written, crew_->size(), none);
    if (!sockets) return std::unexpected(std::move(sockets.error()));
    if (auto changed = change_logs(next); !changed) return changed;
    addresses_ = std::move(addresses);
    serve_by(next, std::move(*pools), *secured, marks_of(share(*ring)));
    overload_.change_to(next.limits, descriptor_limit());
    doors_.change_to(next, std::move(*sockets), *crew_);
    return {};
}

result<> node::change_servers(const configuration& wanted, const config::node& written) {
    configuration next = wanted;
    next.workers = settings_.workers;
    auto pools = describe_pools(next, written, addresses_);
    if (!pools) return std::unexpected(std::move(pools.error()));
    serve_by(next, std::move(*pools), secured_, marks_);
    return {};
}

result<> node::check_servers(const configuration& next, const config::node& written) const {
    auto known = addresses_;
    auto pools = describe_pools(next, written, known);
    if (!pools) return std::unexpected(std::move(pools.error()));
    return {};
}

void node::watch(proxy::watches what) {
    watched_ = what.empty() ? nullptr : std::make_shared<const proxy::watches>(std::move(what));
    publish(assemble(settings_, *fleet_.current(), secured_, counters_, rates_, marks_));
    changed_();
}

void node::publish(std::shared_ptr<proxy::snapshot> next) {
    next->watched = watched_;
    served_ = std::move(next);
    crew_->tell_all([&](proxy::station& at) { at.publish(served_); });
}

/// Sees first whether both can be written, so that neither changes alone.
result<> node::change_logs(const configuration& next) {
    for (const auto& place : {next.log.access, next.log.errors}) {
        if (place == "off") continue;
        if (auto opened = observe::output::open(place); !opened)
            return std::unexpected(std::move(opened.error()));
    }
    if (auto changed = access_->change(access_settings(next)); !changed) return changed;
    return observe::open_log({.output = next.log.errors, .least = next.log.level});
}

/// The same issuers as long as the ring is the same: what a reload doesn't name it doesn't touch.
std::shared_ptr<const issuers> node::marks_of(keeper::ring ring) {
    ring_ = std::move(ring);
    std::vector<std::pair<crypto::key_id, wall_time>> keys;
    for (const auto& key : ring_->keys()) keys.emplace_back(key.id, key.seals_from);
    if (!marks_ || keys != ring_keys_) {
        ring_keys_ = std::move(keys);
        return std::make_shared<const issuers>(*ring_, crew_->size());
    }
    return marks_;
}

void node::serve_by(const configuration& next, std::vector<upstream::pool_description> pools,
                    const secured_terms& secured, std::shared_ptr<const issuers> marks) {
    const auto fleet = fleet_.change_to(pools);
    marks_ = std::move(marks);
    auto snapshot = assemble(next, *fleet, secured, counters_, rates_, marks_);
    for (const auto& pool : snapshot->pools) {
        registry::lifetime lives{.idle = next.sessions.idle_timeout,
                                 .absolute = next.sessions.absolute_timeout};
        // What a client carries may live longer than what it left unsaid elsewhere.
        if (pool.make_affinity) {
            const auto lasts = pool.make_affinity(0, false)->lasts();
            if (lives.idle.count() != 0) lives.idle = std::max(lives.idle, lasts.idle);
            if (lives.absolute.count() != 0)
                lives.absolute = std::max(lives.absolute, lasts.absolute);
        }
        registry_->configure(pool.servers->id(), lives);
        drains_->set_idle_limit(pool.servers->id(), lives.idle);
    }
    publish(std::move(snapshot));
    settings_ = next;
    secured_ = secured;
    changed_();
}

void node::drain(std::chrono::milliseconds farewell) {
    draining_ = true;
    doors_.release();  // before the workers empty the queues
    crew_->tell_all([farewell](proxy::station& at) { at.drain(farewell); });
}

/// What the last process knew is known before the first request is.
result<> node::recall(const beginnings& from) {
    kept_ = read_clocks().steady;
    if (from.learn) {
        drains_->know_all_sessions();
        return from.learn(*registry_, *fleet_.current());
    }
    if (!settings_.snapshot_interval) return {};
    keeper_->open(settings_.state);
    keeper_->recall(*ring_, *fleet_.current());
    return {};
}

void node::hold_state() {
    if (!settings_.snapshot_interval || keeper_->is_open()) return;
    keeper_->open(settings_.state);
    kept_ = read_clocks().steady;
    keeper_->save_soon(*fleet_.current(), ring_);
}

void node::keep() {
    const steady_time now = read_clocks().steady;
    if (retired_ || !settings_.snapshot_interval || now - kept_ < *settings_.snapshot_interval)
        return;
    kept_ = now;
    if (!keeper_->is_open()) return hold_state();
    keeper_->save_soon(*fleet_.current(), ring_);
}

void node::keep_last() {
    if (settings_.snapshot_interval) keeper_->save(*fleet_.current(), ring_);
}

void node::retire(std::chrono::milliseconds farewell) {
    draining_ = true;
    retired_ = true;
    drains_->leave_to_another();
    doors_.leave_to_others();
    crew_->tell_all([farewell](proxy::station& at) { at.retire(farewell); });
    keeper_->close();
}

void node::look_at_limits() {
    if (!overload_.look()) return;
    const steady_time now = read_clocks().steady;
    if (now - relieved_ < relief_interval) return;
    relieved_ = now;
    crew_->tell_all([](proxy::station& at) { at.relieve(); });
}

void node::count_sessions() {
    const auto wants_to_know = [&](const upstream::pool& pool) {
        const auto known = settings_.pools.find(pool.name());
        if (known == settings_.pools.end()) return false;
        if (known->second.balance.settings_if<balance::least_sessions>() != nullptr) return true;
        return std::ranges::any_of(pool.servers(),
                                   [](const auto& each) { return each->sessions.maximum() != 0; });
    };
    std::vector<const upstream::pool*> pools;
    for (const auto& pool : fleet_.current()->pools)
        if (wants_to_know(*pool)) pools.push_back(pool.get());
    tell_session_counts(pools, *registry_);
}

void node::warm_up() {
    const steady_time now = read_clocks().steady;
    for (const auto& pool : fleet_.current()->pools)
        for (const auto& server : pool->servers()) server->warming.go_on(now);
}

void node::reopen_logs() {
    observe::reopen_log();
    access_->reopen();
}

std::uint64_t node::errors_of(std::string_view pool, std::string_view server) {
    return counters_.server(pool, server)->sum([](const observe::server_counters& one) {
        std::uint64_t sum = 0;
        one.errors.for_each(
            [&](std::string_view, std::string_view, std::uint64_t count) { sum += count; });
        return sum;
    });
}

}  // namespace hawser::app
