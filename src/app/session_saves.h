// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "observe/exposition.h"
#include "sessions/name_space.h"

namespace hawser::app {

/// What became of the saves of a namespace, how large they were, and what they cost.
void collect_saves(hawser::sessions::name_space& of, observe::exposition& into);

}  // namespace hawser::app
