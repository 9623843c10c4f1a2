// SPDX-License-Identifier: Apache-2.0
#include "app/kept_sessions.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <utility>

#include "app/configuration/session_service.h"
#include "async/sleep.h"
#include "sessions/api/book.h"

namespace hawser::app {

namespace {

using hawser::sessions::record_link;
using std::chrono::seconds;

constexpr auto looked_after = std::chrono::milliseconds(1);

/// What two threads know of an end that is under way.
struct errand {
    std::atomic<std::uint64_t> ended{0};
    std::atomic<std::uint64_t> failed{0};
    std::atomic<bool> is_over{false};
};

task<> end_each(kept_link by, std::vector<record_hash> which, std::shared_ptr<errand> told) {
    for (const auto& each : which) {
        const auto done = co_await by->end({.in = &by->in().space, .hash = each});
        if (!done)
            ++told->failed;
        else if (*done)
            ++told->ended;
    }
    told->is_over.store(true, std::memory_order_release);
}

std::string_view word_of(store::durability lasts) {
    for (const auto& each : choices(lasts))
        if (each.value == lasts) return each.name;
    return {};
}

seconds whole(steady_time::duration span) {
    return std::max(std::chrono::duration_cast<seconds>(span), seconds(0));
}

std::optional<seconds> limit_of(std::chrono::milliseconds span) {
    if (span.count() == 0) return std::nullopt;
    return std::chrono::duration_cast<seconds>(span);
}

}  // namespace

std::optional<hawser::admin::kept_status> kept_status_of(const record_link& by,
                                                         const record_hash& which,
                                                         steady_time now) {
    const auto there = by.look({.in = &by.in().space, .hash = which}, now);
    if (!there) return std::nullopt;
    const auto ends = there->ends();
    hawser::admin::kept_status made{.name_space = std::string(by.in().space.name()),
                                    .handle = hawser::sessions::api::handle_of_place(which),
                                    .durability = word_of(there->lasts),
                                    .valuable = (there->flags & hawser::sessions::is_valuable) != 0,
                                    .has_user = there->user != 0,
                                    .bytes = there->data.size(),
                                    .version = std::to_underlying(there->version),
                                    .age = whole(now - there->created),
                                    .idle = whole(now - there->seen),
                                    .idle_limit = limit_of(there->life.idle),
                                    .absolute_limit = limit_of(there->life.absolute)};
    if (ends != no_deadline) made.ends_in = whole(ends - now);
    return made;
}

std::vector<record_hash> records_of(const record_link& by, std::string_view user_key) {
    return by.in().users.of(by.in().user_of(user_key));
}

task<records_end> end_records(crew& workers, kept_link by, std::vector<record_hash> which) {
    if (which.empty()) co_return records_end();
    const auto told = std::make_shared<errand>();
    workers.tell(0, [&](proxy::station& at) { at.run(end_each(by, std::move(which), told)); });
    while (!told->is_over.load(std::memory_order_acquire)) {
        const auto slept = co_await sleep_for(looked_after);
        if (!slept) break;  // whoever asks has left: it ends without a witness
    }
    co_return records_end{.ended = told->ended, .failed = told->failed};
}

}  // namespace hawser::app
