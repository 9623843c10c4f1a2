// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>

#include "async/loop.h"
#include "observe/log.h"
#include "sessions/client.h"

/// How a session is saved: on what the save is based, and what becomes of it with that.
namespace hawser::sessions {

namespace {

using kind = store::expectation::kind;
using what = settlement::what;

steady_time now() { return loop::current().now().steady; }

void add(std::atomic<std::uint64_t>& to, std::uint64_t more = 1) {
    to.fetch_add(more, std::memory_order_relaxed);
}

/// What was read, as far as it is still known.
reading read_by(const name_space& in, const store::record_id& id, const sighting& seen) {
    if (seen.was_absent) return {.at = seen.at, .data = share({})};
    const auto found = seen.reading != 0 ? in.readings.find(seen.reading, id) : std::nullopt;
    return {.at = seen.at, .data = found ? found->data : nullptr};
}

}  // namespace

task<result<saved>> client::write_session(saving one, std::optional<store::record>* former) {
    seen_.close_before(one.id, now() - terms_->end_remembered);
    for (;;) {
        const auto found = co_await store_.read(one.id, false, now());
        if (!found) co_return std::unexpected(found.error());
        if (former != nullptr) *former = found->record;
        // No `?:` around a wait.
        result<std::optional<saved>> done;
        if (found->record)
            done = co_await settle(one, *found->record);
        else
            done = co_await begin(one, found->at);
        if (!done) co_return std::unexpected(done.error());
        if (*done) co_return **done;
    }
}

/// The same where the last writer wins and nobody asks what was there: what it comes to is decided
/// with the record in hand, and counted afterwards.
std::optional<result<saved>> client::write_session_now(store::record_id id, std::string_view name,
                                                       std::string_view data, steady_time expires) {
    const steady_time present = now();
    seen_.close_before(id, present - terms_->end_remembered);
    const auto base = seen_.oldest(id);
    settlement by;
    if (base) by.by = 0;
    bool was_there = false;
    store::durability lasts = store::durability::memory;
    // What is in it is looked at beforehand: the record is held only for what depends on it.
    const auto fresh = terms_->rank_of(data, 0, 0);
    const auto decide = [&](const store::record_view* there, store::version end) {
        using revised = store::revision::what;
        was_there = there != nullptr;
        store::revision made{
            .is = revised::write,
            .life = {.expires = expires, .idle = terms_->idle, .absolute = terms_->absolute},
            .lasts = fresh.lasts,
            .flags = fresh.flags};
        if (there == nullptr) {
            if (is_over(id, end, false)) made.is = revised::leave;
            lasts = made.lasts;
            return made;
        }
        if (holding_of(there->flags) == holding::string)
            by.is = reconcile_last(base ? std::optional(base->at) : std::nullopt,
                                   base && base->was_absent && data.empty(), there->version,
                                   there->data, data);
        if (by.is == what::touch) made.is = revised::touch;
        made.user = there->user;
        if (made.lasts == terms_->lasts) {
            const auto rank = terms_->rank_of({}, there->user, there->flags & is_valuable);
            made.lasts = rank.lasts;
            made.flags = rank.flags;
        }
        lasts = made.lasts;
        return made;
    };
    const store::store::decision deciding = std::ref(decide);
    const auto done = store_.revise(id, name, data, present, deciding);
    const auto told = note_revised(done);
    if (!told || !*told) return told;
    if ((*done)->was == store::revision::what::leave) {
        leave(id);
        add(in_->saves.dropped);
        return saved::dropped;
    }
    if ((*done)->was == store::revision::what::write) in_->sizes(lasts).add(data.size());
    if (!was_there) {
        add(in_->saves.written);
        seen_.answer(id, 0, {.at = (*done)->at, .noted = present});
        return saved::kept;
    }
    count(by);
    if (by.by)
        seen_.answer(id, 0,
                     {.at = by.is == what::touch ? base->at : (*done)->at, .noted = present});
    return saved::kept;
}

task<result<std::optional<saved>>> client::begin(saving& one, store::version end) {
    if (one.what.on == kind::present) co_return saved::differs;
    if (one.what.on == kind::any && is_over(one.id, end, one.mark.has_value())) {
        leave(one.id);
        add(in_->saves.dropped);
        co_return saved::dropped;
    }
    save next{.data = one.what.data, .expires = one.what.expires};
    const auto done =
        co_await put(one.id, one.name, std::move(next), {.what = kind::absent, .seen = end});
    if (!done) co_return std::unexpected(done.error());
    if (done->outcome != store::outcome::kept) co_return std::nullopt;
    add(in_->saves.written);
    note_begun(one, done->at);
    co_return saved::kept;
}

/// Whether the request that saves has read the session before its end. Of several requests on one
/// connection the one that has read first counts: better to lose a new session's first save than to
/// bring back one that somebody has ended.
bool client::is_over(store::record_id id, store::version end, bool has_mark) const {
    if (end == store::no_version) return false;
    if (has_mark) return true;
    if (const auto open = seen_.open(id); !open.empty()) return open.front().at < end;
    const auto last = seen_.last(id);
    return !last || last->at < end;
}

task<result<std::optional<saved>>> client::settle(saving& one, const store::record& there) {
    if (one.what.on == kind::absent) co_return saved::differs;
    const auto all = candidates_of(one);
    settlement by{.data = one.what.data};  // it takes the place of another kind of data
    if (holding_of(there.flags) == holding::string) by = settle_by(one, all, there);
    if (by.is == what::reject) {
        count(by);
        seen_.answer(one.id, all.places[*by.by]);
        co_return saved::rejected;
    }
    const steady_time expires = one.what.keeps_deadline ? there.life.expires : one.what.expires;
    store::version kept = there.version;
    if (by.is == what::touch) {
        meter_.lap();
        const auto done =
            co_await store_.touch(one.id, {.expires = expires, .seen = there.version}, now());
        meter_.lap();
        if (!done) co_return std::unexpected(done.error());
        if (!done->changed) co_return std::nullopt;
    } else {
        save next{.data = by.data, .expires = expires, .user = there.user, .flags = there.flags};
        store::expectation on{.what = kind::exact, .seen = there.version};
        if (one.what.keeps_deadline) on.expires = there.life.expires;
        const auto done = co_await put(one.id, one.name, std::move(next), on);
        if (!done) co_return std::unexpected(done.error());
        if (done->outcome != store::outcome::kept) co_return std::nullopt;
        kept = done->at;
    }
    count(by);
    note_base(one, by, all, kept);
    co_return saved::kept;
}

client::candidates client::candidates_of(const saving& one) const {
    candidates all;
    const auto open = seen_.open(one.id);
    const auto add_one = [&](const sighting& seen, std::size_t place) {
        all.from.own.push_back(read_by(*in_, one.id, seen));
        all.seen.push_back(seen);
        all.places.push_back(place);
    };
    if (one.mark) {
        // What the data says of itself is beyond doubt, whatever the connection.
        const auto found = in_->readings.find(*one.mark, one.id);
        if (!found) return all;
        const auto place = std::ranges::find(open, *one.mark, &sighting::reading);
        all.from.own.push_back(*found);
        all.seen.push_back({.at = found->at, .reading = *one.mark, .noted = now()});
        all.places.push_back(place != open.end() ? std::size_t(place - open.begin()) : not_open);
        return all;
    }
    for (std::size_t i = 0; i < open.size(); ++i) add_one(open[i], i);
    if (!terms_->keeps_readings()) return all;
    if (const auto last = seen_.last(one.id)) {
        add_one(*last, not_open);
        all.from.ends_with_saved = true;
    }
    if (!all.from.own.empty()) all.from.open = in_->readings.open(one.id);
    return all;
}

settlement client::settle_by(const saving& one, const candidates& all, const store::record& there) {
    auto by = reconcile(terms_->saves, all.from, there, one.what.data);
    if (one.mark || !terms_->keeps_readings()) return by;
    // Once connections have been seen to be split, what one of them has read says nothing.
    const bool was_split = in_->split.is_split(now());
    if (!by.by) in_->split.note(now());
    if (by.by && was_split) by = reconcile(terms_->saves, {}, there, one.what.data);
    return by;
}

/// The next save of the same request is based on this one.
void client::note_base(const saving& one, const settlement& by, const candidates& all,
                       store::version kept) {
    if (!by.by) return;
    auto base = all.seen[*by.by];
    const bool is_as_given = by.is != what::merge && by.is != what::touch;
    if (is_as_given) base.at = kept;
    base.was_absent = false;
    base.noted = now();
    if (terms_->keeps_readings()) {
        if (base.reading == 0)
            base.reading = in_->readings.note(one.id, base.at, one.what.data, base.noted);
        in_->readings.answer(base.reading, one.id,
                             reading{.at = base.at, .data = share(one.what.data)});
    }
    if (!one.mark || all.places[*by.by] != not_open) seen_.answer(one.id, all.places[*by.by], base);
}

void client::note_begun(const saving& one, store::version kept) {
    sighting base{.at = kept, .noted = now()};
    if (terms_->keeps_readings()) {
        base.reading = in_->readings.note(one.id, kept, one.what.data, base.noted);
        in_->readings.answer(base.reading, one.id, std::nullopt);
    }
    seen_.answer(one.id, 0, base);
}

void client::count(const settlement& by) {
    auto& sum = in_->saves;
    if (!by.by) add(sum.unknown);
    add(sum.value_conflicts, by.conflicts);
    switch (by.is) {
        case what::touch: return add(sum.touched);
        case what::write: return add(sum.written);
        case what::merge: return add(sum.merged);
        case what::overwrite: return add(sum.overwritten);
        case what::reject: return add(sum.rejected);
        case what::unmergeable: break;
    }
    add(sum.unmergeable);
    observe::log_sparsely(observe::level::warn, "session-unmergeable",
                          "namespace " + std::string(in_->space.name()) +
                              ": a save could not be merged without loss, and has taken the place "
                              "of what others had saved");
}

}  // namespace hawser::sessions
