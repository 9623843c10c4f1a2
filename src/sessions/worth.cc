// SPDX-License-Identifier: Apache-2.0
#include "sessions/worth.h"

#include "sessions/payload.h"

namespace hawser::sessions {

bool worth::is_reached(std::string_view data, std::uint64_t user) const {
    return (when_known && user != 0) || (bytes != 0 && data.size() >= bytes) ||
           (!user_field.empty() && has_something(data, user_field));
}

}  // namespace hawser::sessions
