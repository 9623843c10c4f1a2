// SPDX-License-Identifier: Apache-2.0
#include "sessions/channels.h"

#include <bit>
#include <utility>

#include "async/loop.h"
#include "sessions/audience.h"
#include "sessions/limits.h"

namespace hawser::sessions {

namespace {

std::string joined(std::string_view one, std::string_view other) {
    std::string text;
    text.reserve(one.size() + other.size());
    return text.append(one).append(other);
}

}  // namespace

channels::~channels() = default;

void channels::configure_events(event_kinds said) {
    const std::scoped_lock held(lock_);
    if (said == std::exchange(configured_, said)) return;
    events_ = said;
    set_watched();
}

void channels::set_events(event_kinds said) {
    const std::scoped_lock held(lock_);
    events_ = said;
    set_watched();
}

event_kinds channels::events() const {
    const std::scoped_lock held(lock_);
    return events_;
}

void channels::set_watched() {
    const bool are_told = events_.says_anything() && subscriptions() > 0;
    watched_.store(are_told ? events_ : event_kinds(), std::memory_order_relaxed);
}

void channels::tell(const record_event& what, std::string_view record) {
    const auto told = watched_.load(std::memory_order_relaxed);
    if (!told.has(what.kind)) return;
    if (told.has(event_kind::by_record)) publish(joined("__keyspace@0__:", record), what.name);
    if (told.has(event_kind::by_event)) publish(joined("__keyevent@0__:", what.name), record);
}

void channels::publish(std::string_view channel, std::string_view text) {
    if (subscriptions() == 0) return;
    const std::scoped_lock held(lock_);
    std::uint64_t to = with_patterns_;
    if (const auto found = channels_.find(channel); found != channels_.end())
        to |= found->second.workers;
    if (to == 0) return;
    published.fetch_add(1, std::memory_order_relaxed);
    const auto said = std::make_shared<const message>(
        message{.channel = std::string(channel), .text = std::string(text)});
    for (; to != 0; to &= to - 1) audiences_[std::size_t(std::countr_zero(to))]->put(said);
}

audience& channels::on(io::worker& here) {
    const std::scoped_lock held(lock_);
    auto& mine = audiences_[here.index()];
    if (mine == nullptr) mine = std::make_shared<audience>(here, *this);
    return *mine;
}

void channels::join(listening what, std::string_view name, unsigned here, bool is_first) {
    const std::scoped_lock held(lock_);
    auto& place = of(what).try_emplace(std::string(name)).first->second;
    ++place.count;
    if (subscriptions_.fetch_add(1, std::memory_order_relaxed) == 0) set_watched();
    if (!is_first) return;
    place.workers |= std::uint64_t{1} << here;
    if (what == listening::pattern && ++patterns_at_[here] == 1)
        with_patterns_ |= std::uint64_t{1} << here;
}

void channels::leave(listening what, std::string_view name, unsigned here, bool was_last) {
    const std::scoped_lock held(lock_);
    const auto found = of(what).find(name);
    if (subscriptions_.fetch_sub(1, std::memory_order_relaxed) == 1) set_watched();
    if (was_last) {
        found->second.workers &= ~(std::uint64_t{1} << here);
        if (what == listening::pattern && --patterns_at_[here] == 0)
            with_patterns_ &= ~(std::uint64_t{1} << here);
    }
    if (--found->second.count == 0) of(what).erase(found);
}

std::size_t channels::count(listening what, std::string_view name) const {
    const std::scoped_lock held(lock_);
    const auto found = of(what).find(name);
    return found == of(what).end() ? 0 : found->second.count;
}

std::size_t channels::different(listening what) const {
    const std::scoped_lock held(lock_);
    return of(what).size();
}

std::vector<channels::listened> channels::next(listening what, const std::string* last,
                                               std::size_t most) const {
    const std::scoped_lock held(lock_);
    const auto& from = of(what);
    std::vector<listened> found;
    for (auto at = last == nullptr ? from.begin() : from.upper_bound(*last);
         at != from.end() && found.size() < most; ++at)
        found.push_back({.name = at->first, .count = at->second.count});
    return found;
}

void channels::note_behind(bool is_behind) {
    const int before = behind_.fetch_add(is_behind ? 1 : -1, std::memory_order_relaxed);
    if (!is_behind || before != 0) return;
    const auto now = loop::current().now().steady;
    behind_since_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
}

bool channels::asks_for_patience(steady_time now) const noexcept {
    if (behind_.load(std::memory_order_relaxed) == 0) return false;
    const steady_time since(steady_time::duration(behind_since_.load(std::memory_order_relaxed)));
    return now < since + limits::subscribers_awaited;
}

void backlog::set(std::size_t bytes) {
    const std::size_t bound =
        is_behind_ ? limits::subscriber_behind / 2 : limits::subscriber_behind;
    const bool is_behind = bytes > bound;
    if (is_behind == is_behind_) return;
    is_behind_ = is_behind;
    in_.note_behind(is_behind);
}

}  // namespace hawser::sessions
