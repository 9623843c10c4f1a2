// SPDX-License-Identifier: Apache-2.0
#include "sessions/resp/subscriber.h"

#include <utility>

#include "observe/log.h"
#include "sessions/limits.h"

namespace hawser::sessions::resp {

subscriber::~subscriber() {
    note_waiting(0);
    for (const auto& each : channels_) in_.remove(listening::channel, each, number_);
    for (const auto& each : patterns_) in_.remove(listening::pattern, each, number_);
}

bool subscriber::add(listening what, std::string_view name) {
    auto& mine = what == listening::channel ? channels_ : patterns_;
    if (mine.contains(name)) return true;
    if (count() == limits::subscriptions_max ||
        names_bytes_ + name.size() > limits::subscriptions_bytes)
        return false;
    mine.emplace(name);
    names_bytes_ += name.size();
    in_.add(what, name, number_, *this);
    return true;
}

void subscriber::remove(listening what, std::string_view name) {
    auto& mine = what == listening::channel ? channels_ : patterns_;
    const auto found = mine.find(name);
    if (found == mine.end()) return;
    in_.remove(what, name, number_);
    names_bytes_ -= name.size();
    mine.erase(found);
}

void subscriber::hear(const message& said, const std::string* pattern) {
    if (over_.is_stopped()) return;
    const bool fits = told_.bytes().size() + unsent_ + said.bytes() <= limits::subscriber_backlog &&
                      in_.of().waiting() + said.bytes() <= limits::subscribers_backlog_all;
    if (!fits) return miss();
    told_.push(pattern == nullptr ? 3 : 4);
    told_.bulk(pattern == nullptr ? "message" : "pmessage");
    if (pattern != nullptr) told_.bulk(*pattern);
    told_.bulk(said.channel);
    told_.bulk(said.text);
    note_waiting(told_.bytes().size() + unsent_);
    if (news_) news_->stop();
}

void subscriber::miss() {
    if (over_.is_stopped()) return;
    in_.of().cut_off.fetch_add(1, std::memory_order_relaxed);
    observe::log_sparsely(observe::level::warn, "session-subscriber-slow",
                          "a subscriber did not take what it was told, and was disconnected");
    told_.buffer() = std::string();
    note_waiting(unsent_);
    over_.stop();
}

std::string subscriber::take() {
    unsent_ += told_.bytes().size();
    return std::exchange(told_.buffer(), {});
}

void subscriber::note_sent(std::size_t bytes) {
    unsent_ -= bytes;
    note_waiting(told_.bytes().size() + unsent_);
}

void subscriber::note_waiting(std::size_t bytes) {
    in_.of().note_waiting(waiting_, bytes);
    waiting_ = bytes;
    backlog_.set(bytes);
}

stop_source& subscriber::over_or_news() { return news_.emplace(over()); }

}  // namespace hawser::sessions::resp
