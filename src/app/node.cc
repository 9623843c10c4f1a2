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
    : counters_(workers, verdict_names()),
      admission_(crypto::drawn_key()),
      fleet_(workers),
      assembly_(counters_, rates_, workers),
      data_(workers) {
    metrics_.add([this](observe::exposition& into) { collect(into); });
    metrics_.add(observe::collect_process);
}

void node::collect(observe::exposition& into) const {
    observe::collect_build(into, version, revision());
    counters_.collect(into);
    const auto sessions = registry_->counts();
    collect_servers(into, *fleet_.current(), *drains_);
    collect_sessions(into, *fleet_.current(), sessions, idle_);
    collect_registry(into, sessions);
    data_.collect(into);
    collect_drains(into, *drains_);
    collect_rebalancing(into, *fleet_.current(), *rebalancing_);
    collect_certificates(into, secured_);
    overload_.collect(into);
    keeper_->collect(into);
    observe::collect_logs(into, access_->count(), observe::count_log());
}

result<std::unique_ptr<node>> node::start(const effective& settings, const config::node& written,
                                          beginnings& from) {
    const configuration& given = settings.file();
    const std::size_t workers = given.workers.number;
    std::unique_ptr<node> made(new node(workers));
    if (auto opened = made->open_logs(given); !opened)
        return std::unexpected(std::move(opened.error()));

    auto ring = crypto::key_file(given.keys).load_or_create(read_clocks().wall);
    if (!ring) return std::unexpected(std::move(ring.error()));
    auto changed = parts_changed(made->settings_, settings);
    auto pools = made->describe(settings, changed.pools, written, made->addresses_);
    if (!pools) return std::unexpected(std::move(pools.error()));
    auto secured = load_certificates(given, written, *ring, {});
    if (!secured) return std::unexpected(std::move(secured.error()));
    auto read = load_session_terms(given, written);
    if (!read) return std::unexpected(std::move(read.error()));
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
    made->secured_ = std::move(*secured);
    made->marks_ = made->marks_of(share(*ring));
    const auto before = std::exchange(made->settings_, settings);
    if (from.learn) made->data_.await_former();
    made->data_.prepare(given, *ring, *made->crew_);
    made->serve(*pools, std::move(changed), before);
    made->data_.change_to(given, *read, *made->crew_);
    made->overload_.change_to(given.limits, descriptor_limit());
    made->prepared_ = std::move(*sockets);
    if (auto recalled = made->recall(from); !recalled)
        return std::unexpected(std::move(recalled.error()));
    return made;
}

void node::accept() { doors_.change_to(settings_.file(), std::exchange(prepared_, {}), *crew_); }

