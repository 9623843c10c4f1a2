// SPDX-License-Identifier: Apache-2.0
#include "discovery/dns.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <tuple>

#include "async/loop.h"
#include "async/sleep.h"
#include "base/hash.h"
#include "base/limits.h"

namespace hawser::discovery {

namespace {

using io::dns_type;
using namespace std::chrono_literals;

constexpr std::uint16_t dns_port = 53;

/// `_http._tcp.app.internal`: its records say the ports too (RFC 2782).
bool is_service(std::string_view name) { return name.starts_with('_'); }

std::string wrong_name(const std::string& name) {
    constexpr auto remedy = "write `app.internal:8000`, or `_http._tcp.app.internal` for SRV";
    if (is_service(name)) return name.contains(':') ? "SRV records say the port" : std::string();
    const auto parts = io::split_host_and_port(name);
    if (!parts) return parts.error().context + ": " + remedy;
    if (parts->host.empty() || parts->is_bracketed || io::ip_address::parse(parts->host))
        return std::string("no name to ask for: ") + remedy;
    return {};
}

result<io::endpoint> resolver_at(std::string_view text) {
    if (const auto ip = io::ip_address::parse(text)) return io::endpoint(*ip, dns_port);
    return io::endpoint::parse(text);
}

std::string wrong_resolvers(const std::vector<std::string>& all) {
    for (const auto& each : all)
        if (const auto one = resolver_at(each); !one || each.starts_with("unix:"))
            return "`" + each + "` is no name server: write `10.0.0.53` or `127.0.0.1:5353`";
    return {};
}

/// Whom to ask first, and whom else: where nothing of the first kind exists, or always.
struct types_asked {
    dns_type first;
    std::optional<dns_type> second;
    bool is_second_always = false;
};

types_asked types_of(address_family family) {
    switch (family) {
        case address_family::prefer_ipv4: return {dns_type::a, dns_type::aaaa};
        case address_family::prefer_ipv6: return {dns_type::aaaa, dns_type::a};
        case address_family::ipv4: return {dns_type::a, {}};
        case address_family::ipv6: return {dns_type::aaaa, {}};
        case address_family::both: return {dns_type::a, dns_type::aaaa, true};
    }
    std::unreachable();
}

/// `app` of `app.internal` and of `_app._tcp.internal`.
std::string first_label(std::string_view name) {
    name.remove_prefix(std::min(name.find_first_not_of('_'), name.size()));
    return std::string(name.substr(0, name.find_first_of(".:")));
}

/// As people name servers: `one.internal-8000`, `2001-db8--1`. What would not be such a name, or is
/// too long, is told from others by a hash.
std::string name_from(const std::string& found) {
    std::string name = found;
    std::ranges::replace(name, ':', '-');
    if (config::is_name(name)) return name;
    std::erase_if(name, [](char c) { return !config::is_name({&c, 1}); });
    constexpr std::size_t digits = 16;
    name.resize(std::min(name.size(), limits::name_max - digits - 1));
    return fmt::format("{}-{:016x}", name, stable_hash(found));
}

void keep_each_name_once(std::vector<sighting>& all) {
    std::ranges::sort(all, {},
                      [](const sighting& one) { return std::tie(one.name, one.priority); });
    const auto twins = std::ranges::unique(all, {}, &sighting::name);
    all.erase(twins.begin(), twins.end());
}

}  // namespace

void dns::settings::describe(config::fields<settings>& field) {
    field(
        "name", &settings::name,
        "`app.internal:8000`: its A and AAAA records; `_http._tcp.app.internal`: its SRV records.")
        .required()
        .check(wrong_name);
    field("resolvers", &settings::resolvers,
          "Name servers, `10.0.0.53` or `127.0.0.1:5353`; left out: those of /etc/resolv.conf.")
        .check(wrong_resolvers);
    field("family", &settings::family, "Which addresses of a host count.");
    field("identity", &settings::identity, "What a found server is called.");
    field("ttl-at-least", &settings::ttl_at_least,
          "Records are asked for no sooner again, whatever their TTL.")
        .minimum(100ms);
    field("ttl-at-most", &settings::ttl_at_most, "And no later.").minimum(100ms);
    field("timeout", &settings::timeout, "How long a name server may take; doubled at each try.")
        .minimum(10ms)
        .maximum(30s);
    field("tries", &settings::tries, "How often each name server is asked.").minimum(1).maximum(10);
    field.shorthand("name");
}

dns::dns(const settings& given, const surroundings& around)
    : settings_(given), engine_(around.engine) {
    terms_ = {.timeout = given.timeout, .tries = given.tries};
    for (const auto& each : given.resolvers) terms_.servers.push_back(*resolver_at(each));
}

task<result<sightings>> dns::look() {
    if (auto waited = co_await sleep_until(due_); !waited)
        co_return std::unexpected(std::move(waited.error()));
    round now;
    result<std::vector<sighting>> found;
    if (is_service(settings_.name))
        found = co_await look_for_services(now);
    else
        found = co_await look_for_host(now);
    plan_next(now, found.has_value() && now.gap.empty());
    if (!found) co_return std::unexpected(std::move(found.error()));
    last_ = std::move(now);
    keep_each_name_once(*found);
    if (settings_.identity == naming::slot) name_by_slot(*found);
    co_return sightings{.servers = std::move(*found), .gap = last_.gap};
}

task<result<std::vector<sighting>>> dns::look_for_host(round& now) {
    const auto parts = io::split_host_and_port(settings_.name);
    const hosts all = {std::string(parts->host)};
    co_await ask_for_addresses(all, now);
    if (now.answers == 0) co_return fail(errc::unavailable, now.gap);

    std::vector<sighting> found;
    for (const auto& each : addresses_of(all.front(), now))
        found.push_back({.name = name_from(each.text()),
                         .address = io::endpoint(each, parts->port),
                         .host = all.front()});
    if (!found.empty()) co_return found;
    if (!now.gap.empty()) co_return fail(errc::unavailable, now.gap);
    co_return fail(errc::not_found, all.front() + " has no addresses");
}

task<result<std::vector<sighting>>> dns::look_for_services(round& now) {
    co_await ask({settings_.name}, dns_type::srv, now);
    if (!now.gap.empty()) co_return fail(errc::unavailable, now.gap);
    const auto services = now.known.at({settings_.name, dns_type::srv}).services;
    if (services.empty()) co_return fail(errc::not_found, settings_.name + " has no SRV records");

    hosts all;
    for (const auto& each : services) all.push_back(each.host + '.');
    std::ranges::sort(all);
    const auto twins = std::ranges::unique(all);
    all.erase(twins.begin(), twins.end());
    co_await ask_for_addresses(all, now);

    std::vector<sighting> found;
    for (const auto& each : services) {
        const auto where = addresses_of(each.host + '.', now);
        if (where.empty()) {
            if (now.gap.empty()) now.gap = each.host + " has no addresses";
            continue;
        }
        found.push_back({.name = name_from(each.host + ':' + std::to_string(each.port)),
                         .address = io::endpoint(where.front(), each.port),
                         .weight = each.weight,
                         .priority = each.priority,
                         .host = each.host});
    }
    if (found.empty()) co_return fail(errc::unavailable, now.gap);
    scale_weights(found);
    co_return found;
}

task<> dns::ask_for_addresses(const hosts& all, round& now) {
    const auto types = types_of(settings_.family);
    co_await ask(all, types.first, now);
    if (!types.second) co_return;
    hosts others;
    for (const auto& each : all) {
        const auto said = now.known.find({each, types.first});
        const bool has_none = said == now.known.end() || said->second.is_empty();
        if (types.is_second_always || has_none) others.push_back(each);
    }
    co_await ask(others, *types.second, now);
}

/// In pieces: a name server loses what comes all at once.
task<> dns::ask(const hosts& all, dns_type what, round& now) {
    std::size_t asked = 0;
    while (asked < all.size()) {
        const std::size_t count = std::min(all.size() - asked, limits::dns_questions_at_once);
        std::vector<io::dns_question> questions;
        for (std::size_t i = 0; i < count; ++i) questions.push_back({all[asked + i], what});
        auto said = co_await io::ask_dns(engine_, terms_, std::move(questions));
        for (std::size_t i = 0; i < count; ++i)
            learn(all[asked + i], what, std::move(said[i]), now);
        asked += count;
    }
}

/// What could not be said is as it was when it was said last.
void dns::learn(const std::string& host, dns_type what, result<io::dns_answer> said, round& now) {
    if (said) {
        ++now.answers;
        const auto ttl = said->ttl ? std::chrono::milliseconds(*said->ttl) : settings_.ttl_at_most;
        now.ttl = std::min(now.ttl, ttl);
        now.known.emplace(std::pair(host, what), std::move(*said));
        return;
    }
    if (now.gap.empty()) now.gap = host + ": " + said.error().context;
    const auto before = last_.known.find({host, what});
    if (before != last_.known.end()) now.known.insert(*before);
}

std::vector<io::ip_address> dns::addresses_of(const std::string& host, const round& now) const {
    std::vector<io::ip_address> all;
    for (const auto what : {dns_type::a, dns_type::aaaa}) {
        const auto said = now.known.find({host, what});
        if (said == now.known.end()) continue;
        all.insert(all.end(), said->second.addresses.begin(), said->second.addresses.end());
    }
    std::ranges::sort(all);
    return all;
}

/// As the TTL says; after a failure soon, and later each time.
void dns::plan_next(const round& now, bool is_whole) {
    const auto most = std::max(settings_.ttl_at_least, settings_.ttl_at_most);
    auto wait = now.ttl;
    if (is_whole) {
        failures_ = 0;
    } else {
        wait = settings_.ttl_at_least;
        for (unsigned grown = 0; grown < failures_ && wait < most; ++grown) wait *= 2;
        ++failures_;
    }
    due_ = loop::current().now().steady + std::clamp(wait, settings_.ttl_at_least, most);
}

void dns::name_by_slot(std::vector<sighting>& all) {
    std::vector<std::string> names;
    for (const auto& each : all) names.push_back(each.name);
    const auto numbers = slots_.assign(names);
    const std::string prefix = first_label(settings_.name) + '-';
    for (std::size_t i = 0; i < all.size(); ++i) all[i].name = prefix + std::to_string(numbers[i]);
}

void scale_weights(std::vector<sighting>& all) {
    std::uint64_t heaviest = 0;
    for (const auto& each : all)
        heaviest = std::max<std::uint64_t>(heaviest, each.weight.value_or(1));
    const std::uint64_t most = std::max<std::uint64_t>(heaviest, limits::server_weight_max);
    for (auto& each : all) {
        const std::uint64_t scaled = each.weight.value_or(1) * limits::server_weight_max / most;
        each.weight = std::uint32_t(std::max<std::uint64_t>(scaled, 1));
    }
}

}  // namespace hawser::discovery
