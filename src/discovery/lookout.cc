// SPDX-License-Identifier: Apache-2.0
#include "discovery/lookout.h"

#include <algorithm>
#include <map>
#include <utility>

#include "async/loop.h"
#include "async/scope.h"
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

lookout::lookout(std::string pool, std::vector<source> sources, farewell goodbye, membership before,
                 std::function<void()> changed)
    : pool_(std::move(pool)),
      goodbye_(goodbye),
      members_(std::move(before)),
      changed_(std::move(changed)) {
    for (auto& each : sources) posts_.push_back({.at = std::move(each)});
}

task<> lookout::keep_looking() {
    scope all;
    for (post& each : posts_) all.spawn(keep_looking_from(each));
    co_await all.join();
}

task<> lookout::keep_looking_from(post& one) {
    while (!stop_.is_stopped()) {
        auto seen = co_await with_stop(stop_, one.at.how->look());
        if (stop_.is_stopped()) co_return;
        one.has_looked = true;
        if (seen)
            take(one, std::move(*seen), loop::current().now());
        else
            fail_to_see(one, seen.error());
    }
}

void lookout::take(post& from, sightings seen, const instant& now) {
    ++figures_.found;
    figures_.last_found = now;
    tell_trouble(from, std::move(seen.gap), "not all could be seen, what was known of them stays");
    if (!from.at.release.empty())
        for (auto& each : seen.servers) each.release = from.at.release;
    from.found = std::move(seen.servers);
    if (!members_.take(all_found(), goodbye_, now.steady)) return;
    observe::log(level::notice, "pool " + pool_ + ": " + where() + ": " + words_for(members_));
    changed_();
}

void lookout::fail_to_see(post& from, const error& why) {
    ++figures_.failed;
    tell_trouble(from, why.context, "nothing was found, all servers stay");
}

/// Whoever was there before a source has told anything is still there.
std::vector<sighting> lookout::all_found() {
    std::vector<sighting> all;
    std::map<std::string, std::string> releases;  // by name
    std::string twins;
    const auto add = [&](const sighting& one) {
        const auto [there, is_new] = releases.emplace(one.name, one.release);
        if (is_new)
            all.push_back(one);
        else
            twins += (twins.empty() ? "" : ", ") + one.name + " runs `" + there->second +
                     "`, and is found for `" + one.release + "` too";
    };
    for (const post& each : posts_)
        if (each.found) std::ranges::for_each(*each.found, add);
    // What a source has told counts more than what was believed of another one's.
    for (const post& each : posts_) {
        if (each.found) continue;
        for (const auto& before : members_.members())
            if (!before.gone_since && before.seen.release == each.at.release &&
                !releases.contains(before.seen.name))
                add(before.seen);
    }
    tell_twins(std::move(twins));
    return all;
}

/// Once for each trouble, and once when it is over.
void lookout::tell_trouble(post& from, std::string trouble, std::string_view outcome) {
    if (trouble == from.trouble) return;
    const std::string where = "pool " + pool_ + ": " + from.at.how->where() + ": ";
    if (trouble.empty())
        observe::log(level::notice, where + "all could be seen again");
    else
        observe::log(level::warn, where + std::string(outcome) + ": " + trouble);
    from.trouble = std::move(trouble);
    sum_up_trouble();
}

void lookout::tell_twins(std::string twins) {
    if (twins == twins_) return;
    if (!twins.empty()) observe::log(level::warn, "pool " + pool_ + ": " + twins);
    twins_ = std::move(twins);
    sum_up_trouble();
}

void lookout::sum_up_trouble() {
    figures_.trouble = twins_;
    for (const post& each : posts_)
        if (!each.trouble.empty())
            figures_.trouble += (figures_.trouble.empty() ? "" : "; ") + each.trouble;
}

std::string lookout::where() const {
    std::string all;
    for (const post& each : posts_) all += (all.empty() ? "" : ", ") + each.at.how->where();
    return all;
}

bool lookout::has_looked() const noexcept { return std::ranges::all_of(posts_, &post::has_looked); }

void lookout::let_go(const std::function<bool(std::string_view)>& is_drained) {
    if (!members_.let_go(is_drained)) return;
    observe::log(level::notice, "pool " + pool_ + ": " + words_for(members_));
    changed_();
}

}  // namespace hawser::discovery
