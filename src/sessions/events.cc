// SPDX-License-Identifier: Apache-2.0
#include "sessions/events.h"

#include <algorithm>

namespace hawser::sessions {

namespace {

struct letter {
    char sign;
    event_kind kind;
};
/// In the order in which Redis writes them.
constexpr letter letters[] = {
    {'g', event_kind::generic}, {'$', event_kind::strings},   {'l', event_kind::lists},
    {'s', event_kind::sets},    {'h', event_kind::hashes},    {'z', event_kind::sorted_sets},
    {'x', event_kind::expired}, {'e', event_kind::evicted},   {'t', event_kind::streams},
    {'d', event_kind::modules}, {'K', event_kind::by_record}, {'E', event_kind::by_event}};
constexpr char sign_of_all = 'A';

}  // namespace

std::optional<event_kinds> event_kinds::read(std::string_view text) {
    event_kinds made;
    for (const char c : text) {
        const auto* const found = std::ranges::find(letters, c, &letter::sign);
        if (c == sign_of_all)
            made.bits_ |= all;
        else if (found != std::end(letters))
            made.bits_ |= std::uint16_t(found->kind);
        else
            return std::nullopt;
    }
    return made;
}

std::string event_kinds::write() const {
    std::string text;
    const bool has_all = (bits_ & all) == all;
    if (has_all) text += sign_of_all;
    for (const auto& each : letters) {
        const bool is_said = has_all && (std::uint16_t(each.kind) & all) != 0;
        if (has(each.kind) && !is_said) text += each.sign;
    }
    return text;
}

}  // namespace hawser::sessions
