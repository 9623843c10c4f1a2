// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "config/settings.h"
#include "discovery/discovery.h"
#include "discovery/slots.h"
#include "io/dns.h"

namespace hawser::discovery {

/// Which addresses of a host are taken for servers.
enum class address_family : std::uint8_t { prefer_ipv4, prefer_ipv6, ipv4, ipv6, both };

constexpr std::array<config::word<address_family>, 5> choices(address_family) {
    return {{{"prefer-ipv4", address_family::prefer_ipv4, "IPv6 only of hosts without IPv4"},
             {"prefer-ipv6", address_family::prefer_ipv6, "the other way round"},
             {"ipv4", address_family::ipv4, "A records only"},
             {"ipv6", address_family::ipv6, "AAAA records only"},
             {"both", address_family::both, "each address is a server of its own"}}};
}

/// What a found server is called: sessions stay with the name.
enum class naming : std::uint8_t { address, slot };

constexpr std::array<config::word<naming>, 2> choices(naming) {
    return {{{"address", naming::address, "its address; of SRV records, host and port"},
             {"slot", naming::slot,
              "a number, `app-1`, that whoever comes next takes over with its sessions"}}};
}

/// The servers that a name leads to, by its A and AAAA records, or by SRV records, asked for anew
/// as their TTL says.
///
/// What a name server cannot say now is as it was: an answer of nothing, or none, changes nothing.
class dns final : public discovery {
  public:
    static constexpr std::string_view name = "dns";
    static constexpr std::string_view summary = "A, AAAA or SRV records of a name.";

    struct settings {
        std::string name;
        std::vector<std::string> resolvers;
        address_family family = address_family::prefer_ipv4;
        naming identity = naming::address;
        std::chrono::milliseconds ttl_at_least = std::chrono::seconds(1);
        std::chrono::milliseconds ttl_at_most = std::chrono::minutes(1);
        std::chrono::milliseconds timeout = std::chrono::seconds(2);
        unsigned tries = 2;

        static void describe(config::fields<settings>& field);
        bool operator==(const settings&) const = default;
    };

    dns(const settings& given, const surroundings& around);

    [[nodiscard]] task<result<sightings>> look() override;
    [[nodiscard]] std::string where() const override { return settings_.name; }

  private:
    /// One round of questions: what is known after it, and how long that holds.
    struct round {
        std::map<std::pair<std::string, io::dns_type>, io::dns_answer> known = {};
        std::chrono::milliseconds ttl = std::chrono::milliseconds::max();
        std::string gap = {};
        std::size_t answers = 0;  ///< to questions of this round
    };
    using hosts = std::vector<std::string>;

    task<result<std::vector<sighting>>> look_for_host(round& now);
    task<result<std::vector<sighting>>> look_for_services(round& now);
    task<> ask_for_addresses(const hosts& all, round& now);
    task<> ask(const hosts& all, io::dns_type what, round& now);
    void learn(const std::string& host, io::dns_type what, result<io::dns_answer> said, round& now);
    [[nodiscard]] std::vector<io::ip_address> addresses_of(const std::string& host,
                                                           const round& now) const;
    void plan_next(const round& now, bool is_whole);
    void name_by_slot(std::vector<sighting>& all);

    settings settings_;
    io::engine& engine_;
    io::dns_terms terms_;
    slots slots_;
    round last_;
    steady_time due_{};
    unsigned failures_ = 0;  ///< in a row
};

/// Weights as a pool has them: in the proportion of the records', none of which is 0.
void scale_weights(std::vector<sighting>& all);

}  // namespace hawser::discovery
