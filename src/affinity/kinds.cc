// SPDX-License-Identifier: Apache-2.0
#include "affinity/kinds.h"

#include "affinity/cookie.h"

namespace hawser::affinity {

/// Every affinity the configuration can name. Adding one: its include above, its type here.
constexpr config::kind_table<affinity, const context&> kinds =
    config::kinds_of<affinity, const context&>::list<cookie>();

}  // namespace hawser::affinity
