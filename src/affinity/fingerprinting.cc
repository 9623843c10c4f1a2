// SPDX-License-Identifier: Apache-2.0
#include "affinity/fingerprinting.h"

#include <algorithm>
#include <utility>

#include "affinity/affinity.h"
#include "base/limits.h"
#include "clients/network.h"
#include "http/message.h"
#include "tls/facts.h"

namespace hawser::affinity {

std::string_view words_of(trait_set which) {
    // By the three bits of a client's traits.
    static constexpr std::array<std::string_view, 8> words{
        "",    "network",      "user-agent",      "network, user-agent",
        "tls", "network, tls", "user-agent, tls", "network, user-agent, tls"};
    return words[which.bits() % words.size()];
}

trait_set fingerprint::differing_from(const fingerprint& other) const {
    trait_set found;
    for (std::uint8_t n = 0; n < trait_count; ++n)
        if (has.has(trait{n}) && other.has.has(trait{n}) && of[n] != other.of[n])
            found.add(trait{n});
    return found;
}

void fingerprint_settings::describe(config::fields<fingerprint_settings>& field) {
    using self = fingerprint_settings;
    field("of", &self::of, "What of a client goes into its mark.").check([](const auto& all) {
        for (auto at = all.begin(); at != all.end(); ++at)
            if (std::find(at + 1, all.end(), *at) != all.end())
                return std::string("names one of them twice");
        return all.empty() ? std::string("names nothing") : std::string();
    });
    field("ipv4-prefix", &self::ipv4_prefix, "How many bits of an IPv4 address are its network.")
        .minimum(1)
        .maximum(32);
    field("ipv6-prefix", &self::ipv6_prefix, "How many bits of an IPv6 address are its network.")
        .minimum(1)
        .maximum(128);
    field("differ", &self::differ, "How many of them must differ.");
    field("then", &self::then, "What becomes of a session that another client shows.");
}

fingerprinting::fingerprinting(const fingerprint_settings& given, bool by_client, bool by_listener,
                               std::shared_ptr<issuer> with)
    : settings_(given), by_listener_(by_listener), issuer_(std::move(with)) {
    if (!by_client) return;
    for (const auto each : settings_.of) wanted_.add(each);
}

fingerprint fingerprinting::of(const asking& who) const {
    fingerprint taken;
    const auto take = [&](trait which, std::uint16_t hash) {
        taken.has.add(which);
        taken.of[std::to_underlying(which)] = hash;
    };
    if (wanted_.has(trait::network)) take(trait::network, network_of(who));
    if (wanted_.has(trait::user_agent)) {
        const http::field* const agent = who.head.fields.find(http::field_id::user_agent);
        const auto text = agent != nullptr ? agent->value : std::string_view();
        take(trait::user_agent, hash(trait::user_agent, text.substr(0, limits::session_value_max)));
    }
    if (wanted_.has(trait::tls)) {
        std::string spoken = "clear";
        if (who.secured != nullptr)
            spoken.assign(who.secured->version)
                .append(" ")
                .append(who.secured->cipher)
                .append(" ")
                .append(who.secured->client_fingerprint);
        take(trait::tls, hash(trait::tls, spoken));
    }
    if (by_listener_) take(trait::listener, hash(trait::listener, who.listener));
    return taken;
}

std::uint16_t fingerprinting::network_of(const asking& who) const {
    if (who.client.is_none()) return hash(trait::network, {});
    const auto network =
        clients::network::of(who.client, settings_.ipv4_prefix, settings_.ipv6_prefix).first();
    return hash(trait::network,
                {reinterpret_cast<const char*>(network.bytes().data()), network.bytes().size()});
}

std::uint16_t fingerprinting::hash(trait which, std::string_view what) const {
    return issuer_->trait_mark(std::to_underlying(which), what);
}

fingerprinting::judgement fingerprinting::judge(const fingerprint& then,
                                                const fingerprint& now) const {
    judgement found;
    auto differs = then.differing_from(now);
    found.is_of_another_listener = by_listener_ && differs.has(trait::listener);
    differs = trait_set(differs.bits() & wanted_.bits());
    // What the settings have come to want since the mark was given says nothing of its client.
    const bool is_other = settings_.differ == differing::any
                              ? !differs.empty()
                              : !wanted_.empty() && differs.has_all(wanted_);
    if (is_other) found.doubted = differs;
    found.is_outdated = then != now && !(is_other && settings_.then == suspicion::challenge);
    return found;
}

}  // namespace hawser::affinity
