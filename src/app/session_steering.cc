// SPDX-License-Identifier: Apache-2.0
#include "app/session_steering.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "affinity/kinds.h"
#include "async/sleep.h"
#include "base/hash.h"
#include "base/limits.h"

namespace hawser::app {

namespace {

using hawser::admin::session_change;
using hawser::admin::session_filter;
using hawser::admin::session_page;
using registry::session_view;

constexpr std::size_t batch = 256;
/// Between two slices others have their turn.
constexpr auto slice_pause = std::chrono::milliseconds(1);
/// A session that asked within this time counts as active.
constexpr auto busy_time = std::chrono::seconds(60);
/// A page that has not been filled by then is short, so that whoever asks hears something.
constexpr auto page_time = std::chrono::seconds(2);

/// `SHARD.NUMBER`: where a walk goes on.
std::string text_of(const registry::cursor& at) {
    return fmt::format("{}.{}", at.shard, at.number);
}

std::optional<registry::cursor> parse_cursor(std::string_view text, std::size_t shards) {
    registry::cursor at;
    const char* const end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, at.shard);
    if (first.ec != std::errc() || first.ptr == end || *first.ptr != '.') return std::nullopt;
    const auto second = std::from_chars(first.ptr + 1, end, at.number);
    if (second.ec != std::errc() || second.ptr != end || at.shard >= shards) return std::nullopt;
    return at;
}

void count(const session_view& one, hawser::admin::movement& in) {
    switch (upstream::class_of(one.stands(), busy_time)) {
        case upstream::session_class::tentative: ++in.tentative; break;
        case upstream::session_class::idle: ++in.idle; break;
        case upstream::session_class::active: ++in.active; break;
        case upstream::session_class::tunnel: ++in.with_tunnel; break;
    }
}

}  // namespace

std::optional<std::uint64_t> parse_session_hash(std::string_view text) {
    std::uint64_t hash = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, wrong] = std::from_chars(text.data(), end, hash, 16);
    if (wrong != std::errc() || stop != end || hash == 0) return std::nullopt;
    return hash;
}

/// What the present pools call what the registry knows by its hash.
class session_steering::names {
  public:
    explicit names(node& served)
        : node_(served), marks_(served.marks()), fleet_(served.servers().current()) {}

    /// Whatever was reloaded meanwhile counts from now on.
    void refresh() {
        if (fleet_ == node_.servers().current()) return;
        *this = names(node_);
    }

    names& operator=(names&& other) noexcept {
        marks_ = std::move(other.marks_);
        fleet_ = std::move(other.fleet_);
        pools_ = std::move(other.pools_);
        return *this;
    }

    /// Null: the pool is gone.
    [[nodiscard]] const upstream::pool* pool_of(const session_view& one) {
        return look_up(one.pool).servers;
    }
    /// As the access log has it.
    [[nodiscard]] std::uint64_t id_of(const session_view& one) {
        const auto scope = look_up(one.pool).scope;
        return marks_->of(node_.control_index())->key_of(scope, one.home.session).hash[0] ^
               marks_->session_salt();
    }

    /// To what is kept in sessions of its pool; null: that is not known.
    [[nodiscard]] const kept_link& link_of(const session_view& one) {
        return look_up(one.pool).link;
    }

    [[nodiscard]] hawser::admin::session_status status_of(const session_view& one) {
        hawser::admin::session_status made;
        made.id = id_of(one);
        if (const auto* its = pool_of(one)) {
            made.pool = its->name();
            if (const auto* home = its->find(one.home.home)) made.server = home->name();
        }
        made.kind = affinity::kind_name(one.what.kind);
        if (one.what.user != 0) made.user = one.what.user ^ marks_->session_salt();
        made.age = one.age;
        made.idle = one.idle;
        made.requests = one.requests;
        made.tunnels = one.tunnels;
        made.keys = one.keys;
        made.moves = one.home.moves;
        made.tentative = one.tentative;
        made.carried = one.carried;
        made.pinned = one.pinned;
        if (const auto& link = link_of(one); link != nullptr && one.data != record_hash())
            made.data = kept_status_of(*link, one.data, read_clocks().steady);
        return made;
    }

  private:
    struct pool {
        const upstream::pool* servers = nullptr;
        std::uint64_t scope = 0;
        kept_link link;
    };

    const pool& look_up(pool_id id) {
        const auto [at, is_new] = pools_.try_emplace(std::to_underlying(id));
        if (!is_new) return at->second;
        at->second.servers = fleet_->find(id);
        const auto* settings = at->second.servers != nullptr
                                   ? node_.settings().find(at->second.servers->name())
                                   : nullptr;
        at->second.scope = affinity::scope_of(
            settings != nullptr ? std::string_view(settings->application) : std::string_view(), id);
        if (settings != nullptr)
            at->second.link = node_.find_setup(at->second.servers->name())->record;
        return at->second;
    }

