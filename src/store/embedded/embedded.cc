// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/embedded.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

#include "async/loop.h"
#include "base/ensure.h"

namespace hawser::store {

namespace {

std::unexpected<error> refusal(space& in, const result<>& why, std::size_t changes = 1) {
    in.refused_by_failure.fetch_add(changes, std::memory_order_relaxed);
    return std::unexpected(why.error());
}

/// Versions go on where no process before has come, whatever was lost with it: none makes a million
/// in a second.
residents::settings journaled(residents::settings given, wall_time now) {
    given.keeps_journal = true;
    const auto micros = std::chrono::microseconds(now.time_since_epoch()).count();
    given.begin = version(std::uint64_t(micros));
    return given;
}

}  // namespace

embedded::embedded(settings given, const crypto::key_ring& ring, steady_time now)
    : memory_(journaled(given.memory, given.disk.clock().wall), now,
              [this](const ending& what) { tell(what); }),
      disk_(std::move(given.disk), memory_, ring,
            [this](const record_id& id, std::uint64_t user, steady_time created) {
                tell_of_load(id, user, created);
            }) {}

io::worker& embedded::here() const {
    const auto found = std::ranges::find(workers_, &loop::current(),
                                         [](io::worker* one) { return &one->turns(); });
    ensure(found != workers_.end(), "a store is called by the workers that it was told of");
    return **found;
}

bool embedded::is_failing(const space& in) const {
    return in.condition() == condition::failing || disk_.is_stuck();
}

result<> embedded::may_change(space& in) const {
    if (in.condition() == condition::opening) return opening();
    if (!is_failing(in) || in.answer_to_failure() == when_failing::serve) return {};
    const auto why = in.condition() == condition::failing ? disk_.failing_by() : errc::unavailable;
    return fail(why, "the store cannot keep it now", true);
}

/// The same, for what is there.
result<> embedded::may_change(const record_id& id) {
    auto may = may_change(*id.in);
    const bool is_light = !may && id.in->condition() != condition::opening &&
                          memory_.lasts_of(id) == durability::memory;
    return is_light ? result<>() : may;
}

task<result<durability>> embedded::settle(space& in, durability unsettled, std::size_t changes) {
    if (unsettled == durability::memory) co_return unsettled;
    if (!is_failing(in)) {
        const auto kept = co_await disk_.kept(here(), unsettled);
        if (kept) co_return unsettled;
        if (in.answer_to_failure() == when_failing::refuse) co_return refusal(in, kept, changes);
    }
    in.not_kept.fetch_add(changes, std::memory_order_relaxed);
    co_return durability::memory;
}

std::optional<result<>> embedded::show(const record_id& id, bool sees, steady_time now,
                                       const look& look) {
    if (id.in->condition() == condition::opening) return opening();
    memory_.show(id, sees, now, look);
    return result<>();
}

/// While nothing can be kept, what is decided may have to be refused: `write` does that.
std::optional<result<revised>> embedded::revise(const record_id& id, std::string_view name,
                                                std::string_view data, steady_time now,
                                                const decision& decide) {
    if (!may_change(*id.in)) return std::nullopt;
    return memory_.revise(id, name, data, now, decide);
}

task<result<finding>> embedded::read(record_id id, bool sees, steady_time now) {
    if (id.in->condition() == condition::opening) co_return opening();
    co_return memory_.read(id, sees, now);
}

task<result<change>> embedded::write(record_id id, record what, expectation on, steady_time now) {
    if (what.lasts != durability::memory)
        if (auto may = may_change(*id.in); !may) co_return refusal(*id.in, may);
    // What outlived more comes back after a crash until it is gone from the disk.
    const auto former = what.lasts == durability::memory ? memory_.lasts_of(id) : what.lasts;
    auto done = memory_.write(id, what, on, now);
    if (!done || done->outcome != outcome::kept) co_return done;
    const auto lasts = co_await settle(*id.in, std::max(done->lasts, former), 1);
    if (!lasts) co_return std::unexpected(lasts.error());
    done->lasts = std::min(done->lasts, *lasts);
    co_return done;
}

task<result<change>> embedded::erase(record_id id, expectation on,
                                     std::chrono::milliseconds remembered, steady_time now) {
    if (auto may = may_change(id); !may) co_return refusal(*id.in, may);
    change done = memory_.erase(id, on, remembered, now);
    if (done.outcome != outcome::kept) co_return done;
    const auto lasts = co_await settle(*id.in, done.lasts, 1);
    if (!lasts) co_return std::unexpected(lasts.error());
    done.lasts = *lasts;
    co_return done;
}

task<result<touched>> embedded::touch(record_id id, touching how, steady_time now) {
    const bool is_kept = how.as && how.as->lasts != durability::memory;
    auto may = may_change(id);
    if (is_kept) may = may_change(*id.in);
    if (!may) co_return refusal(*id.in, may);
    const touch_effect done = memory_.touch(id, how, now);
    // What only gives time goes to the disk when it comes.
    if (!done.must_settle) co_return done.told;
    const auto lasts = co_await settle(*id.in, done.lasts, 1);
    if (!lasts) co_return std::unexpected(lasts.error());
    co_return done.told;
}

task<result<page>> embedded::scan(space& in, cursor from, std::size_t count, steady_time now) {
    if (in.condition() == condition::opening) co_return opening();
    co_return memory_.scan(in, from, count, now);
}

}  // namespace hawser::store
