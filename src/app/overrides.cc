// SPDX-License-Identifier: Apache-2.0
#include "app/overrides.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/limits.h"

namespace hawser::app {

namespace {

const server* find_server(const configuration& file, std::string_view pool, std::string_view name) {
    const auto found = file.pools.find(pool);
    if (found == file.pools.end()) return nullptr;
    const auto one = found->second.servers.find(name);
    return one == found->second.servers.end() ? nullptr : &one->second;
}

bool is_of(const set_value& one, std::string_view pool, std::string_view server) {
    return one.pool == pool && one.server == server;
}

void apply(const set_value& one, pool& to) {
    auto& servers = to.servers;
    if (one.field == override_field::added) {
        servers.insert_or_assign(one.server, *one.settings);
        return;
    }
    const auto found = servers.find(one.server);
    if (found == servers.end()) return;
    switch (one.field) {
        case override_field::removed: servers.erase(found); return;
        case override_field::state: found->second.state = *one.state; return;
        case override_field::weight: found->second.weight = *one.weight; return;
        case override_field::added: return;
    }
}

}  // namespace

std::string_view name_of(override_field which) noexcept {
    return choices(which)[std::size_t(which)].name;
}

std::string set_value::text() const {
    switch (field) {
        case override_field::added: return settings->address.text;
        case override_field::removed: return "removed";
        case override_field::state: return std::string(upstream::name_of(*state));
        case override_field::weight: return std::to_string(*weight);
    }
    std::unreachable();
}

void wanted_drain::describe(config::fields<wanted_drain>& field) {
    using self = wanted_drain;
    field("number", &self::number, "By which it is told from others of the server.").required();
    field("terms", &self::terms, "Its terms.").required();
    field("outcome", &self::outcome, "How it ended; empty while it goes on.");
}

void set_value::describe(config::fields<set_value>& field) {
    using self = set_value;
    field("pool", &self::pool, "Its pool.").required();
    field("server", &self::server, "The server.").required();
    field("field", &self::field, "What of it was set.").required();
    field("settings", &self::settings, "An added server, as the file would name it.");
    field("state", &self::state, "The state.");
    field("weight", &self::weight, "The weight.").maximum(limits::server_weight_max);
    field("drain", &self::drain, "How it is drained.");
    field("file", &self::file, "What the file said of it then.");
    field("who", &self::who, "Who set it.");
    field("when", &self::when, "When that was.");
}

std::string said_by(const configuration& file, std::string_view pool, std::string_view server,
                    override_field field) {
    const auto* one = find_server(file, pool, server);
    if (one == nullptr) return {};
    switch (field) {
        case override_field::added:
        case override_field::removed: return one->address.text;
        case override_field::state: return std::string(upstream::name_of(one->state));
        case override_field::weight: return std::to_string(one->weight);
    }
    std::unreachable();
}

const set_value* overrides::find(std::string_view pool, std::string_view server,
                                 override_field field) const noexcept {
    const auto found = std::ranges::find_if(all_, [&](const set_value& each) {
        return is_of(each, pool, server) && each.field == field;
    });
    return found == all_.end() ? nullptr : &*found;
}

result<> overrides::put(set_value one) {
    std::erase_if(all_, [&](const set_value& each) {
        return is_of(each, one.pool, one.server) && each.field == one.field;
    });
    if (all_.size() == limits::overrides_max)
        return fail(errc::exhausted, "as much as can be is set at run time already: lift some");
    all_.push_back(std::move(one));
    return {};
}

void overrides::remember(std::string_view pool, std::string_view server,
                         const wanted_drain& ended) {
    for (set_value& each : all_) {
        if (!is_of(each, pool, server) || each.state != upstream::admin_state::drain) continue;
        if (!each.drain || each.drain->number == ended.number) each.drain = ended;
    }
}

std::size_t overrides::lift(std::string_view pool, std::string_view server,
                            std::optional<override_field> field) {
    const bool is_whole = !field || *field == override_field::added;
    return std::erase_if(all_, [&](const set_value& each) {
        return is_of(each, pool, server) && (is_whole || each.field == *field);
    });
}

std::vector<set_value> overrides::yield_to(const configuration& file) {
    std::vector<set_value> overtaken;
    std::erase_if(all_, [&](const set_value& each) {
        const bool holds = file.pools.contains(each.pool) &&
                           said_by(file, each.pool, each.server, each.field) == each.file;
        if (!holds) overtaken.push_back(each);
        return !holds;
    });
    return overtaken;
}

bool overrides::concern(std::string_view pool) const noexcept {
    return std::ranges::find(all_, pool, &set_value::pool) != all_.end();
}

std::vector<std::string> overrides::pools_unlike(const overrides& other) const {
    std::set<std::string> all;
    const auto compare = [&](const overrides& one, const overrides& another) {
        for (const auto& each : one.all_) {
            const auto* there = another.find(each.pool, each.server, each.field);
            if (there == nullptr || *there != each) all.insert(each.pool);
        }
    };
    compare(*this, other);
    compare(other, *this);
    return {all.begin(), all.end()};
}

pool overrides::over(std::string_view name, pool of_file) const {
    // Servers first, as what was set of one needs it to be there.
    for (const auto& each : all_)
        if (each.pool == name && each.field == override_field::added) apply(each, of_file);
    for (const auto& each : all_)
        if (each.pool == name && each.field != override_field::added) apply(each, of_file);
    return of_file;
}

}  // namespace hawser::app
