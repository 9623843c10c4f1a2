// SPDX-License-Identifier: Apache-2.0
#include "sessions/worth.h"

#include "sessions/containers.h"
#include "sessions/payload.h"

namespace hawser::sessions {

namespace {

bool tells_something(std::string_view data, holding as, std::string_view field) {
    if (as == holding::string) return has_something(data, field);
    const auto found = as == holding::hash ? fields(data, as).find(field) : std::nullopt;
    return found && !found->value.empty();
}

}  // namespace

bool worth::is_reached(std::string_view data, holding as, std::uint64_t user) const {
    return (when_known && user != 0) || (bytes != 0 && data.size() >= bytes) ||
           (!user_field.empty() && tells_something(data, as, user_field));
}

}  // namespace hawser::sessions
