// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/limits.h"
#include "config/settings.h"
#include "discovery/kinds.h"
#include "upstream/first_claims.h"

namespace hawser::app {

/// By what sessions that begin are placed.
enum class placement : std::uint8_t { free, agreed };

constexpr std::array<config::word<placement>, 2> choices(placement) {
    return {{{"free", placement::free, "by the balancer"},
             {"agreed", placement::agreed,
              "by their keys, so that nodes that know nothing of each other choose alike"}}};
}

/// What of a request tells whose it is.
enum class client_trait : std::uint8_t { source_address, user_agent };

constexpr std::array<config::word<client_trait>, 2> choices(client_trait) {
    return {{{"source-address", client_trait::source_address, "the address it comes from"},
             {"user-agent", client_trait::user_agent, "its User-Agent"}}};
}

/// First requests without a key that one client sends at once.
struct first_claim {
    std::vector<client_trait> by{client_trait::source_address, client_trait::user_agent};
    std::chrono::milliseconds lasting = std::chrono::seconds(2);

    [[nodiscard]] upstream::first_claim_rule wanted() const;

    static void describe(config::fields<first_claim>& field);
    friend bool operator==(const first_claim&, const first_claim&) = default;
};

/// A version of a pool's application, which some of its servers run.
struct release {
    std::string name;
    std::uint32_t weight = 1;
    std::optional<discovery::choice> discover;  ///< its servers, besides those of the file

    static void describe(config::fields<release>& field);
    friend bool operator==(const release&, const release&) = default;
};

}  // namespace hawser::app
