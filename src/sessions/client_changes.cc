// SPDX-License-Identifier: Apache-2.0
#include <functional>

#include "async/loop.h"
#include "sessions/client.h"
#include "sessions/limits.h"

/// How what is there is changed in place: decided by what was seen, and made only over that.
namespace hawser::sessions {

namespace {

using kind = store::expectation::kind;

steady_time now() { return loop::current().now().steady; }

void add(std::atomic<std::uint64_t>& to) { to.fetch_add(1, std::memory_order_relaxed); }

bool is_same(const save& next, const store::record& there) {
    return !next.ends && next.as == holding_of(there.flags) && next.expires == there.life.expires &&
           next.data == there.data;
}

store::expectation as_seen(const store::finding& found) {
    if (!found.record) return {.what = kind::absent, .seen = found.at};
    return {.what = kind::exact, .seen = found.at, .expires = found.record->life.expires};
}

/// What stays a record's, whatever becomes of its data.
void inherit(save& next, const store::record& there) {
    next.user = there.user;
    next.flags = there.flags;
}

}  // namespace

task<result<saved>> client::change(std::string_view name, const decision& decide) {
    meter_.note_save();
    const auto id = in_->id_of(name);
    for (;;) {
        const auto found = co_await store_.read(id, true, now());
        if (!found) co_return std::unexpected(found.error());
        auto next = decide(found->record ? &*found->record : nullptr);
        if (!next) co_return saved::differs;
        if (!found->record && is_over(id, found->at, false)) co_return note_dropped(id);
        const auto told = next->told;
        if (found->record && is_same(*next, *found->record))
            co_return note_unchanged(id, name, told);
        if (next->ends) {
            const auto ended = co_await end_emptied(id, name, found->at, told);
            if (!ended) co_return std::unexpected(ended.error());
            if (*ended) co_return saved::kept;
            continue;
        }
        if (found->record) inherit(*next, *found->record);
        const auto done = co_await put(id, name, std::move(*next), as_seen(*found));
        if (!done) co_return std::unexpected(done.error());
        if (done->outcome != store::outcome::kept) continue;
        note_changed(id, name, done->at, told);
        co_return saved::kept;
    }
}

std::optional<result<saved>> client::change_now(std::string_view name, const decision& decide) {
    meter_.note_save();
    unsettled_ = store::durability::memory;
    const auto id = in_->id_of(name);
    for (;;) {
        store::finding found;
        const store::store::look look = [&](const store::record_view* there, store::version at) {
            found.at = at;
            if (there != nullptr) found.record = there->copy();
        };
        const auto shown = store_.show(id, true, now(), look);
        if (!shown) return std::nullopt;
        if (!*shown) return std::unexpected(shown->error());
        auto next = decide(found.record ? &*found.record : nullptr);
        if (!next) return saved::differs;
        if (!found.record && is_over(id, found.at, false)) return note_dropped(id);
        const auto event = next->told;
        if (found.record && is_same(*next, *found.record)) return note_unchanged(id, name, event);
        if (next->ends || next->data.size() > limits::written_at_once) return std::nullopt;
        if (found.record) inherit(*next, *found.record);
        const auto given = record_of(name, std::move(*next));
        if (!given) return std::unexpected(too_large());
        const auto decide_as_seen = [&](const store::record_view* there, store::version at) {
            using what = store::revision::what;
            const bool is_as_seen =
                (there != nullptr) == found.record.has_value() && at == found.at &&
                (there == nullptr || there->life.expires == found.record->life.expires);
            return store::revision{.is = is_as_seen ? what::write : what::leave,
                                   .life = given->life,
                                   .user = given->user,
                                   .lasts = given->lasts,
                                   .flags = given->flags};
        };
        const store::store::decision deciding = std::ref(decide_as_seen);
        const auto done = store_.revise(id, name, given->data, now(), deciding);
        auto told = note_revised(done);
        if (!told || !*told) return told;
        if ((*done)->was == store::revision::what::leave) continue;
        if (terms_->is_session(name)) in_->sizes(given->lasts).add(given->data.size());
        note_changed(id, name, (*done)->at, event);
        return told;
    }
}

std::optional<result<store::touched>> client::touch_now(std::string_view name,
                                                        const store::touching& how) {
    unsettled_ = store::durability::memory;
    const auto id = in_->id_of(name);
    store::touched told;
    const auto decide = [&](const store::record_view* there, store::version) {
        using what = store::revision::what;
        told.exists = there != nullptr;
        told.changed = told.exists && how.holds(there->life.expires);
        return store::revision{.is = told.changed ? what::touch : what::leave,
                               .life = {.expires = how.expires}};
    };
    const store::store::decision deciding = std::ref(decide);
    const auto done = store_.revise(id, name, {}, now(), deciding);
    if (!done) return std::nullopt;
    if (!*done) return std::unexpected(done->error());
    if (terms_->is_session(name)) leave(id);
    unsettled_ = (*done)->unsettled;
    if (told.changed) tell_of_touch(name, how);
    return told;
}

/// Nobody has logged out: it leaves no tombstone.
task<result<bool>> client::end_emptied(store::record_id id, std::string_view name,
                                       store::version seen, const record_event& last) {
    const auto done = co_await store_.erase(id, {.what = kind::exact, .seen = seen},
                                            std::chrono::milliseconds(0), now());
    if (!done) co_return std::unexpected(done.error());
    if (done->outcome != store::outcome::kept) co_return false;
    leave(id);
    forget(id, name);
    in_->tell(name, last);
    in_->tell(name, events::del);
    co_return true;
}

saved client::note_dropped(store::record_id id) {
    leave(id);
    add(in_->saves.dropped);
    return saved::dropped;
}

saved client::note_unchanged(store::record_id id, std::string_view name, const record_event& told) {
    in_->tell(name, told);
    if (terms_->is_session(name)) {
        leave(id);
        add(in_->saves.touched);
    }
    return saved::kept;
}

/// The oldest request that has read is the one that has changed it, and knows what is there now.
void client::note_changed(store::record_id id, std::string_view name, store::version kept,
                          const record_event& told) {
    in_->tell(name, told);
    if (!terms_->is_session(name)) return;
    add(in_->saves.written);
    const auto base = seen_.oldest(id);
    if (base && base->reading != 0) in_->readings.answer(base->reading, id, std::nullopt);
    seen_.answer(id, 0, {.at = kept, .noted = now()});
}

task<result<client::renamed>> client::copy(std::string_view from, std::string_view to,
                                           bool replaces, bool ends) {
    const auto source = in_->id_of(from);
    const auto target = in_->id_of(to);
    std::optional<store::version> put_at;
    for (;;) {
        auto found = co_await store_.read(source, false, now());
        if (!found) co_return std::unexpected(found.error());
        if (!found->record) {
            // Whoever has ended it meanwhile has ended this too.
            if (put_at) {
                const auto undone = co_await end_emptied(target, to, *put_at, {});
                if (!undone) co_return std::unexpected(undone.error());
            }
            co_return renamed::absent;
        }
        if (source == target) co_return replaces ? renamed::done : renamed::taken;
        const auto there = co_await store_.read(target, false, now());
        if (!there) co_return std::unexpected(there.error());
        const bool is_ours = put_at && there->at == *put_at;
        if (there->record && !replaces && !is_ours) co_return renamed::taken;
        if (!there->record && terms_->is_session(to) && is_over(target, there->at, false)) {
            // A save that was under way: it is answered as others are, and nothing is brought back.
            (void)note_dropped(target);
            if (ends)
                if (auto ended = co_await end(from); !ended)
                    co_return std::unexpected(std::move(ended.error()));
            co_return renamed::done;
        }
        const auto user = ends ? found->record->user : 0;
        save next{.data = std::move(found->record->data),
                  .expires = found->record->life.expires,
                  .user = user,
                  .flags = found->record->flags,
                  .as = holding_of(found->record->flags)};
        const auto done = co_await put(target, to, std::move(next), as_seen(*there));
        if (!done) co_return std::unexpected(done.error());
        if (done->outcome != store::outcome::kept) continue;
        put_at = done->at;
        if (ends) {
            const auto ended =
                co_await store_.erase(source, as_seen(*found), remembered(from), now());
            if (!ended) co_return std::unexpected(ended.error());
            // Else it has changed meanwhile, and that goes along.
            if (ended->outcome != store::outcome::kept) continue;
            leave(source);
            forget(source, from);
            in_->tell(from, events::rename_from);
        }
        in_->users.remove(target.hash);  // whose place it has taken
        if (user != 0) (void)in_->users.add(user, target.hash, 0, user_full::refuse);
        note_changed(target, to, *put_at, ends ? events::rename_to : events::copy_to);
        co_return renamed::done;
    }
}

}  // namespace hawser::sessions