node::~node() {
    if (crew_) data_.stop(*crew_);
    data_.close();
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

result<> node::change_to(const effective& wanted, changed_parts changed,
                         const config::node& written) {
    const configuration& next = wanted.file();
    auto ring = crypto::key_file(next.keys).load();
    if (!ring) return std::unexpected(std::move(ring.error()));
    // Names are looked up again, whether or not anything about them was written anew.
    known_addresses addresses;
    auto named = changed.pools;
    for (const auto& pool : addresses_.pools)
        if (!std::ranges::binary_search(changed.pools, pool)) named.push_back(pool);
    auto pools = describe(wanted, named, written, addresses);
    if (!pools) return std::unexpected(std::move(pools.error()));
    auto secured = load_certificates(next, written, *ring, secured_);
    if (!secured) return std::unexpected(std::move(secured.error()));
    if (auto fine = data_.check(next); !fine) return fine;
    auto read = load_session_terms(next, written);
    if (!read) return std::unexpected(std::move(read.error()));
    passed_sockets none;
    auto sockets = doors_.prepare(next, written, crew_->size(), none);
    if (!sockets) return std::unexpected(std::move(sockets.error()));
    if (auto logs = change_logs(next); !logs) return logs;
    addresses_ = std::move(addresses);
    secured_ = std::move(*secured);
    const auto marks = std::exchange(marks_, marks_of(share(*ring)));
    const auto before = std::exchange(settings_, wanted);
    add_secured(changed, marks != marks_);
    data_.prepare(next, *ring, *crew_);
    serve(*pools, std::move(changed), before);
    overload_.change_to(next.limits, descriptor_limit());
    data_.change_to(next, *read, *crew_);
    doors_.change_to(next, std::move(*sockets), *crew_);
    return {};
}

result<> node::change_servers(const effective& next, std::span<const std::string> pools,
                              const config::node& written) {
    auto described = describe(next, pools, written, addresses_);
    if (!described) return std::unexpected(std::move(described.error()));
    for (const auto& name : pools) settings_.lay_over(name, next.laid_over(name));
    serve(*described, {.pools = {pools.begin(), pools.end()}}, settings_);
    return {};
}

result<> node::check_servers(const effective& next, std::span<const std::string> pools,
                             const config::node& written) const {
    auto known = addresses_;
    auto described = describe(next, pools, written, known);
    if (!described) return std::unexpected(std::move(described.error()));
    return {};
}

result<upstream::fleet::change> node::describe(const effective& next,
                                               std::span<const std::string> pools,
                                               const config::node& written,
                                               known_addresses& known) const {
    auto described = describe_pools(next, pools, written, known);
    if (!described) return described;
    if (auto possible = fleet_.check(*described); !possible)
        return std::unexpected(std::move(possible.error()));
    return described;
}

void node::watch(proxy::watches what) {
    if (!what.empty() && !explained_) explained_ = std::make_shared<proxy::explanation_shelf>();
    watched_ = what.empty() ? nullptr : std::make_shared<const proxy::watches>(std::move(what));
    publish(assembly_.again());
}

void node::publish(std::shared_ptr<proxy::snapshot> next) {
    next->watched = watched_;
    next->explained = explained_;
    const std::shared_ptr<const proxy::snapshot> served = std::move(next);
    crew_->tell_all([&](proxy::station& at) { at.publish(served); });
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
        return std::make_shared<const issuers>(*ring_, crew_->size() + 1);
    }
    return marks_;
}

/// By what is set now. Whatever nobody has `changed` stays as it is.
void node::serve(const upstream::fleet::change& pools, changed_parts changed,
                 const effective& before) {
    const auto fleet = fleet_.apply(pools);
    for (const auto& each : pools.pools) {
        const auto setup = assembly_.find(each.name);
        if (setup && setup->servers.get() != fleet->find(each.name))
            changed.pools.push_back(each.name);
    }
    std::ranges::sort(changed.pools);
    const auto twins = std::ranges::unique(changed.pools);
    changed.pools.erase(twins.begin(), twins.end());

    auto snapshot = assembly_.next({.given = settings_,
                                    .before = before,
                                    .changed = changed,
                                    .fleet = *fleet,
                                    .secured = secured_,
                                    .marks = marks_,
                                    .data = data_});
    if (changed.sessions) {
        for (const auto& pool : snapshot->pools)
            if (pool) set_lives(*pool);
    } else {
        for (const auto& name : changed.pools)
            if (const auto pool = assembly_.find(name)) set_lives(*pool);
    }
    for (const auto& each : pools.pools) {
        drains_->look_into(each.name);
        note_needs(each.name);
    }
    for (const auto& name : pools.gone) note_needs(name);
    publish(std::move(snapshot));
    shared_servers_.follow(*fleet, settings_);
    changed_(changed.pools);
}

/// Pools whose terms or marks are others than before, though they are written as before.
void node::add_secured(changed_parts& changed, bool have_marks_changed) const {
    for (const auto& [name, terms] : secured_.pools)
        if (const auto setup = assembly_.find(name); setup && setup->tls != terms)
            changed.pools.push_back(name);
    if (!have_marks_changed) return;
    for (const auto& [name, pool] : settings_.file().pools) changed.pools.push_back(name);
}

void node::set_lives(const proxy::pool_setup& pool) {
    const auto& given = settings_.file().sessions;
    registry::lifetime lives{.idle = given.idle_timeout, .absolute = given.absolute_timeout};
    // What a client carries may live longer than what it left unsaid elsewhere.
    if (pool.make_affinity) {
        const auto lasts = pool.make_affinity(control_index(), false)->lasts();
        if (lives.idle.count() != 0) lives.idle = std::max(lives.idle, lasts.idle);
        if (lives.absolute.count() != 0) lives.absolute = std::max(lives.absolute, lasts.absolute);
    }
    registry_->configure(pool.servers->id(), lives);
    drains_->set_idle_limit(pool.servers->id(), lives.idle);
}

