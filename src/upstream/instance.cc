// SPDX-License-Identifier: Apache-2.0
#include "upstream/instance.h"

#include "base/hash.h"

namespace hawser::upstream {

generation instance_mark(std::string_view said) noexcept {
    if (said.empty()) return 0;
    const auto mark = generation(stable_hash(said));
    return mark != 0 ? mark : 1;
}

std::optional<generation> mark_announced_in(const http::field_list& fields) noexcept {
    for (const http::field& each : fields)
        if (each.id == http::field_id::ours && http::equal_ignoring_case(each.name, instance_field))
            return instance_mark(each.value);
    return std::nullopt;
}

}  // namespace hawser::upstream
