// SPDX-License-Identifier: Apache-2.0
#include "app/record_handover.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "app/session_news.h"
#include "base/limits.h"
#include "observe/log.h"
#include "store/entry.h"

namespace hawser::app {

namespace {

using observe::level;
using state::word;

steady_time soon() { return read_clocks().steady + limits::upgrade_word_time; }

bool is_light(const store::record_view& one) { return one.lasts == store::durability::memory; }

}  // namespace

// The old process.

record_giver::record_giver(store::residents& from, kept_spaces spaces, state::channel to)
    : from_(from), spaces_(std::move(spaces)), to_(std::move(to)), thread_([this] { give(); }) {}

void record_giver::give() {
    const auto done = give_all();
    if (done)
        return observe::log(level::notice,
                            fmt::format("upgrade: {} records that only this memory had were given "
                                        "to the new process",
                                        given_));
    observe::log(level::error,
                 "upgrade: not all records that only this memory had could be given to the new "
                 "process: " +
                     done.error().context);
}

result<> record_giver::give_all() {
    const steady_time now = read_clocks().steady;
    for (const auto& [name, one] : spaces_) {
        const std::uint8_t number = one->space.number();
        if (auto sent = put(state::kept_space{
                .number = number, .light = one->space.light.load(), .name = name});
            !sent)
            return sent;
        for (const auto& each : one->successors.all(now))
            if (auto sent = put(state::kept_renewal{.space = number,
                                                    .old = each.old,
                                                    .called = each.called,
                                                    .changed = each.changed});
                !sent)
                return sent;
    }
    // They are known there before the first record is, should this process be killed.
    if (auto sent = send(std::exchange(block_, {})); !sent) return sent;
    const auto last = from_.last_version();
    result<> done;
    from_.hand_out([&](const store::entry& one) {
        done = put(state::kept_record{.space = one.in->number(),
                                      .hash = one.hash,
                                      .is_tombstone = one.is_tombstone,
                                      .what = one.view()});
        if (done && !one.is_tombstone) ++given_;
        return done.has_value();
    });
    if (done) done = put(state::kept_end{.last = last});
    if (done) done = send(block_);
    if (done) done = to_.send(word::done, soon());
    return done;
}

result<> record_giver::put(const state::kept_item& one) {
    state::append(one, block_);
    return block_.size() < limits::state_block_max ? result<>() : send_full_blocks();
}

result<> record_giver::send_full_blocks() {
    std::span<const std::uint8_t> left(block_);
    for (; left.size() >= limits::state_block_max; left = left.subspan(limits::state_block_max))
        if (auto sent = send(left.first(limits::state_block_max)); !sent) return sent;
    block_.erase(block_.begin(), block_.end() - std::ptrdiff_t(left.size()));
    return {};
}

result<> record_giver::send(std::span<const std::uint8_t> text) {
    return to_.send(word::kept, text, soon());
}

// The new process.

record_taker::record_taker(store::residents& into, kept_spaces spaces, state::channel from,
                           store::store::loaded tell)
    : into_(into),
      spaces_(std::move(spaces)),
      from_(std::move(from)),
      tell_(std::move(tell)),
      thread_([this] { take(); }) {}

void record_taker::take() {
    const steady_time begun = read_clocks().steady;
    const auto how = take_all();
    into_.put_in_order();
    for (const auto& each : arrivals_)
        if (each.in != nullptr)
            each.in->space.lost.fetch_add(each.light - std::min(each.light, each.came),
                                          std::memory_order_relaxed);
    for (const auto& [name, one] : spaces_) one->space.set_awaited(false);
    tell_of(how, read_clocks().steady - begun);
}

result<> record_taker::take_all() {
    for (;;) {
        const auto told = from_.receive(soon());
        if (!told) return std::unexpected(told.error());
        if (told->what == word::done && is_over_) return {};
        if (told->what != word::kept || is_over_) return senseless();
        reader_.add(told->text);
        if (auto taken = take_items(); !taken) return taken;
    }
}

result<> record_taker::take_items() {
    for (;;) {
        const auto item = reader_.next();
        if (!item) return std::unexpected(item.error());
        if (!*item) return {};
        const auto taken = std::visit([this](const auto& one) { return take(one); }, **item);
        if (!taken) return taken;
    }
}

result<> record_taker::take(const state::kept_space& one) {
    const auto known = spaces_.find(one.name);
    arrivals_[one.number] = {.name = one.name,
                             .in = known == spaces_.end() ? nullptr : known->second.get(),
                             .light = one.light,
                             .is_told_of = true};
    return {};
}

result<> record_taker::take(const state::kept_renewal& one) {
    const auto& to = arrivals_[one.space];
    if (!to.is_told_of) return senseless();
    if (to.in != nullptr) to.in->successors.note(one.old, one.called, one.changed);
    return {};
}

result<> record_taker::take(const state::kept_record& one) {
    auto& to = arrivals_[one.space];
    if (!to.is_told_of) return senseless();
    if (to.in == nullptr) return {};
    const store::record_id id{.in = &to.in->space, .hash = one.hash};
    auto made = store::entry::make(&into_.heap(), id, one.what.name, one.what.data);
    if (made == nullptr) return {};  // there is no memory for it: it does not count as come
    made->set_life(one.what.life);
    made->user = one.what.user;
    made->lasts = one.what.lasts;
    made->flags = one.what.flags;
    made->version = one.what.version;
    made->created = one.what.created;
    made->seen = one.what.seen;
    made->is_tombstone = one.is_tombstone;
    into_.take_in(std::move(made));
    if (one.is_tombstone) return {};
    if (is_light(one.what)) ++to.came;
    if (one.what.user != 0) tell_(id, one.what.user, one.what.created);
    return {};
}

result<> record_taker::take(const state::kept_end& one) {
    into_.go_on_from(one.last);
    is_over_ = true;
    return {};
}

void record_taker::tell_of(const result<>& how, steady_time::duration took) const {
    for (const auto& each : arrivals_) {
        if (each.came > 0)
            observe::log(
                level::notice,
                fmt::format("upgrade: {} records of class memory of the namespace {} came "
                            "from the process before, in {:.3f} s",
                            each.came, each.name, std::chrono::duration<double>(took).count()));
        if (each.light > each.came)
            observe::log(level::error,
                         fmt::format("upgrade: {} records of class memory of the namespace {} have "
                                     "ended with the process before",
                                     each.light - each.came, each.name));
    }
    if (!how)
        observe::log(level::error,
                     "upgrade: what only the memory of the process before had did "
                     "not come whole: " +
                         how.error().context);
}

}  // namespace hawser::app
