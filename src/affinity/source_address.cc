// SPDX-License-Identifier: Apache-2.0
#include "affinity/source_address.h"

#include <algorithm>

#include "base/hash.h"
#include "clients/network.h"

namespace hawser::affinity {

namespace {

/// No parameter, cookie or field has this name, as a colon is in none.
constexpr std::string_view scope_name = ":source";

using address_bytes = std::array<std::uint8_t, 16>;

}  // namespace

void source_address::settings::describe(config::fields<settings>& field) {
    field("ipv4-prefix", &settings::ipv4_prefix, "How many bits of an IPv4 address count.")
        .minimum(1)
        .maximum(32);
    field("ipv6-prefix", &settings::ipv6_prefix, "How many bits of an IPv6 address count.")
        .minimum(1)
        .maximum(128);
    field("tuple", &settings::by, "What of the connection counts.");
    describe_missing(field);
}

source_address::source_address(const settings& given, const context& made_for)
    : affinity({.kind = "source-address",
                .missing = given.missing,
                .is_of_a_crowd = true,
                .wants_destination = given.by != tuple::source}),
      settings_(given),
      issuer_(made_for.with),
      scope_(stable_hash(scope_name, made_for.scope())) {}

sighting source_address::find(const asking& who) {
    if (who.client.is_none()) return sighting::nothing(cause::no_key);
    std::array<char, 2 * sizeof(address_bytes) + 1> text{};
    const auto client =
        clients::network::of(who.client, settings_.ipv4_prefix, settings_.ipv6_prefix).first();
    auto end = std::ranges::copy(client.bytes(), text.begin()).out;
    if (settings_.by != tuple::source) end = std::ranges::copy(who.server.bytes(), end).out;
    if (settings_.by == tuple::source_destination_protocol)
        *end++ = who.secured != nullptr ? 's' : 'p';
    return sighting::of(
        issuer_->key_of(scope_, {text.data(), static_cast<std::size_t>(end - text.begin())}));
}

}  // namespace hawser::affinity
