// SPDX-License-Identifier: Apache-2.0
#include "sessions/record_link.h"

#include <array>

#include "async/loop.h"
#include "base/limits.h"
#include "http/uri.h"
#include "sessions/ending.h"

namespace hawser::sessions {

namespace {

steady_time now() { return loop::current().now().steady; }

/// The id in a cookie's value, which some libraries sign: `s:ID.SIGNATURE` is express-session's.
std::string_view id_in(std::string_view value) {
    if (!value.starts_with("s:")) return value;
    value.remove_prefix(2);
    return value.substr(0, value.rfind('.'));
}

store::record_view view_of(const store::record& one) {
    return {.name = one.name,
            .data = one.data,
            .life = one.life,
            .user = one.user,
            .lasts = one.lasts,
            .flags = one.flags,
            .version = one.version,
            .created = one.created,
            .seen = one.seen};
}

}  // namespace

std::optional<store::record_id> record_link::place_of(std::string_view value) const {
    std::array<char, hawser::limits::session_value_max> room;
    if (value.empty() || value.size() > room.size()) return std::nullopt;
    const auto id = id_in(http::percent_decoded(value, room));
    if (id.empty()) return std::nullopt;
    return in_->id_of(std::string(by_.prefix).append(id));
}

std::optional<store::record> record_link::look(const store::record_id& at, steady_time now) const {
    std::optional<store::record> found;
    if (!*is_open_) return found;
    (void)store_.show(at, false, now, [&](const store::record_view* there, store::version) {
        if (there != nullptr) found = there->copy();
    });
    return found;
}

std::optional<store::grade> record_link::due(const store::record_view& there, bool valuable) const {
    const auto by = in_->present_terms();
    if (!by->is_session(there.name)) return std::nullopt;
    const auto others = std::uint8_t(there.flags & ~unsigned{is_valuable});
    const auto said = std::uint8_t(valuable ? is_valuable : 0);
    const auto rank = by->rank_of(there.data, there.user, std::uint8_t(others | said));
    const store::grade made{.lasts = rank.lasts,
                            .flags = std::uint8_t(others | (rank.flags & is_valuable))};
    if (made.lasts == there.lasts && made.flags == there.flags) return std::nullopt;
    return made;
}

bool record_link::is_worth_changing(const store::record_id& at, bool valuable,
                                    steady_time now) const {
    bool is_due = false;
    if (!*is_open_) return false;
    (void)store_.show(at, false, now, [&](const store::record_view* there, store::version) {
        const bool is_so = there != nullptr && (there->flags & is_valuable) != 0;
        is_due = there != nullptr && is_so != valuable && due(*there, valuable);
    });
    return is_due;
}

task<> record_link::set_worth(store::record_id at, bool valuable) const {
    while (*is_open_) {
        const auto found = co_await store_.read(at, false, now());
        if (!found || !found->record) co_return;
        const auto as = due(view_of(*found->record), valuable);
        if (!as) co_return;
        const auto done =
            co_await store_.touch(at, {.seen = found->at, .as = as, .keeps_deadline = true}, now());
        if (!done || done->changed || !done->exists) co_return;
    }
}

task<result<bool>> record_link::end(store::record_id at) const {
    if (!*is_open_) co_return false;
    const auto by = in_->present_terms();
    const auto done = co_await end_at(store_, *in_, at, by->end_remembered);
    if (!done) co_return std::unexpected(done.error());
    in_->users.remove(at.hash);
    co_return done->outcome == store::outcome::kept;
}

}  // namespace hawser::sessions
