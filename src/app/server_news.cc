// SPDX-License-Identifier: Apache-2.0
#include "app/server_news.h"

#include <chrono>
#include <vector>

#include "app/session_news.h"
#include "base/limits.h"

namespace hawser::app {

namespace {

using fitness = state::finding::fitness;
using state::finding;

constexpr auto relaxed = std::memory_order_relaxed;
/// After a look, this many times as long without one.
constexpr int rest = 10;

wall_time moment(std::uint64_t milliseconds) {
    return wall_time(std::chrono::milliseconds(std::int64_t(milliseconds)));
}

bool has_come_back(const upstream::server& who, const finding& said) {
    return moment(said.came_back) > who.health.came_back();
}

void take_out(upstream::server& who, const finding& said) {
    if (!who.health.take_out(steady_time(steady_time::duration(std::int64_t(said.out_until)))))
        return;
    who.outliers.outages.store(said.outages, relaxed);
    who.outliers.was_gone.store(said.was_gone, relaxed);
}

/// Whoever decides finds it so.
void adopt_fitness(upstream::server& who, const finding& said) {
    const bool is_new = has_come_back(who, said);
    if (said.is == fitness::down) {
        if (is_new) who.health.remember_return(moment(said.came_back));
        who.health.take_down();
        return;
    }
    if (said.is == fitness::up || who.health.is_down())
        who.health.raise(moment(said.came_back), is_new);
    if (is_new) who.health.remember_return(moment(said.came_back));
    if (said.is == fitness::out) take_out(who, said);
}

/// The traffic of the other one has found it so. Who is down here has failed checks.
void heed_fitness(upstream::server& who, const finding& said) {
    if (said.is == fitness::up)
        who.health.bring_back(moment(said.came_back), has_come_back(who, said));
    else if (said.is == fitness::out)
        take_out(who, said);
}

bool is_other_fitness(const finding& one, const finding& other) {
    return one.is != other.is || one.came_back != other.came_back;
}

}  // namespace

void server_news::begin(side which, const upstream::snapshot& all, const effective& by) {
    {
        const std::scoped_lock held(mutex_);
        is_on_ = true;
        side_ = which;
        decides_ = which == side::old_one;
        due_ = {};
    }
    follow(all, by);
}

void server_news::follow(const upstream::snapshot& all, const effective& by) {
    const std::scoped_lock held(mutex_);
    if (!is_on_) return;
    auto before = std::exchange(known_, {});
    for (const auto& pool : all.pools) {
        const auto* written = by.find(pool->name());
        for (const auto& each : pool->servers()) {
            auto& one = known_[each->id()];
            const auto was = before.find(each->id());
            if (was != before.end() && was->second.server == each)
                one = std::move(was->second);
            else
                one = known_server(each, *pool);
            one.asked = each->asked_for();
            one.may_be_out = pool->settings().lets_in_again();
            one.places.set_most(0);
            if (written == nullptr) continue;
            if (const auto said = written->servers.find(each->name());
                said != written->servers.end())
                one.places.set_most(said->second.max_connections.value_or(0));
            limit(one);
        }
    }
}

void server_news::decide(bool here) {
    const std::scoped_lock held(mutex_);
    decides_ = here;
    for (auto& [id, one] : known_) {
        one.told.reset();
        if (!here) one.heard = {};
    }
    due_ = {};
}

void server_news::end() {
    const std::scoped_lock held(mutex_);
    if (!std::exchange(is_on_, false)) return;
    for (const auto& [id, one] : known_) {
        if (one.places.most() != 0) one.server->places.set_maximum(one.places.most());
        if (!decides_ && one.server->health.is_down()) one.server->health.raise({}, false);
        one.server->have_looked_again();
    }
    known_.clear();
}

/// What this process may take of its places, as far as it has heard.
void server_news::limit(const known_server& one) const {
    if (one.places.most() == 0 || one.places.turn() == 0) return;
    if (side_ == side::old_one && decides_) return;  // it still accepts, and nobody waits for less
    auto& places = one.server->places;
    const std::uint32_t before = places.maximum();
    const std::uint32_t most =
        side_ == side::old_one ? one.places.limit_of_old() : one.places.limit_of_new();
    if (most == before) return;
    places.set_maximum(most);
    if (most > before) one.server->have_looked_again();
}

finding server_news::look(known_server& one) const {
    auto found = state::finding_of(*one.server);
    found.asked = one.asked;
    if (one.seen && is_other_fitness(*one.seen, found)) ++one.changes;
    one.seen = found;
    found.changes = one.changes;
    if (one.places.most() == 0) return found;
    const std::uint32_t taken = one.server->places.taken();
    if (side_ == side::old_one) {
        const bool are_more_welcome = one.crowd->queue.waiting_for_any() != 0;
        const std::uint32_t waiting = one.server->waits_here.size() + (are_more_welcome ? 1 : 0);
        one.places.want(taken + waiting + one.places.spare());
        limit(one);
        found.places = one.places.wanted();
    } else {
        one.places.grant(taken);
        found.places = one.places.granted();
    }
    found.turn = one.places.turn();
    return found;
}

result<> server_news::tell(state::channel& with, steady_time end) {
    const steady_time began = read_clocks().steady;
    std::vector<state::bytes> blocks;
    {
        const std::scoped_lock held(mutex_);
        if (!is_on_ || began < due_) return {};
        for (auto& [id, one] : known_) {
            const auto found = look(one);
            if (one.told == found) continue;
            one.told = found;
            if (blocks.empty() ||
                blocks.back().size() + state::finding_size > limits::state_block_max)
                blocks.emplace_back();
            state::append(found, blocks.back());
        }
        const steady_time over = read_clocks().steady;
        due_ = over + rest * (over - began);
    }
    for (const auto& each : blocks)
        if (auto sent = with.send(state::word::findings, each, end); !sent) return sent;
    return {};
}

result<> server_news::take(const state::message& told) {
    auto all = state::read_findings(told.text);
    if (!all) return senseless();
    post_([this, all = std::move(*all)] { take(all); });
    return {};
}

void server_news::take(std::span<const finding> all) {
    const std::scoped_lock held(mutex_);
    for (const auto& each : all)
        if (const auto one = known_.find(each.id); one != known_.end()) take(one->second, each);
}

void server_news::take(known_server& one, finding said) {
    if (said.is == fitness::out && !one.may_be_out) {
        said.is = fitness::up;
        said.out_until = 0;
    }
    take_places(one, said);
    if (decides_) {
        if (said.changes != one.heard.changes) heed_fitness(*one.server, said);
        one.told.reset();  // it is told what holds now
        one.heard = said;
    } else {
        one.heard = adopt(one, said) ? said : finding();
    }
}

/// Its fitness only where that is another than was said before, and where this process has found
/// nothing that it has yet to tell: then false, and the answer to that counts, whatever it says.
bool server_news::adopt(known_server& one, const finding& said) {
    upstream::server& who = *one.server;
    if (said.instance != 0 && said.instance != one.heard.instance)
        who.announce(said.instance, read_clocks().steady);
    who.weights.report(said.weight);
    if (said.has_passed) who.has_passed_checks.store(true, relaxed);
    if (std::exchange(one.asked, said.asked) != said.asked)
        wished_(one.server, one.pool, said.asked);
    if (one.seen && is_other_fitness(*one.seen, state::finding_of(who))) return false;
    if (one.heard.id != no_server_id && !is_other_fitness(said, one.heard)) return true;
    adopt_fitness(who, said);
    const auto found = state::finding_of(who);
    one.seen = found;
    if (!one.told) return true;
    one.told->is = found.is;
    one.told->out_until = found.out_until;
    one.told->came_back = found.came_back;
    one.told->outages = found.outages;
    one.told->was_gone = found.was_gone;
    return true;
}

void server_news::take_places(known_server& one, const finding& said) const {
    if (one.places.most() == 0 || said.turn == 0) return;
    if (side_ == side::old_one)
        one.places.hear_grant(said.turn, said.places);
    else
        one.places.hear_wish(said.turn, said.places);
    limit(one);
}

}  // namespace hawser::app
