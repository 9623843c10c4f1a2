// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "sessions/document.h"

namespace hawser::sessions {

struct merged {
    document value;
    /// Values that both have changed: the later one's stands.
    std::size_t conflicts = 0;
};

/// What `theirs`, saved first, and `mine`, both made from `base`, come to together.
///
/// Fields of objects count one by one, at any depth; items that were appended to an array are
/// appended, whatever else the other one has done to that array. What both have changed is as in
/// `mine`, and counted, also when both have changed it to the same: of two who count one up, one is
/// lost. `cookie.expires` is moved by every save of express-session and is no conflict (T4).
[[nodiscard]] merged merge(const document& base, const document& mine, const document& theirs);

/// `to`, with what `patch` says of its fields: null takes one out (RFC 7396).
[[nodiscard]] document patched(document to, const document& patch);

/// How many values one has to change to get from one to the other: from what a client has read to
/// what it saves these are few.
[[nodiscard]] std::size_t distance(const document& from, const document& to);

}  // namespace hawser::sessions
