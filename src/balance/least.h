// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "balance/share.h"

namespace hawser::balance {

/// Gathers in `into` the candidates of which `share_of` says the least.
template <typename ShareOf>
void gather_least(candidates usable, ShareOf share_of, std::vector<server*>& into) {
    into.assign(1, usable.front());
    share least = share_of(*usable.front());
    for (server* one : usable.subspan(1)) {
        const share rival = share_of(*one);
        const auto order = rival <=> least;
        if (order > 0) continue;
        if (order < 0) {
            into.clear();
            least = rival;
        }
        into.push_back(one);
    }
}

}  // namespace hawser::balance
