// SPDX-License-Identifier: Apache-2.0
#include "admin/api.h"

#include "config/codec.h"

namespace hawser::admin {

namespace {

/// The next segment of a path that begins with its slash; the path goes on behind it.
std::string_view take_segment(std::string_view& path) {
    path.remove_prefix(1);
    const auto segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    return segment;
}

}  // namespace

std::optional<path_names> match(std::string_view pattern, std::string_view path) {
    path_names found;
    std::size_t count = 0;
    while (!pattern.empty() && path.starts_with('/')) {
        const auto wanted = take_segment(pattern);
        const auto given = take_segment(path);
        if (wanted.starts_with('{')) {
            if (!config::is_name(given)) return std::nullopt;
            found.all.at(count++) = given;
        } else if (wanted != given) {
            return std::nullopt;
        }
    }
    if (!pattern.empty() || !path.empty()) return std::nullopt;
    return found;
}

}  // namespace hawser::admin
