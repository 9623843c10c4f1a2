// SPDX-License-Identifier: Apache-2.0
#include "sessions/api/book.h"

#include <algorithm>
#include <array>

#include "async/loop.h"
#include "crypto/base64url.h"
#include "sessions/deadline.h"
#include "sessions/ending.h"
#include "sessions/merge.h"
#include "sessions/renewal.h"

namespace hawser::sessions::api {

namespace {

using kind = store::expectation::kind;

constexpr std::size_t id_bytes = 16;

steady_time now() { return loop::current().now().steady; }

std::unexpected<problem> no(unsigned status, std::string why) {
    return std::unexpected(problem{.status = status, .why = std::move(why)});
}

std::unexpected<problem> unknown() { return no(404, "there is no such session"); }
std::unexpected<problem> changed() { return no(412, "the session has another version by now"); }

std::unexpected<problem> refused(const error& why) {
    switch (why.code) {
        case errc::exhausted: return no(507, "there is no room for it");
        case errc::invalid: return no(413, why.context);
        default: return no(503, why.context);
    }
}

}  // namespace

store::record_id book::place_of(std::string_view id) const {
    return in_.in->id_of(in_.prefix + std::string(id));
}

std::string book::draw_id() {
    std::array<std::uint8_t, id_bytes> bytes{};
    chance_.take(bytes);
    std::string id;
    crypto::append_base64url(bytes, id);
    return id;
}

std::string handle_of_place(const std::array<std::uint64_t, 2>& place) {
    std::string text;
    std::array<std::uint8_t, 8> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = std::uint8_t(place[1] >> 8 * i);
    crypto::append_base64url(bytes, text);
    return text;
}

std::string book::handle_of(const store::record& one) const {
    return handle_of_place(in_.in->id_of(one.name).hash);
}

std::string book::handle_of_id(std::string_view id) const {
    return handle_of_place(place_of(id).hash);
}

std::vector<lock_table::shown> book::locks() const { return in_.in->locks.all(now()); }

std::chrono::milliseconds book::remembered() const {
    // An id that was given up stays dead for as long as it may still be under way.
    return std::max<std::chrono::milliseconds>(in_.by->end_remembered, successors::grace);
}

task<answer<store::record>> book::find(store::record_id at, bool sees) {
    auto found = co_await store_.read(at, sees, now());
    if (!found) co_return refused(found.error());
    if (!found->record) co_return unknown();
    co_return std::move(*found->record);
}

/// What is there, with what is wished.
answer<store::record> book::with(store::record there, const wish& what) const {
    if (what.data) {
        there.data = what.data->write();
        there.flags &= is_valuable;  // whatever it was, it is a string now
    }
    if (what.user) there.user = what.user->empty() ? 0 : in_.in->user_of(*what.user);
    if (what.expires_in)
        there.life.expires =
            now() + std::min<std::chrono::milliseconds>(*what.expires_in, farthest);
    if (what.valuable)
        there.flags =
            std::uint8_t((there.flags & ~is_valuable) | (*what.valuable ? is_valuable : 0));
    const auto rank = in_.by->rank_of(there.data, there.user, there.flags);
    there.lasts = rank.lasts;
    there.flags = rank.flags;
    there.life.idle = in_.by->idle;
    there.life.absolute = in_.by->absolute;
    if (there.name.size() + there.data.size() > in_.by->record_bytes_max)
        return no(413, "the session is larger than `record-bytes` allows");
    return there;
}

task<answer<store::change>> book::put_new(std::string id, store::record what) {
    what.name = in_.prefix + id;
    in_.in->sizes(what.lasts).add(what.data.size());
    const auto done =
        co_await store_.write(place_of(id), std::move(what), {.what = kind::absent}, now());
    if (!done) co_return refused(done.error());
    if (done->outcome != store::outcome::kept) co_return no(503, "the id was taken: try again");
    co_return *done;
}

/// Counts it among the user's sessions; the oldest end for it where the namespace has it so.
task<std::optional<problem>> book::claim(store::record_id at, std::uint64_t user) {
    if (user == 0) co_return std::nullopt;
    const auto made =
        in_.in->users.add(user, at.hash, in_.by->user_sessions_max, in_.by->when_user_full);
    if (!made.is_granted)
        co_return problem{.status = 409, .why = "the user has as many sessions as a user may have"};
    for (const auto& each : made.give_way) {
        const auto done = co_await erase({.in = at.in, .hash = each});
        if (!done) co_return refused(done.error()).error();
    }
    co_return std::nullopt;
}

task<result<store::change>> book::erase(store::record_id at) {
    co_return co_await end_at(store_, *in_.in, at, remembered());
}

void book::tell_of_save(const store::record& kept, const wish& what) {
    in_.in->tell(kept.name, events::set);
    if (what.expires_in) in_.in->tell(kept.name, events::expire);
}

task<std::optional<problem>> book::hand_over(store::record_id from, std::uint64_t former,
                                             store::record_id at, std::uint64_t user) {
    in_.in->users.remove(from.hash);
    auto why = co_await claim(at, user);
    if (why) hand_back(at, from, former);
    co_return why;
}

void book::hand_back(store::record_id at, store::record_id to, std::uint64_t former) {
    in_.in->users.remove(at.hash);
    if (former != 0) (void)in_.in->users.add(former, to.hash, 0, user_full::refuse);
}

task<answer<shown>> book::create(wish what) {
    store::record fresh;
    fresh.name = in_.prefix;
    fresh.data = "{}";
    auto made = with(std::move(fresh), what);
    if (!made) co_return std::unexpected(std::move(made.error()));
    auto id = draw_id();
    const auto place = place_of(id);
    auto why = co_await claim(place, made->user);
    if (why) co_return std::unexpected(std::move(*why));
    const auto put = co_await put_new(id, *made);
    if (!put) {
        in_.in->users.remove(place.hash);
        co_return std::unexpected(put.error());
    }
    auto kept = co_await find(place, false);
    if (!kept) co_return std::unexpected(std::move(kept.error()));
    kept->lasts = put->lasts;
    tell_of_save(*kept, what);
    last_made_ = handle_of_place(place.hash);
    co_return shown{.record = std::move(*kept), .id = std::move(id)};
}

task<answer<shown>> book::read(std::string id) {
    const auto place = place_of(id);
    auto found = co_await find(place, true);
    if (found) co_return shown{.record = std::move(*found)};
    if (found.error().status != 404) co_return std::unexpected(std::move(found.error()));
    const auto called = now_called(*in_.in, place, now());
    if (!called) co_return unknown();
    auto renamed = co_await find(*called, true);
    if (!renamed) co_return std::unexpected(std::move(renamed.error()));
    co_return shown{.record = std::move(*renamed), .is_renewed = true};
}

task<answer<shown>> book::change(std::string id, std::optional<store::version> if_match,
                                 change_of by) {
    const auto place = place_of(id);
    if (!if_match && in_.by->saves == save_policy::reject)
        co_return no(428, "say by `If-Match` which version the change is meant for");
    for (;;) {
        auto there = co_await find(place, false);
        if (!there) co_return std::unexpected(std::move(there.error()));
        if (if_match && there->version != *if_match) co_return changed();
        auto next = by(*there);
        if (!next) co_return std::unexpected(std::move(next.error()));
        const bool is_owner_new = next->user != there->user;
        if (is_owner_new) {
            auto why = co_await hand_over(place, there->user, place, next->user);
            if (why) co_return std::unexpected(std::move(*why));
        }
        const auto done = co_await store_.write(
            place, *next, {.what = kind::exact, .seen = there->version}, now());
        const bool is_kept = done && done->outcome == store::outcome::kept;
        if (!is_kept && is_owner_new) hand_back(place, place, there->user);
        if (!done) co_return refused(done.error());
        if (!is_kept) continue;
        in_.in->sizes(next->lasts).add(next->data.size());
        next->version = done->at;
        next->lasts = done->lasts;
        next->created = there->created;
        next->seen = now();
        co_return shown{.record = std::move(*next)};
    }
}

task<answer<shown>> book::replace(std::string id, wish what) {
    change_of by = [this, &what](const store::record& there) { return with(there, what); };
    auto done = co_await change(std::move(id), what.if_match, std::move(by));
    if (done) tell_of_save(done->record, what);
    co_return done;
}

task<answer<shown>> book::patch(std::string id, wish what) {
    change_of by = [this, &what](const store::record& there) -> answer<store::record> {
        auto next = what;
        if (!what.data) return with(there, next);
        std::optional<document> data;
        if (holding_of(there.flags) == holding::string) data = document::read(there.data);
        if (!data || data->is != document::kind::object)
            return no(409, "what is in the session is no JSON object: it can only be replaced");
        next.data = patched(std::move(*data), *what.data);
        return with(there, next);
    };
    auto done = co_await change(std::move(id), what.if_match, std::move(by));
    if (done) tell_of_save(done->record, what);
    co_return done;
}

task<answer<shown>> book::touch(std::string id, wish what) {
    const auto place = place_of(id);
    auto there = co_await find(place, true);
    if (!there) co_return std::unexpected(std::move(there.error()));
    if (what.if_match && there->version != *what.if_match) co_return changed();
    if (what.expires_in) {
        const auto next = with(*there, {.expires_in = what.expires_in});
        const auto done = co_await store_.touch(place, {.expires = next->life.expires}, now());
        if (!done) co_return refused(done.error());
        if (!done->exists) co_return unknown();
        in_.in->tell(there->name, events::expire);
        there->life.expires = next->life.expires;
    }
    co_return shown{.record = std::move(*there)};
}

/// The new one is there before the old one ends, and nobody knows its id before that: whoever looks
/// finds one of them at any moment.
task<answer<shown>> book::renew(std::string id, wish what) {
    const auto old = place_of(id);
    auto next_id = draw_id();
    const auto place = place_of(next_id);
    auto first = co_await find(old, false);
    if (!first) co_return std::unexpected(std::move(first.error()));
    const std::uint64_t user = what.user ? with(*first, {.user = what.user})->user : first->user;
    auto why = co_await hand_over(old, first->user, place, user);
    if (why) co_return std::unexpected(std::move(*why));
    auto done = co_await move_to(old, next_id, std::move(what));
    if (done) {
        auto kept = co_await find(place, false);
        if (!kept) co_return std::unexpected(std::move(kept.error()));
        kept->lasts = done->lasts;
        last_made_ = handle_of_place(place.hash);
        co_return shown{.record = std::move(*kept), .id = std::move(next_id)};
    }
    (void)co_await store_.erase(place, {}, std::chrono::milliseconds(0), now());
    hand_back(place, old, first->user);
    co_return std::unexpected(std::move(done.error()));
}

task<answer<store::change>> book::move_to(store::record_id old, std::string id, wish what) {
    const auto place = place_of(id);
    for (;;) {
        auto there = co_await find(old, false);
        if (!there) co_return std::unexpected(std::move(there.error()));
        if (what.if_match && there->version != *what.if_match) co_return changed();
        auto next = with(*there, what);
        if (!next) co_return std::unexpected(std::move(next.error()));
        next->name = in_.prefix + id;
        const auto put = co_await store_.write(place, *next, {}, now());
        if (!put) co_return refused(put.error());
        in_.in->successors.note(old.hash, place.hash, now());
        const auto ended = co_await store_.erase(old, {.what = kind::exact, .seen = there->version},
                                                 remembered(), now());
        if (!ended) co_return refused(ended.error());
        // Else somebody has saved meanwhile, and that goes along.
        if (ended->outcome != store::outcome::kept) continue;
        in_.in->tell(there->name, events::rename_from);
        in_.in->tell(next->name, events::rename_to);
        co_return *put;
    }
}

task<answer<std::size_t>> book::end(std::string id, wish what) {
    const auto place = place_of(id);
    store::expectation on;
    if (what.if_match) on = {.what = kind::exact, .seen = *what.if_match};
    const auto done = co_await store_.erase(place, on, remembered(), now());
    if (!done) co_return refused(done.error());
    if (done->outcome != store::outcome::kept) {
        const auto there = co_await find(place, false);
        if (there && what.if_match) co_return changed();
        co_return unknown();
    }
    in_.in->users.remove(place.hash);
    in_.in->tell(in_.prefix + id, events::del);
    last_ended_ = 1;
    co_return 1;
}

task<answer<std::vector<shown>>> book::list(std::string user) {
    std::vector<shown> all;
    for (const auto& each : in_.in->users.of(in_.in->user_of(user))) {
        auto found = co_await find({.in = &in_.in->space, .hash = each}, false);
        if (found)
            all.push_back({.record = std::move(*found)});
        else if (found.error().status == 404)
            in_.in->users.remove(each);
        else
            co_return std::unexpected(std::move(found.error()));
    }
    co_return all;
}

task<answer<std::size_t>> book::end_all(std::string user, std::string kept) {
    std::size_t& count = last_ended_.emplace(0);
    const auto spared = kept.empty() ? store::record_id{} : place_of(kept);
    for (const auto& each : in_.in->users.of(in_.in->user_of(user))) {
        if (each == spared.hash) continue;
        const auto done = co_await erase({.in = &in_.in->space, .hash = each});
        if (!done) co_return refused(done.error());
        in_.in->users.remove(each);
        if (done->outcome == store::outcome::kept) ++count;
    }
    co_return count;
}

task<answer<std::size_t>> book::end_by_handle(std::string user, std::string handle) {
    const auto all = co_await list(std::move(user));
    if (!all) co_return std::unexpected(all.error());
    for (const auto& each : *all) {
        if (handle_of(each.record) != handle) continue;
        auto id = each.record.name.substr(in_.prefix.size());
        co_return co_await end(std::move(id), {});
    }
    co_return unknown();
}

}  // namespace hawser::sessions::api
