// SPDX-License-Identifier: Apache-2.0
#include "app/discoveries.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "observe/log.h"

namespace hawser::app {

namespace {

using discovery::lookout;
using discovery::membership;

/// A lookout lives until its last look is over.
task<> keep_looking(std::shared_ptr<lookout> who) { co_await who->keep_looking(); }

/// The name that led to a server of the file.
std::string host_of(const server& one) {
    const auto parts = io::split_host_and_port(one.address.text);
    return parts ? std::string(parts->host) : std::string();
}

/// Servers of a pool that its next configuration does not name.
membership those_left_over(const upstream::pool& present, const pool& before, const pool& next) {
    std::vector<discovery::sighting> all;
    for (const auto& each : present.servers()) {
        if (next.servers.contains(each->name())) continue;
        const auto written = before.servers.find(each->name());
        const bool is_written = written != before.servers.end();
        all.push_back({.name = each->name(),
                       .address = each->address(),
                       .weight = each->weight(),
                       .priority = each->priority(),
                       .host = is_written ? host_of(written->second) : "",
                       .release = is_written ? written->second.release : ""});
    }
    membership made;
    made.begin_with(std::move(all));
    return made;
}

/// A connection can lead there from where the pool's connections begin.
bool is_in_reach(const io::endpoint& server, const pool& from) {
    if (!from.source || server.family() == io::endpoint::kind::unix_path) return true;
    const auto begin = from.source->begin();
    return begin.is_foreign || begin.address.is_v4() == (server.family() == io::endpoint::kind::v4);
}

std::string release_of(const discovery::sighting& one, const pool& its) {
    if (its.releases.empty()) return {};
    return one.release.empty() ? its.discovered.release : one.release;
}

bool has_release(const pool& one, std::string_view name) {
    return std::ranges::find(one.releases, name, &release::name) != one.releases.end();
}

/// Of one who was found before each release had a source of its own: until these have told who is
/// theirs, all who are there go on.
std::string believed_release(const discovery::sighting& one, const pool& before, const pool& next) {
    const bool was_told = !one.release.empty() && !before.releases.empty();
    if (was_told || has_release(next, one.release)) return one.release;
    for (const auto& name : {next.discovered.release, before.discovered.release})
        if (has_release(next, name)) return name;
    return std::ranges::find_if(next.releases,
                                [](const auto& each) { return each.discover.has_value(); })
        ->name;
}

/// Empty: it becomes one of its servers.
std::string_view why_left_out(const discovery::sighting& one, const pool& of) {
    if (of.servers.size() >= limits::servers_of_pool_max) return "the pool has no room for it";
    if (!is_in_reach(one.address, of)) return "`source` does not lead there";
    const bool has_place = of.releases.empty() || has_release(of, release_of(one, of));
    return has_place ? "" : "it runs none of the pool's `releases`";
}

server made_of(const membership::member& one, const pool& its) {
    const bool proves_host = its.tls && its.tls->server_name.empty();
    const auto weight = one.seen.weight.value_or(its.discovered.weight);
    return {.address = {one.seen.address.text()},
            .weight = one.gone_since ? 0 : weight,
            .state = one.gone_since ? upstream::admin_state::drain : upstream::admin_state::ready,
            .max_connections = its.discovered.max_connections,
            .max_sessions = its.discovered.max_sessions,
            .proxy_protocol = its.discovered.proxy_protocol,
            .priority = one.seen.priority,
            .release = release_of(one.seen, its),
            .server_name = proves_host ? one.seen.host : std::string()};
}

void add(const membership& found, pool& into, std::string_view name) {
    for (const auto& each : found.members()) {
        const auto why = why_left_out(each.seen, into);
        if (why.empty())
            into.servers.emplace(each.seen.name, made_of(each, into));
        else
            observe::log_sparsely(
                observe::level::warn, name,
                fmt::format("pool {}: {} was found, but {}", name, each.seen.name, why));
    }
}

}  // namespace

void discoveries::change_to(const configuration& next, const present_servers& present) {
    std::map<std::string, post, std::less<>> kept;
    for (const auto& [name, wanted] : next.pools) {
        if (!wanted.finds_servers()) continue;
        const auto before = posts_.find(name);
        const bool stays = before != posts_.end() && before->second.sources == wanted.sources() &&
                           before->second.goodbye == wanted.discovered.when_gone;
        if (stays)
            kept.insert(posts_.extract(before));
        else
            kept.emplace(name, begin(name, wanted, members_of(name, wanted, present)));
    }
    for (auto& [name, one] : posts_) one.lookout->stop();
    posts_ = std::move(kept);
}

membership discoveries::members_of(const std::string& name, const pool& wanted,
                                   const present_servers& present) const {
    const auto* who = find(name);
    const auto* servers = present.fleet.find(name);
    const auto* before = present.settings.find(name);
    membership made;
    if (who != nullptr)
        made = who->members();
    else if (servers != nullptr && before != nullptr)
        made = those_left_over(*servers, *before, wanted);
    if (before != nullptr && !wanted.discover && wanted.finds_servers())
        made.give_releases([&](const auto& one) { return believed_release(one, *before, wanted); });
    return made;
}

discoveries::post discoveries::begin(const std::string& name, const pool& wanted, membership from) {
    const discovery::surroundings around{.engine = control_.io()};
    auto from_where = wanted.sources();
    std::vector<discovery::source> sources;
    for (const auto& each : from_where)
        sources.push_back({.how = each.kind.make(around), .release = each.release});
    auto who = std::make_shared<lookout>(name, std::move(sources), wanted.discovered.when_gone,
                                         std::move(from), [this, name] {
                                             if (!are_first_over_) return;
                                             stirred_.insert(name);
                                             changed_.set();
                                         });
    looking_.spawn(keep_looking(who));
    return {std::move(from_where), wanted.discovered.when_gone, std::move(who)};
}

void discoveries::wait_for_first_looks() {
    const auto is_over = [this] {
        return std::ranges::all_of(
            posts_, [](const auto& each) { return each.second.lookout->has_looked(); });
    };
    const steady_time end = control_.turns().now().steady + limits::first_look_max;
    while (!is_over() && control_.turns().now().steady < end) control_.turn(end);
    are_first_over_ = true;
}

void discoveries::end() {
    for (auto& [name, one] : posts_) one.lookout->stop();
    posts_.clear();
    control_.run_until([this] { return looking_.running() == 0; });
}

pool discoveries::over(const std::string& name, pool of_file,
                       const present_servers& present) const {
    if (of_file.finds_servers()) add(members_of(name, of_file, present), of_file, name);
    return of_file;
}

void discoveries::let_go(
    const std::function<bool(std::string_view pool, std::string_view server)>& is_drained) {
    for (auto& [name, one] : posts_)
        one.lookout->let_go(
            [&, &pool = name](std::string_view server) { return is_drained(pool, server); });
}

const lookout* discoveries::find(std::string_view pool) const {
    const auto found = posts_.find(pool);
    return found == posts_.end() ? nullptr : found->second.lookout.get();
}

void discoveries::collect(observe::exposition& into) const {
    for (const auto& [name, one] : posts_) {
        const auto& so_far = one.lookout->so_far();
        const auto& members = one.lookout->members();
        const auto looks = [&](std::string_view outcome, std::uint64_t count) {
            into.counter("discovery_looks_total", "Looks for the servers of a pool, by outcome.",
                         {{"pool", name}, {"outcome", outcome}}, double(count));
        };
        looks("found", so_far.found);
        looks("failed", so_far.failed);
        const auto servers = [&](std::string_view state, std::size_t count) {
            into.gauge("discovery_servers", "Servers that were found, and those that are leaving.",
                       {{"pool", name}, {"state", state}}, double(count));
        };
        servers("present", members.members().size() - members.leaving());
        servers("leaving", members.leaving());
        into.gauge("discovery_ok", "1: the last look saw everything.", {{"pool", name}},
                   so_far.trouble.empty() && so_far.last_found ? 1 : 0);
        if (so_far.last_found)
            into.gauge("discovery_last_success_timestamp_seconds",
                       "When somebody was found the last time.", {{"pool", name}},
                       double(so_far.last_found->wall.time_since_epoch().count()) / 1000);
    }
}

}  // namespace hawser::app
