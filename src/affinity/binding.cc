// SPDX-License-Identifier: Apache-2.0
#include "affinity/binding.h"

#include <utility>

namespace hawser::affinity {

std::string_view name_of(verdict what) noexcept {
    switch (what) {
        case verdict::none: return "none";
        case verdict::fresh: return "new";
        case verdict::hit: return "hit";
        case verdict::moved: return "moved";
        case verdict::returned: return "returned";
        case verdict::spilled: return "spilled";
        case verdict::refused: return "refused";
    }
    std::unreachable();
}

std::string_view name_of(cause why) noexcept {
    switch (why) {
        case cause::none: return "none";
        case cause::no_key: return "no-key";
        case cause::forged: return "forged";
        case cause::foreign: return "foreign";
        case cause::expired: return "expired";
        case cause::unknown_server: return "unknown-server";
        case cause::stale: return "stale";
        case cause::home_down: return "home-down";
        case cause::home_full: return "home-full";
        case cause::drained: return "drained";
        case cause::maintenance: return "maintenance";
        case cause::rebalanced: return "rebalanced";
        case cause::operator_: return "operator";
        case cause::unknown_key: return "unknown-key";
        case cause::ambiguous: return "ambiguous";
        case cause::application: return "application";
        case cause::ended: return "ended";
        case cause::replayed: return "replayed";
        case cause::foreign_listener: return "foreign-listener";
        case cause::other_client: return "other-client";
    }
    std::unreachable();
}

}  // namespace hawser::affinity