    node& node_;
    std::shared_ptr<const issuers> marks_;
    std::shared_ptr<const upstream::snapshot> fleet_;
    std::unordered_map<std::uint64_t, pool> pools_;
};

result<session_steering::asked> session_steering::read(const session_filter& which) const {
    asked made;
    if (which.session) {
        const auto id = parse_session_hash(*which.session);
        if (!id) return fail(errc::invalid, "a `session` is named by its hash in the access log");
        made.id = *id;
    }
    if (which.user) {
        const auto user = parse_session_hash(*which.user);
        if (!user) return fail(errc::invalid, "a `user` is named by the hash that lists show");
        made.which.user = *user ^ node_.marks()->session_salt();
    }
    if (which.server && !which.pool)
        return fail(errc::invalid, "a `server` needs the `pool` that it is of");
    if (which.pool) {
        const auto* pool = node_.servers().current()->find(*which.pool);
        if (pool == nullptr) return fail(errc::not_found, "no pool is named " + *which.pool);
        made.which.pool = pool->id();
        if (which.server) {
            if (pool->find(*which.server) == nullptr)
                return fail(errc::not_found, fmt::format("pool {} has no server named {}",
                                                         *which.pool, *which.server));
            made.which.home = server_id_of(*which.pool, *which.server);
        }
    }
    if (which.kind) {
        if (affinity::kinds.find(*which.kind) == nullptr)
            return fail(errc::invalid, "no kind of affinity is named " + *which.kind);
        made.which.kind = affinity::kind_number(*which.kind);
    }
    if (which.idle) made.which.idle_least = *which.idle;
    if (which.idle_below) made.which.idle_below = *which.idle_below;
    if (which.age) made.which.age_least = *which.age;
    if (which.age_below) made.which.age_below = *which.age_below;
    made.which.pinned = which.pinned;
    made.which.tentative = which.tentative;
    if (which.user_key && !which.name_space)
        return fail(errc::invalid, "a `user-key` needs the `namespace` that knows it");
    if (which.name_space) {
        made.kept_in = node_.data().link_to(*which.name_space);
        if (made.kept_in == nullptr)
            return fail(errc::not_found, "no namespace is named " + *which.name_space);
    }
    if (which.user_key) {
        const auto all = records_of(*made.kept_in, *which.user_key);
        made.records.emplace(all.begin(), all.end());
    }
    return made;
}

/// Beyond what the registry can be asked for.
bool session_steering::is_meant(const session_view& one, const asked& by, names& known) {
    if (by.id != 0 && known.id_of(one) != by.id) return false;
    if (by.kept_in == nullptr) return true;
    const auto& link = known.link_of(one);
    if (link == nullptr || &link->in() != &by.kept_in->in() || one.data == record_hash())
        return false;
    return !by.records || by.records->contains(one.data);
}

task<result<session_page>> session_steering::page(hawser::admin::page_wanted wanted) {
    const auto what = read(wanted);
    if (!what) co_return std::unexpected(what.error());
    registry::cursor at;
    if (wanted.after) {
        const auto from = parse_cursor(*wanted.after, node_.sessions().shards());
        if (!from) co_return fail(errc::invalid, "`after` is the `next` of the page before");
        at = *from;
    }
    names known(node_);
    session_page made;
    std::array<session_view, batch> some;
    for (const auto end = read_clocks().steady + page_time; !at.done;) {
        const auto room = std::min(wanted.limit - made.sessions.size(), some.size());
        if (room == 0) break;
        const auto seen = node_.sessions().walk(at, what->which, std::span(some).first(room),
                                                read_clocks().steady);
        for (const auto& each : std::span(some).first(seen))
            if (is_meant(each, *what, known)) made.sessions.push_back(known.status_of(each));
        if (read_clocks().steady >= end) break;
        (void)co_await sleep_for(slice_pause);
        known.refresh();
    }
    if (!at.done) made.next = text_of(at);
    co_return made;
}