void node::drain(std::chrono::milliseconds farewell) {
    draining_ = true;
    doors_.release();  // before the workers empty the queues
    crew_->tell_all([farewell](proxy::station& at) { at.drain(farewell); });
}

void node::part(std::span<const proxy::tunnel_owner> owners, const proxy::goodbye& why) {
    crew_->tell_all([&](proxy::station& at) { at.tunnels.part(owners, why); });
}

/// What the last process knew is known before the first request is.
result<> node::recall(const beginnings& from) {
    kept_ = read_clocks().steady;
    if (from.learn) {
        drains_->know_all_sessions();
        return from.learn(*registry_, *fleet_.current());
    }
    if (!settings_.file().snapshot_interval) return {};
    keeper_->open(settings_.file().state);
    keeper_->recall(*ring_, *fleet_.current());
    return {};
}

void node::hold_state() {
    if (!settings_.file().snapshot_interval || keeper_->is_open()) return;
    keeper_->open(settings_.file().state);
    kept_ = read_clocks().steady;
    keeper_->save_soon(*fleet_.current(), ring_);
}

void node::keep() {
    const steady_time now = read_clocks().steady;
    if (retired_ || !settings_.file().snapshot_interval ||
        now - kept_ < *settings_.file().snapshot_interval)
        return;
    kept_ = now;
    if (!keeper_->is_open()) return hold_state();
    keeper_->save_soon(*fleet_.current(), ring_);
}

void node::keep_last() {
    if (settings_.file().snapshot_interval) keeper_->save(*fleet_.current(), ring_);
}

void node::retire(std::chrono::milliseconds farewell) {
    draining_ = true;
    retired_ = true;
    drains_->leave_to_another();
    doors_.leave_to_others();
    crew_->tell_all([farewell](proxy::station& at) { at.retire(farewell); });
    // Its clients come again, to the process that has the sockets now.
    data_.stop(*crew_);
    keeper_->close();
}

void node::look_at_limits() {
    if (!overload_.look()) return;
    const steady_time now = read_clocks().steady;
    if (now - relieved_ < relief_interval) return;
    relieved_ = now;
    crew_->tell_all([](proxy::station& at) { at.relieve(); });
}

/// Which pools must be looked at again and again: most need not.
void node::note_needs(const std::string& name) {
    const pool* one = settings_.find(name);
    const auto note = [&](std::set<std::string>& all, bool is_one_of_them) {
        if (is_one_of_them)
            all.insert(name);
        else
            all.erase(name);
    };
    note(warming_, one != nullptr && one->slow_start);
    note(counting_,
         one != nullptr && (one->balance.settings_if<balance::least_sessions>() != nullptr ||
                            std::ranges::any_of(one->servers, [](const auto& each) {
                                return each.second.max_sessions.has_value();
                            })));
}

void node::count_sessions() {
    std::vector<const upstream::pool*> pools;
    for (const auto& name : counting_)
        if (const auto* pool = fleet_.current()->find(name)) pools.push_back(pool);
    tell_session_counts(pools, *registry_);
}

void node::look_at_idle_times(steady_time now) {
    constexpr auto pause = std::chrono::seconds(5);
    if (now - idle_asked_ < pause) return;
    if (idle_.advance(*registry_, now)) idle_asked_ = now;
}

void node::warm_up() {
    const steady_time now = read_clocks().steady;
    for (const auto& name : warming_)
        if (const auto* pool = fleet_.current()->find(name))
            for (const auto& server : pool->servers()) server->warming.go_on(now);
}

void node::reopen_logs() {
    observe::reopen_log();
    access_->reopen();
}

std::uint64_t node::requests_of(std::string_view pool, const upstream::server& server) const {
    return server.load.totals().requests + counted_before(requests_to_servers, pool, server.name());
}

std::uint64_t node::errors_of(std::string_view pool, std::string_view server) {
    const auto here = counters_.server(pool, server)->sum([](const observe::server_counters& one) {
        std::uint64_t sum = 0;
        one.errors.for_each(
            [&](std::string_view, std::string_view, std::uint64_t count) { sum += count; });
        return sum;
    });
    return here + counted_before("server_errors_total", pool, server);
}

/// By the processes before this one, each of which gave its place to the next.
std::uint64_t node::counted_before(std::string_view family, std::string_view pool,
                                   std::string_view server) const {
    return std::uint64_t(metrics_.counted_before(family, {{"pool", pool}, {"server", server}}));
}

}  // namespace hawser::app
