// SPDX-License-Identifier: Apache-2.0
#include "registry/session.h"

namespace hawser::registry {

bool selection::matches(const session_view& one) const {
    return one.idle >= idle_least && one.idle < idle_below && one.age >= age_least &&
           one.age < age_below && (!kind || one.what.kind == *kind) &&
           (user == 0 || one.what.user == user) && (!pinned || one.pinned == *pinned) &&
           (!tentative || one.tentative == *tentative);
}

}  // namespace hawser::registry
