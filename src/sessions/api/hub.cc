// SPDX-License-Identifier: Apache-2.0
#include "sessions/api/hub.h"

#include <map>
#include <string>
#include <utility>

namespace hawser::sessions::api {

void hub::collect(observe::exposition& into) const {
    std::map<std::pair<std::string, std::string>, std::uint64_t> sums;
    counted.for_each([&](const counters& one) {
        one.requests.for_each(
            [&](std::string_view action, std::string_view status, std::uint64_t count) {
                sums[{std::string(action), std::string(status)}] += count;
            });
    });
    for (const auto& [what, count] : sums)
        into.counter("session_api_requests_total",
                     "Requests to the JSON door, by what was asked and the status's class.",
                     {{"action", what.first}, {"status", what.second}}, double(count));
    into.counter(
        "session_api_tokens_failed_total", "Wrong tokens at the JSON door.", {},
        double(counted.sum([](const counters& one) { return one.failed_tokens.value(); })));
    into.counter("session_audit_lost_total",
                 "Records for the audit log that came faster than they could be written.", {},
                 double(audit.lost()));
}

}  // namespace hawser::sessions::api
