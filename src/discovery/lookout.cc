// SPDX-License-Identifier: Apache-2.0
#include "discovery/lookout.h"

#include <utility>

#include "async/loop.h"
#include "async/with.h"
#include "observe/log.h"

namespace hawser::discovery {

namespace {

using observe::level;

/// `found a, b; leaving: c`.
std::string words_for(const membership& all) {
    std::string there;
    std::string leaving;
    for (const auto& each : all.members()) {
        std::string& among = each.gone_since ? leaving : there;
        among += (among.empty() ? "" : ", ") + each.seen.name;
    }
    return "found " + (there.empty() ? "nobody" : there) +
           (leaving.empty() ? "" : "; leaving: " + leaving);
}

}  // namespace

task<> lookout::keep_looking() {
    while (!stop_.is_stopped()) {
        auto seen = co_await with_stop(stop_, how_->look());
        if (stop_.is_stopped()) co_return;
        if (seen)
            take(std::move(*seen), loop::current().now());
        else
            fail_to_see(seen.error());
    }
}

void lookout::take(sightings seen, const instant& now) {
    ++figures_.found;
    figures_.last_found = now;
    tell_trouble(std::move(seen.gap), "not all could be seen, what was known of them stays");
    if (!members_.take(std::move(seen.servers), goodbye_, now.steady)) return;
    observe::log(level::notice,
                 "pool " + pool_ + ": " + how_->where() + ": " + words_for(members_));
    changed_();
}

void lookout::fail_to_see(const error& why) {
    ++figures_.failed;
    tell_trouble(why.context, "nothing was found, all servers stay");
}

/// Once for each trouble, and once when it is over.
void lookout::tell_trouble(std::string trouble, std::string_view outcome) {
    if (trouble == figures_.trouble) return;
    const std::string where = "pool " + pool_ + ": " + how_->where() + ": ";
    if (trouble.empty())
        observe::log(level::notice, where + "all could be seen again");
    else
        observe::log(level::warn, where + std::string(outcome) + ": " + trouble);
    figures_.trouble = std::move(trouble);
}

void lookout::let_go(const std::function<bool(std::string_view)>& is_drained) {
    if (!members_.let_go(is_drained)) return;
    observe::log(level::notice, "pool " + pool_ + ": " + words_for(members_));
    changed_();
}

}  // namespace hawser::discovery
