// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "config/settings.h"

namespace hawser::affinity {

/// What becomes of a request in which an affinity finds no key, and no affinity before it either.
enum class if_missing : std::uint8_t { next, fresh, refuse };
constexpr std::array<config::word<if_missing>, 3> choices(if_missing) {
    return {{{"next", if_missing::next, "the next affinity is tried; after the last, as `new`"},
             {"new", if_missing::fresh, "a session begins, whatever else the request shows"},
             {"refuse", if_missing::refuse, "400: who has no key is not served"}}};
}

/// The setting that each kind has.
template <typename Settings>
void describe_missing(config::fields<Settings>& field) {
    field("if-missing", &Settings::missing, "What becomes of a request that shows no usable key.");
}

}  // namespace hawser::affinity
