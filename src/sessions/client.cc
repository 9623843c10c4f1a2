// SPDX-License-Identifier: Apache-2.0
#include "sessions/client.h"

#include <functional>

#include "async/loop.h"
#include "observe/log.h"
#include "sessions/limits.h"
#include "sessions/payload.h"
#include "sessions/renewal.h"

/// What is the same for all records; how sessions are saved stands in client_saves.cc, how what is
/// there is changed in client_changes.cc.
namespace hawser::sessions {

namespace {

using kind = store::expectation::kind;

steady_time now() { return loop::current().now().steady; }

bool is_text(const store::record& one, std::string_view value) {
    return holding_of(one.flags) == holding::string && one.data == value;
}

void tell_of_refusal(const name_space& in) {
    observe::log_sparsely(
        observe::level::warn, "namespace-full",
        "namespace " + std::string(in.space.name()) + " is full: what is new is refused");
}

}  // namespace

client::read_result client::read(std::string_view name) {
    const auto id = in_->id_of(name);
    auto found = co_await store_.read(id, true, now());
    if (!found) co_return std::unexpected(std::move(found.error()));
    if (!terms_->is_session(name)) co_return std::move(found->record);
    if (!found->record) {
        if (const auto called = now_called(*in_, id, now())) {
            auto renamed = co_await store_.read(*called, true, now());
            if (!renamed) co_return std::unexpected(std::move(renamed.error()));
            co_return std::move(renamed->record);  // what it saves by the old id is dropped
        }
        seen_.note(id, {.at = found->at, .noted = now(), .was_absent = true});
        co_return std::nullopt;
    }
    co_return hand_out(id, std::move(*found->record));
}

std::optional<result<>> client::read_now(std::string_view name, const sink& sink) {
    const bool is_session = terms_->is_session(name);
    if (is_session && terms_->keeps_readings()) return std::nullopt;
    const auto id = in_->id_of(name);
    const steady_time present = now();
    sighting seen{.at = store::no_version, .noted = present, .was_absent = true};
    const auto show = [&](const store::record_view* there, store::version at) {
        seen.at = at;
        seen.was_absent = there == nullptr;
        if (there != nullptr || !is_session) sink(there);
    };
    const store::store::look look = std::ref(show);
    if (is_session) seen_.expect(id);
    auto done = store_.show(id, true, present, look);
    if (!done || !*done || !is_session) return done;
    if (seen.was_absent) {
        // What is saved by an id that was given up is dropped.
        if (const auto called = now_called(*in_, id, present))
            return store_.show(
                *called, true, present,
                [&](const store::record_view* there, store::version) { sink(there); });
        sink(nullptr);
    }
    seen_.note(id, seen);
    return done;
}

client::read_result client::look(std::string_view name, bool sees) {
    const auto id = in_->id_of(name);
    auto found = co_await store_.read(id, sees, now());
    if (!found) co_return std::unexpected(std::move(found.error()));
    if (sees && terms_->is_session(name)) leave(id);
    co_return std::move(found->record);
}

/// Notes what somebody gets of a session, who may save it later.
store::record client::hand_out(store::record_id id, store::record found) {
    sighting seen{.at = found.version, .noted = now()};
    // Containers are saved field by field: those of others stay, whatever a save is based on.
    const bool is_whole = holding_of(found.flags) == holding::string;
    if (is_whole && terms_->keeps_readings())
        seen.reading = in_->readings.note(id, found.version, found.data, seen.noted);
    seen_.note(id, seen);
    if (is_whole && !terms_->mark_field.empty())
        found.data = with_mark(std::move(found.data), terms_->mark_field, seen.reading);
    return found;
}

void client::leave(store::record_id id) {
    const auto done = seen_.answer_oldest(id);
    if (done && done->reading != 0) in_->readings.answer(done->reading, id, std::nullopt);
}

std::optional<store::record> client::record_of(std::string_view name, save what) const {
    if (name.size() + what.data.size() > terms_->record_bytes_max) return std::nullopt;
    store::record given{.name = std::string(name),
                        .data = std::move(what.data),
                        .life = {.expires = what.expires},
                        .user = what.user,
                        .lasts = terms_->lasts,
                        .flags = flags_of(what.as)};
    if (!terms_->is_session(name)) return given;
    given.life.idle = terms_->idle;
    given.life.absolute = terms_->absolute;
    given.flags |= what.flags & is_valuable;
    const auto rank = terms_->rank_of(given.data, given.user, given.flags);
    given.lasts = rank.lasts;
    given.flags = rank.flags;
    return given;
}

task<result<store::change>> client::put(store::record_id id, std::string_view name, save what,
                                        store::expectation on) {
    auto given = record_of(name, std::move(what));
    if (!given) co_return std::unexpected(too_large());
    if (terms_->is_session(name)) in_->sizes(given->lasts).add(given->data.size());
    meter_.lap();
    auto done = co_await store_.write(id, std::move(*given), on, now());
    meter_.lap();
    if (!done && is_full(done.error())) tell_of_refusal(*in_);
    co_return done;
}

task<result<saved>> client::write(std::string_view name, save what,
                                  std::optional<store::record>* former) {
    const steady_time expires = what.keeps_deadline ? no_deadline : what.expires;
    auto done = co_await keep(name, std::move(what), former);
    if (done && *done == saved::kept) tell_of_save(name, expires);
    co_return done;
}

void client::tell_of_save(std::string_view name, steady_time expires) {
    in_->tell(name, events::set);
    if (expires != no_deadline) in_->tell(name, events::expire);
}

task<result<saved>> client::keep(std::string_view name, save what,
                                 std::optional<store::record>* former) {
    meter_.note_save();
    if (!terms_->is_session(name)) co_return co_await write_plain(name, std::move(what), former);
    saving one{.id = in_->id_of(name), .name = name, .what = std::move(what), .mark = {}};
    if (!terms_->mark_field.empty()) one.mark = take_mark(one.what.data, terms_->mark_field);
    co_return co_await write_session(std::move(one), former);
}

std::optional<result<saved>> client::write_now(std::string_view name, std::string_view data,
                                               steady_time expires) {
    auto done = keep_now(name, data, expires);
    if (in_->channels.has_watchers() && done && *done && **done == saved::kept)
        tell_of_save(name, expires);
    return done;
}

std::optional<result<saved>> client::keep_now(std::string_view name, std::string_view data,
                                              steady_time expires) {
    unsettled_ = store::durability::memory;
    meter_.note_save();
    if (name.size() + data.size() > terms_->record_bytes_max) return std::unexpected(too_large());
    if (data.size() > limits::written_at_once) return std::nullopt;
    const auto id = in_->id_of(name);
    if (!terms_->is_session(name)) return write_plain_now(id, name, data, expires);
    if (terms_->keeps_readings()) return std::nullopt;
    return write_session_now(id, name, data, expires);
}

std::optional<result<saved>> client::write_plain_now(store::record_id id, std::string_view name,
                                                     std::string_view data, steady_time expires) {
    const store::store::decision decide = [&](const store::record_view*, store::version) {
        return store::revision{.is = store::revision::what::write,
                               .life = {.expires = expires},
                               .lasts = terms_->lasts};
    };
    const auto done = store_.revise(id, name, data, now(), decide);
    return note_revised(done);
}

/// Nothing where it was not done; what is kept otherwise.
std::optional<result<saved>> client::note_revised(
    const std::optional<result<store::revised>>& done) {
    if (!done) return std::nullopt;
    if (!*done) {
        if (is_full(done->error())) tell_of_refusal(*in_);
        return std::unexpected(done->error());
    }
    unsettled_ = (*done)->unsettled;
    return saved::kept;
}

bool client::is_full(const error& why) const {
    return why.code == errc::exhausted && in_->space.condition() == store::condition::ready;
}

task<result<store::durability>> client::settle(store::durability as, std::size_t changes) {
    co_return co_await store_.settle(in_->space, as, changes);
}

task<result<saved>> client::write_plain(std::string_view name, save what,
                                        std::optional<store::record>* former) {
    if (what.on == kind::absent && terms_->is_lock(name)) {
        if (former != nullptr) *former = std::nullopt;
        co_return co_await lock(name, std::move(what));
    }
    if (former == nullptr && !what.keeps_deadline) {
        const auto on = what.on;
        const auto done = co_await put(in_->id_of(name), name, std::move(what), {.what = on});
        if (!done) co_return std::unexpected(done.error());
        co_return done->outcome == store::outcome::kept ? saved::kept : saved::differs;
    }
    const decision decide = [&](const store::record* there) -> std::optional<save> {
        if (former != nullptr) *former = there != nullptr ? std::optional(*there) : std::nullopt;
        const bool is_wrong = (what.on == kind::absent && there != nullptr) ||
                              (what.on == kind::present && there == nullptr);
        if (is_wrong) return std::nullopt;
        const bool keeps = what.keeps_deadline && there != nullptr;
        return save{.data = what.data, .expires = keeps ? there->life.expires : what.expires};
    };
    co_return co_await change(name, decide);
}

/// The client does not count as having seen the end: what it still saves was under way before.
task<result<bool>> client::end(std::string_view name) {
    const auto id = in_->id_of(name);
    const auto done = co_await store_.erase(id, {}, remembered(name), now());
    if (!done) co_return std::unexpected(done.error());
    leave(id);
    forget(id, name);
    const bool was_there = done->outcome == store::outcome::kept;
    if (was_there) in_->tell(name, events::del);
    co_return was_there;
}

task<result<bool>> client::end_if(std::string_view name, std::string_view value) {
    const auto id = in_->id_of(name);
    for (;;) {
        const auto found = co_await store_.read(id, false, now());
        if (!found) co_return std::unexpected(found.error());
        if (!found->record || !is_text(*found->record, value)) co_return false;
        const auto done = co_await store_.erase(id, {.what = kind::exact, .seen = found->at},
                                                remembered(name), now());
        if (!done) co_return std::unexpected(done.error());
        if (done->outcome != store::outcome::kept) continue;
        forget(id, name);
        in_->tell(name, events::del);
        co_return true;
    }
}

task<result<bool>> client::touch_if(std::string_view name, std::string_view value,
                                    steady_time expires) {
    const auto id = in_->id_of(name);
    for (;;) {
        const auto found = co_await store_.read(id, false, now());
        if (!found) co_return std::unexpected(found.error());
        if (!found->record || !is_text(*found->record, value)) co_return false;
        const auto done = co_await store_.touch(id, {.expires = expires, .seen = found->at}, now());
        if (!done) co_return std::unexpected(done.error());
        if (!done->changed) continue;
        if (terms_->is_lock(name)) in_->locks.prolong(id.hash, expires);
        in_->tell(name, events::expire);
        co_return true;
    }
}

/// What has ended is nobody's.
void client::forget(store::record_id id, std::string_view name) {
    in_->users.remove(id.hash);
    if (!terms_->is_lock(name)) return;
    locks_.erase(std::string(name));
    in_->locks.free(id.hash, now());
}

client::read_result client::take(std::string_view name) {
    const auto id = in_->id_of(name);
    for (;;) {
        auto found = co_await store_.read(id, true, now());
        if (!found) co_return std::unexpected(std::move(found.error()));
        if (!found->record) co_return std::nullopt;
        if (holding_of(found->record->flags) != holding::string) co_return std::move(found->record);
        const auto done = co_await store_.erase(id, {.what = kind::exact, .seen = found->at},
                                                remembered(name), now());
        if (!done) co_return std::unexpected(done.error());
        if (done->outcome != store::outcome::kept) continue;
        forget(id, name);
        in_->tell(name, events::del);
        co_return std::move(found->record);
    }
}

task<result<store::touched>> client::touch(std::string_view name, store::touching how) {
    const auto id = in_->id_of(name);
    if (terms_->is_session(name)) leave(id);
    auto done = co_await store_.touch(id, how, now());
    if (done && done->changed) tell_of_touch(name, how);
    co_return done;
}

void client::tell_of_touch(std::string_view name, const store::touching& how) {
    in_->tell(name, how.expires == no_deadline ? events::persist : events::expire);
}

task<result<store::page>> client::scan(store::cursor from, std::size_t count) {
    co_return co_await store_.scan(in_->space, from, count, now());
}

}  // namespace hawser::sessions