task<result<session_steering::outcome>> session_steering::change(session_filter which,
                                                                 session_change what,
                                                                 bool is_trial) {
    const auto chosen = read(which);
    if (!chosen) co_return std::unexpected(chosen.error());
    outcome told{.generation = node_.servers().current()->number,
                 .sessions = hawser::admin::movement{},
                 .becomes = word_of(what.is)};
    names known(node_);
    const bool ends = what.is == session_change::what::end && !is_trial;
    // What has no home here is of no pool, nor idle, nor pinned.
    if (ends && chosen->records && which.is_of_user_only()) {
        kept_records all;
        all[chosen->kept_in].assign(chosen->records->begin(), chosen->records->end());
        co_await end_kept(std::move(all), told);
    }
    std::array<session_view, batch> some;
    std::vector<proxy::tunnel_owner> tunnels;
    for (registry::cursor at; !at.done && told.warning.empty();) {
        kept_records kept;
        const auto seen = node_.sessions().walk(at, chosen->which, some, read_clocks().steady);
        for (const auto& each : std::span(some).first(seen)) {
            if (!is_meant(each, *chosen, known)) continue;
            const auto done = change_one(each, what, known.pool_of(each), is_trial);
            if (done && *done) {
                count(each, *told.sessions);
                if (each.tunnels != 0) tunnels.push_back({each.pool, each.home.session});
            }
            if (done && ends && each.data != record_hash())
                if (const auto& link = known.link_of(each)) kept[link].push_back(each.data);
            if (done) continue;
            // What has been done is done, and told of.
            if (told.sessions->total() == 0) co_return std::unexpected(done.error());
            told.warning = done.error().context;
            break;
        }
        if (!is_trial) part(tunnels, what);
        tunnels.clear();
        if (!kept.empty()) co_await end_kept(std::move(kept), told);
        (void)co_await sleep_for(slice_pause);
        known.refresh();
    }
    told.sessions->of = count_all(chosen->which.pool);
    if (chosen->id != 0 && told.sessions->total() == 0)
        co_return fail(errc::not_found, "there is no such session, or nothing to change of it");
    co_return told;
}

/// A WebSocket holds on to the server, and to the session, that it began with.
void session_steering::part(std::span<const proxy::tunnel_owner> tunnels,
                            const session_change& what) {
    if (tunnels.empty()) return;
    if (what.is == session_change::what::end) node_.part(tunnels, proxy::session_ended);
    if (what.is == session_change::what::move) node_.part(tunnels, proxy::session_moved);
}

/// What is kept in sessions that end goes with them.
task<> session_steering::end_kept(kept_records which, outcome& told) {
    auto& sum = told.records_ended ? *told.records_ended : told.records_ended.emplace(0);
    for (auto& [by, all] : which) {
        const auto done = co_await end_records(node_.workers(), by, std::move(all));
        sum += done.ended;
        if (done.failed > 0)
            told.warning = fmt::format(
                "what is kept in {} of them could not be ended: the store "
                "fails",
                done.failed);
    }
}

/// False: it is over, or is as it should be already.
result<bool> session_steering::change_one(const session_view& one, const session_change& what,
                                          const upstream::pool* pool, bool is_trial) {
    const auto now = read_clocks();
    switch (what.is) {
        case session_change::what::end:
            return is_trial ? result<bool>(true) : node_.sessions().end(one, now);
        case session_change::what::pin:
        case session_change::what::unpin: {
            const bool pins = what.is == session_change::what::pin;
            if (one.pinned == pins) return false;
            return is_trial || node_.sessions().pin(one, pins, now.steady);
        }
        case session_change::what::move: return move_one(one, what.to, pool, is_trial);
    }
    std::unreachable();
}

result<bool> session_steering::move_one(const session_view& one, const std::string& to,
                                        const upstream::pool* pool, bool is_trial) {
    auto* const target = pool != nullptr ? pool->find(to) : nullptr;
    if (target == nullptr)
        return fail(errc::not_found,
                    fmt::format("pool {} has no server named {}",
                                pool != nullptr ? pool->name() : std::string("(gone)"), to));
    if (one.home.home == target->id()) return false;
    if (target->state() == upstream::admin_state::maintenance || !target->health.is_up())
        return fail(errc::unavailable, "server " + to + " serves nobody now");
    if (is_trial) return true;
    const bool counts = target->sessions.maximum() != 0;
    if (counts && !target->sessions.take())
        return fail(errc::exhausted, "server " + to + " may be home of no more sessions");
    const registry::proposal wanted{
        .home = target->id(), .instance = target->instance(), .why = affinity::cause::operator_};
    const bool moved = node_.sessions().move(one, wanted, read_clocks());
    if (counts && !moved) target->sessions.subtract();
    return moved;
}

std::uint64_t session_steering::count_all(pool_id pool) const {
    const auto counts = node_.sessions().counts();
    if (pool == pool_id{}) return counts.established + counts.tentative;
    const auto* its = counts.find(pool);
    return its != nullptr ? its->established() + its->tentative() : 0;
}

}  // namespace hawser::app
