// SPDX-License-Identifier: Apache-2.0
#include "proxy/watch.h"

#include <algorithm>

#include "observe/access_format.h"
#include "observe/log.h"

namespace hawser::proxy {

bool watch::concerns(const observe::access_record& request) const noexcept {
    if (session != 0 && request.session != session) return false;
    if (!pool.empty() && request.get(observe::text::pool) != pool) return false;
    if (!client) return true;
    const auto address = io::ip_address::parse(request.get(observe::text::client));
    return address && client->contains(*address);
}

bool is_watched(const watches& by, const observe::access_record& request, wall_time now) noexcept {
    return std::ranges::any_of(
        by, [&](const watch& each) { return now < each.until && each.concerns(request); });
}

void tell_if_watched(const watches& by, const observe::access_record& request, wall_time now) {
    if (!is_watched(by, request, now)) return;
    std::string line = "watched request: ";
    observe::access_formatter(observe::access_format::json).append(line, request);
    line.pop_back();  // its line feed
    observe::log_always(observe::level::debug, line);
}

}  // namespace hawser::proxy
