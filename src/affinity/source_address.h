// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "affinity/affinity.h"
#include "affinity/context.h"
#include "affinity/issuer.h"
#include "config/settings.h"

namespace hawser::affinity {

/// What of a connection belongs to the key.
enum class tuple : std::uint8_t { source, source_destination, source_destination_protocol };
constexpr std::array<config::word<tuple>, 3> choices(tuple) {
    return {{{"source", tuple::source, "the client's address"},
             {"source-destination", tuple::source_destination,
              "and the address that it has connected to (a 2-tuple)"},
             {"source-destination-protocol", tuple::source_destination_protocol,
              "and whether it speaks TLS (a 3-tuple)"}}};
}

/// The client's address, or its network, tells the session.
class source_address final : public affinity {
  public:
    static constexpr std::string_view name = "source_address";
    static constexpr std::string_view summary = "The client's address or network.";

    struct settings {
        unsigned ipv4_prefix = 32;
        unsigned ipv6_prefix = 64;
        tuple by = tuple::source;
        if_missing missing = if_missing::next;

        static void describe(config::fields<settings>& field);
        bool operator==(const settings&) const = default;
    };

    source_address(const settings& given, const context& made_for);

    sighting find(const asking& who) override;

  private:
    settings settings_;
    std::shared_ptr<issuer> issuer_;
    std::uint64_t scope_;
};

}  // namespace hawser::affinity
