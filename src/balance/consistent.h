// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "balance/key_source.h"
#include "balance/load_bound.h"
#include "config/settings.h"

namespace hawser::balance {

/// What the kinds of consistent hashing may be told whose names say what they hash.
struct bounded_settings {
    balance::headroom headroom{};

    static void describe(config::fields<bounded_settings>& field);
    bool operator==(const bounded_settings&) const = default;
};

/// What the others may be told.
struct consistent_settings {
    key_source hash = {};
    balance::headroom headroom{};

    static void describe(config::fields<consistent_settings>& field);
    bool operator==(const consistent_settings&) const = default;
};

/// So many places of its table a kind looks at for a server that may be chosen, before it lets
/// `highest_bid` choose among those that may: a pick ends however many servers are out.
inline constexpr unsigned places_tried_max = 32;

}  // namespace hawser::balance
