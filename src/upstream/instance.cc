// SPDX-License-Identifier: Apache-2.0
#include "upstream/instance.h"

#include "base/hash.h"

namespace hawser::upstream {

generation instance_mark(std::string_view said) noexcept {
    if (said.empty()) return 0;
    const auto mark = generation(stable_hash(said));
    return mark != 0 ? mark : 1;
}

}  // namespace hawser::upstream
