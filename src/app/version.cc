// SPDX-License-Identifier: Apache-2.0
#include "app/version.h"

namespace hawser::app {

// Defined for this file alone (cmake/revision.cmake): another commit compiles nothing else anew.
std::string_view revision() noexcept { return HAWSER_REVISION; }

}  // namespace hawser::app
