// SPDX-License-Identifier: Apache-2.0
#include "base/ensure.h"

#include <cstdio>
#include <cstdlib>

namespace hawser {

void die(std::string_view why, std::source_location place) noexcept {
    std::fprintf(stderr, "hawser: broken invariant at %s:%u (%s): %.*s\n", place.file_name(),
                 static_cast<unsigned>(place.line()), place.function_name(),
                 static_cast<int>(why.size()), why.data());
    std::abort();
}

}  // namespace hawser
