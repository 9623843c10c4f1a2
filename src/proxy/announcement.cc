// SPDX-License-Identifier: Apache-2.0
#include "proxy/announcement.h"

#include <algorithm>
#include <utility>

#include "async/with.h"
#include "base/limits.h"

namespace hawser::proxy {

namespace {

using outcome = announcement::outcome;
using state = clients::proxy_header_reading::state;

/// Version 2's fixed part and the longest rest: no header is longer.
constexpr std::size_t seen_max = 16 + limits::proxy_header_max;

announcement refused(std::string_view cause) { return {outcome::refused, cause}; }

/// The header alone: it is there already.
task<result<>> drop(io::stream& from, std::size_t size) {
    while (size != 0) {
        const auto dropped = co_await from.read(size);
        if (!dropped) co_return std::unexpected(dropped.error());
        size -= dropped->size();
    }
    co_return result<>();
}

}  // namespace

task<announcement> hear_announcement(arrival& who, const listener_settings& by,
                                     stop_source& leaving) {
    const bool is_required = by.announcements == announcement_policy::required;
    if (!by.trusts(who.client.ip))
        co_return is_required ? refused("proxy-header-untrusted") : announcement();

    std::size_t known = 0;
    for (;;) {
        const auto seen = co_await with_stop(
            leaving,
            with_deadline_at(who.came + by.head_timeout, who.stream->peek(known, seen_max)));
        if (!seen) {
            const errc why = seen.error().code;
            if (known == 0 || why == errc::cancelled) co_return announcement{outcome::gone};
            co_return refused(why == errc::timed_out ? "proxy-header-timeout" : "proxy-header-cut");
        }
        known = seen->size();
        const auto read = clients::read_proxy_header({seen->data(), known});
        switch (read.outcome) {
            case state::incomplete: continue;
            case state::absent:
                co_return is_required ? refused("proxy-header-missing") : announcement();
            case state::refused: co_return refused(read.cause);
            case state::complete: break;
        }
        if (!co_await drop(*who.stream, read.consumed)) co_return announcement{outcome::gone};
        if (read.header.has_addresses) who.client = read.header.source;
        who.announced = std::make_unique<const clients::proxy_header>(read.header);
        co_return announcement();
    }
}

}  // namespace hawser::proxy
