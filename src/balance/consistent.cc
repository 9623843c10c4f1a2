// SPDX-License-Identifier: Apache-2.0
#include "balance/consistent.h"

#include <string_view>

namespace hawser::balance {

namespace {

constexpr std::string_view what_headroom_is =
    "How far above its share of the requests in flight a server may get; beyond, the next one by "
    "hash is chosen.";

}  // namespace

void bounded_settings::describe(config::fields<bounded_settings>& field) {
    field("headroom", &bounded_settings::headroom, what_headroom_is);
}

void consistent_settings::describe(config::fields<consistent_settings>& field) {
    field("hash", &consistent_settings::hash,
          "What of a request decides; one that lacks it goes by its client's address.");
    field("headroom", &consistent_settings::headroom, what_headroom_is);
}

}  // namespace hawser::balance
