// SPDX-License-Identifier: Apache-2.0
#include "app/operations.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <set>

#include "app/difference.h"
#include "app/service.h"
#include "async/sleep.h"
#include "base/big_endian.h"
#include "base/hash.h"
#include "config/write.h"
#include "crypto/key_text.h"
#include "crypto/random.h"
#include "observe/log.h"
#include "registry/questions.h"

namespace hawser::app {

namespace {

std::string text_of(hawser::admin::server_name which) {
    return fmt::format("{}/{}", which.pool, which.server);
}

/// A session that asked within this time counts as active.
constexpr auto busy_time = std::chrono::seconds(60);
/// Between two slices others have their turn.
constexpr auto slice_pause = std::chrono::milliseconds(1);

std::string drawn_mark() {
    std::array<std::uint8_t, 4> bytes;
    crypto::random_bytes(bytes);
    return fmt::format("{:08x}", big_endian<std::uint32_t>(bytes));
}

/// A server that is added runs one of its pool's releases, if that has any.
result<> check_release(const upstream::pool& of, const std::string& name) {
    const auto& all = of.settings().releases;
    if (all.empty() && name.empty()) return {};
    if (std::ranges::find(all, name, &upstream::release::name) != all.end()) return {};
    return fail(errc::invalid,
                name.empty() ? fmt::format("pool {} has releases: say which one it runs", of.name())
                             : fmt::format("pool {} has no release `{}`", of.name(), name));
}

}  // namespace

operations::operations(node& served, service& around)
    : node_(served),
      service_(around),
      shown_(served, around),
      steering_(served),
      mark_(drawn_mark()) {}

result<operations::outcome> operations::reload(const order& by) {
    if (by.is_trial) return service_.try_reload();
    observe::log(observe::level::notice, fmt::format("reload, by {} from {}", by.who, by.from));
    if (auto done = service_.reload(); !done) return std::unexpected(std::move(done.error()));
    return outcome{.generation = generation()};
}

result<operations::outcome> operations::begin_upgrade(const std::string& binary, const order& by) {
    if (by.is_trial) return outcome{.generation = generation()};
    observe::log(observe::level::notice, fmt::format("upgrade, by {} from {}", by.who, by.from));
    if (const auto begun = service_.begin_upgrade(binary); !begun)
        return std::unexpected(begun.error());
    return outcome{.generation = generation()};
}

hawser::admin::upgrade_status operations::upgrade() const {
    const auto seen = service_.upgrade_state();
    return {
        .process = ::getpid(), .phase = name_of(seen.phase), .other = seen.other, .why = seen.why};
}

result<> operations::find(server_name which) const {
    const auto* pool = node_.servers().current()->find(which.pool);
    if (pool == nullptr)
        return fail(errc::not_found, fmt::format("no pool is named {}", which.pool));
    if (pool->find(which.server) != nullptr) return {};
    return fail(errc::not_found,
                fmt::format("pool {} has no server named {}", which.pool, which.server));
}

set_value operations::begin(server_name which, override_field field, const order& by) const {
    set_value made;
    made.pool = which.pool;
    made.server = which.server;
    made.field = field;
    made.file = said_by(service_.written(), which.pool, which.server, field);
    made.who = by.who;
    made.when = crypto::text_of(read_clocks().wall);
    return made;
}

result<operations::outcome> operations::set_state(server_name which,
                                                  const hawser::admin::state_wanted& wanted,
                                                  const order& by) {
    if (auto there = find(which); !there) return std::unexpected(std::move(there.error()));
    auto one = begin(which, override_field::state, by);
    one.state = wanted.state;
    return set(std::move(one), by);
}

/// Its state first: that is what outlives the process, with the terms.
result<operations::outcome> operations::drain(server_name which, const drain_wanted& how,
                                              const order& by) {
    if (auto there = find(which); !there) return std::unexpected(std::move(there.error()));
    const auto policy = how.over(node_.servers().current()->find(which.pool)->settings().drain);
    auto one = begin(which, override_field::state, by);
    one.state = upstream::admin_state::drain;
    one.drain =
        wanted_drain{.number = node_.drains().next_number(), .terms = drain_settings::of(policy)};
    auto done = set(std::move(one), by);
    if (!done) return done;
    const auto& pool = *node_.servers().current()->find(which.pool);
    const auto at = std::ranges::find(pool.servers(), which.server, &upstream::server::name);
    if (!by.is_trial) {
        node_.drains().begin(pool, *at, policy, read_clocks().steady);
    } else if (policy.lets_go({.idle = std::chrono::seconds(0)})) {
        done->homes.push_back({.pool = pool.id(), .server = (*at)->id()});
    }
    return done;
}

result<operations::drain_status> operations::drain_of(server_name which) {
    if (auto there = find(which); !there) return std::unexpected(std::move(there.error()));
    const auto* found = node_.drains().find(server_id_of(which.pool, which.server));
    if (found == nullptr) return fail(errc::not_found, text_of(which) + " has not been drained");
    return status_of(*found, read_clocks().steady);
}

result<operations::outcome> operations::set_weight(server_name which, std::uint32_t wanted,
                                                   const order& by) {
    if (auto there = find(which); !there) return std::unexpected(std::move(there.error()));
    auto one = begin(which, override_field::weight, by);
    one.weight = wanted;
    return set(std::move(one), by);
}

/// What the file says already needs no value beside it.
result<operations::outcome> operations::set(set_value one, const order& by) {
    auto next = service_.overridden();
    const auto what =
        fmt::format("server {}/{}: {} {}", one.pool, one.server, name_of(one.field), one.text());
    if (one.text() == one.file)
        next.lift(one.pool, one.server, one.field);
    else if (auto kept = next.put(std::move(one)); !kept)
        return std::unexpected(std::move(kept.error()));
    return apply(std::move(next), what, by);
}

result<operations::outcome> operations::add_server(server_name which, const config::node& written,
                                                   const order& by) {
    const auto* pool = node_.servers().current()->find(which.pool);
    if (pool == nullptr)
        return fail(errc::not_found, fmt::format("no pool is named {}", which.pool));
    if (pool->find(which.server) != nullptr)
        return fail(errc::invalid, text_of(which) + " is there already");
    auto one = begin(which, override_field::added, by);
    if (!one.file.empty())
        return fail(errc::invalid,
                    fmt::format("the file names {} already: lift its removal", text_of(which)));
    config::diagnostics problems;
    server wanted;
    if (!config::codec<server>::read(written, wanted, problems))
        return fail(errc::invalid, problems.text());
    if (auto known = check_release(*pool, wanted.release); !known)
        return std::unexpected(std::move(known.error()));
    one.settings = std::move(wanted);
    return set(std::move(one), by);
}

/// One that was added is lifted; one of the file is removed over it.
result<operations::outcome> operations::remove_server(server_name which, const order& by) {
    if (auto there = find(which); !there) return std::unexpected(std::move(there.error()));
    auto next = service_.overridden();
    const bool was_added = next.find(which.pool, which.server, override_field::added) != nullptr;
    next.lift(which.pool, which.server);
    if (!was_added) {
        auto kept = next.put(begin(which, override_field::removed, by));
        if (!kept) return std::unexpected(std::move(kept.error()));
    }
    return apply(std::move(next), "server " + text_of(which) + ": removed", by);
}

result<operations::outcome> operations::lift(server_name which,
                                             std::optional<std::string_view> field,
                                             const order& by) {
    std::optional<override_field> one;
    for (const auto& each : choices(override_field()))
        if (field && each.name == *field) one = each.value;
    if (field && !one) return fail(errc::not_found, "there is no such field");
    auto next = service_.overridden();
    if (next.lift(which.pool, which.server, one) == 0)
        return fail(errc::not_found, "nothing of it was set at run time: " + text_of(which));
    return apply(std::move(next), "server " + text_of(which) + ": as the file says again", by);
}

/// Every change of servers at run time passes here.
result<operations::outcome> operations::apply(app::overrides next, std::string_view what,
                                              const order& by) {
    if (by.is_trial) {
        const auto pools = service_.overridden().pools_unlike(next);
        const auto wanted = service_.with_servers(next, pools);
        if (auto fine = node_.check_servers(wanted, pools, service_.tree()); !fine)
            return std::unexpected(std::move(fine.error()));
        return outcome{.generation = generation(),
                       .homes = abandoned_by(node_.settings(), wanted, pools)};
    }
    auto kept = service_.override_with(std::move(next));
    if (!kept) return std::unexpected(std::move(kept.error()));
    observe::log(observe::level::notice, fmt::format("{}, by {} from {}", what, by.who, by.from));
    return outcome{.generation = generation(), .warning = std::move(*kept)};
}

const std::vector<std::string>& operations::allowed_hosts() const {
    return service_.admin().hosts();
}

const hawser::admin::access_terms& operations::access() const {
    return service_.admin().terms().access;
}

std::string operations::revision() const { return fmt::format("\"{}-{}\"", mark_, generation()); }

void operations::record(const hawser::admin::audit_record& change) {
    service_.audit().write(change, read_clocks().wall);
}

hawser::admin::log_status operations::log() const { return service_.more_log().status(); }

std::string operations::configuration() const {
    auto made = config::node::empty_map();
    made.set("written", config::codec<app::configuration>::show(service_.written()));
    auto effective = node_.settings().whole();
    effective.workers.number = node_.workers().size();  // no reload changes it
    made.set("effective", config::codec<app::configuration>::show(effective));
    return config::to_json(made) + "\n";
}

task<hawser::admin::movement> operations::would_move(std::vector<hawser::admin::abandoned> homes) {
    hawser::admin::movement moved;
    if (homes.empty()) co_return moved;
    std::vector<server_id> servers;
    std::set<pool_id> pools;
    for (const auto& each : homes) {
        servers.push_back(each.server);
        pools.insert(each.pool);
    }
    registry::impact_question question(std::move(servers), busy_time);
    while (!question.advance(node_.sessions(), read_clocks().steady))
        (void)co_await sleep_for(slice_pause);
    const auto& found = question.so_far();
    moved.with_tunnel = found.with_tunnel;
    moved.active = found.active;
    moved.idle = found.idle;
    moved.tentative = found.tentative;
    const auto counts = node_.sessions().counts();
    for (const auto id : pools)
        if (const auto* pool = counts.find(id))
            for (const auto& server : pool->servers)
                moved.of += server.established + server.tentative;
    co_return moved;
}

task<result<operations::outcome>> operations::change_sessions(hawser::admin::session_filter which,
                                                              hawser::admin::session_change what,
                                                              const order& by) {
    const auto word = hawser::admin::word_of(what.is);
    auto done = co_await steering_.change(std::move(which), std::move(what), by.is_trial);
    if (done && !by.is_trial)
        observe::log(observe::level::notice,
                     fmt::format("sessions: {} of {} sessions, by {} from {}", word,
                                 done->sessions->total(), by.who, by.from));
    co_return done;
}

result<operations::outcome> operations::set_log(const hawser::admin::log_wanted& wanted,
                                                const order& by) {
    auto done = service_.more_log().set(wanted, by);
    if (!done) return std::unexpected(std::move(done.error()));
    return outcome{.generation = generation()};
}

result<operations::outcome> operations::lift_log(const order& by) {
    if (!by.is_trial) service_.more_log().lift();
    return outcome{.generation = generation()};
}

std::uint64_t operations::generation() const { return node_.servers().current()->number; }

}  // namespace hawser::app
