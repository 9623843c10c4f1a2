// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "affinity/affinity.h"
#include "affinity/context.h"
#include "config/kinds.h"

namespace hawser::affinity {

/// Every affinity that the configuration can name; made from its settings and a context.
extern const config::kind_table<affinity, const context&> kinds;

/// The place of a kind among them, from 1, by what `nature::kind` calls it; 0: there is none.
[[nodiscard]] std::uint8_t kind_number(std::string_view kind);
/// The name of a kind by its number; empty: there is none.
[[nodiscard]] std::string_view kind_name(std::uint8_t number);

/// Those of them that may be part of a composition: they only look at the request.
extern const config::kind_table<affinity, const context&> part_kinds;
using part_choice = config::choice<part_kinds>;

/// A pool's setting: which affinity, with its settings.
using choice = config::choice<kinds>;

}  // namespace hawser::affinity
