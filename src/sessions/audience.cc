// SPDX-License-Identifier: Apache-2.0
#include "sessions/audience.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "async/sleep.h"
#include "async/with.h"
#include "sessions/glob.h"
#include "sessions/limits.h"

namespace hawser::sessions {

namespace {

constexpr std::size_t taken_at_once = 256;
constexpr std::size_t bytes_at_once = 1024 * 1024;
constexpr std::size_t steps_at_once = 256;     // about a quarter of a millisecond
constexpr std::size_t matched_at_once = 1024;  // bytes of a pattern, in one step

/// Everybody else has a turn.
sleep_until breath() { return sleep_for(std::chrono::nanoseconds(1)); }

}  // namespace

void audience::put(const std::shared_ptr<const message>& said) {
    {
        const std::scoped_lock held(lock_);
        if (bytes_ + said->bytes() > limits::subscriber_backlog) {
            has_lost_ = true;
        } else {
            queue_.push_back(said);
            bytes_ += said->bytes();
            backlog_.set(bytes_);
        }
        if (std::exchange(is_called_, true)) return;
    }
    worker_.post([self = weak_from_this()] {
        if (const auto here = self.lock()) here->called_.set();
    });
}

std::vector<std::shared_ptr<const message>> audience::take() {
    std::vector<std::shared_ptr<const message>> taken;
    bool has_lost = false;
    {
        const std::scoped_lock held(lock_);
        const std::size_t before = bytes_;
        taken.reserve(std::min(queue_.size(), taken_at_once));
        while (!queue_.empty() && taken.size() < taken_at_once && before - bytes_ < bytes_at_once) {
            bytes_ -= queue_.front()->bytes();
            taken.push_back(std::move(queue_.front()));
            queue_.pop_front();
        }
        backlog_.set(bytes_);
        is_called_ = !taken.empty();
        has_lost = std::exchange(has_lost_, false);
    }
    if (has_lost) tell_of_loss();
    return taken;
}

void audience::tell_of_loss() {
    for (const auto* each : {&channels_, &patterns_})
        for (const auto& [name, all] : *each)
            for (const auto& [number, who] : all) who->miss();
}

void audience::add(listening what, std::string_view name, std::int64_t number, hearer& who) {
    auto& all = of(what).try_emplace(std::string(name)).first->second;
    all.emplace(number, &who);
    of_.join(what, name, worker_.index(), all.size() == 1);
}

void audience::remove(listening what, std::string_view name, std::int64_t number) {
    const auto found = of(what).find(name);
    found->second.erase(number);
    const bool was_last = found->second.empty();
    of_.leave(what, name, worker_.index(), was_last);
    if (was_last) of(what).erase(found);
}

task<> audience::serve(stop_source& until) {
    do {
        for (auto taken = take(); !taken.empty() && !until.is_stopped(); taken = take())
            for (const auto& each : taken) co_await hand_out(*each, until);
    } while (co_await with_stop(until, called_.wait()));
}

/// Whoever comes or goes while others have their turn is found, or not found, by name.
task<> audience::hand_out(const message& said, stop_source& until) {
    co_await tell(listening::channel, said.channel, said, until);
    for (auto at = patterns_.begin(); at != patterns_.end();) {
        const std::string pattern = at->first;
        if (co_await matches_in_turns(pattern, said, until))
            co_await tell(listening::pattern, pattern, said, until);
        at = patterns_.upper_bound(pattern);
    }
}

task<> audience::tell(listening what, const std::string& name, const message& said,
                      stop_source& until) {
    for (std::int64_t last = std::numeric_limits<std::int64_t>::min();;) {
        const auto found = of(what).find(name);
        if (found == of(what).end()) co_return;
        const auto next = found->second.upper_bound(last);
        if (next == found->second.end()) co_return;
        last = next->first;
        next->second->hear(said, what == listening::pattern ? &name : nullptr);
        if (is_breath_due()) (void)co_await with_stop(until, breath());
    }
}

/// Both are somebody else's choice, and cost the product of their lengths.
task<bool> audience::matches_in_turns(const std::string& pattern, const message& said,
                                      stop_source& until) {
    glob_match match(pattern, said.channel);
    while (!match.go(matched_at_once))
        if (is_breath_due()) (void)co_await with_stop(until, breath());
    if (is_breath_due()) (void)co_await with_stop(until, breath());
    co_return match.has_matched();
}

bool audience::is_breath_due() { return ++steps_ % steps_at_once == 0; }

}  // namespace hawser::sessions
