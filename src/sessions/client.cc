// SPDX-License-Identifier: Apache-2.0
#include "sessions/client.h"

#include "async/loop.h"
#include "observe/log.h"

namespace hawser::sessions {

namespace {

using kind = store::expectation::kind;

steady_time now() { return loop::current().now().steady; }

void tell_of_refusal(const name_space& in) {
    observe::log_sparsely(
        observe::level::warn, "namespace-full",
        "namespace " + std::string(in.space.name()) + " is full: what is new is refused");
}

}  // namespace

task<result<std::optional<store::record>>> client::read(std::string_view name, bool sees) {
    const auto id = in_->id_of(name);
    auto found = co_await store_.read(id, sees, now());
    if (!found) co_return std::unexpected(std::move(found.error()));
    if (terms_->is_session(name)) seen_.note(id, found->at);
    co_return std::move(found->record);
}

task<result<store::change>> client::put(store::record_id id, std::string_view name, save what,
                                        store::expectation on) {
    if (name.size() + what.data.size() > terms_->record_bytes_max)
        co_return fail(errc::invalid, "name and value are larger than `record-bytes` allows");
    const bool is_session = terms_->is_session(name);
    store::record given{.name = std::string(name),
                        .data = std::move(what.data),
                        .life = {.expires = what.expires},
                        .lasts = terms_->lasts};
    if (is_session) {
        given.life.idle = terms_->idle;
        given.life.absolute = terms_->absolute;
    }
    auto done = co_await store_.write(id, std::move(given), on, now());
    const bool is_full = !done && done.error().code == errc::exhausted &&
                         in_->space.condition() == store::condition::ready;
    if (is_full) tell_of_refusal(*in_);
    if (done && done->outcome == store::outcome::kept && is_session) seen_.note(id, done->at);
    co_return done;
}

task<result<saved>> client::write(std::string_view name, save what) {
    const auto id = in_->id_of(name);
    const store::expectation on{.what = what.on, .seen = seen_.of(id)};
    const auto done = co_await put(id, name, std::move(what), on);
    if (!done) co_return std::unexpected(done.error());
    switch (done->outcome) {
        case store::outcome::kept: co_return saved::kept;
        case store::outcome::differs: co_return saved::differs;
        case store::outcome::ended: break;
    }
    co_return saved::dropped;
}

task<result<saved>> client::change(std::string_view name, const decision& decide) {
    const auto id = in_->id_of(name);
    for (;;) {
        const auto found = co_await store_.read(id, true, now());
        if (!found) co_return std::unexpected(found.error());
        auto next = decide(found->record ? &*found->record : nullptr);
        if (!next) co_return saved::differs;
        if (!found->record && found->at > seen_.of(id)) co_return saved::dropped;
        const store::expectation on{.what = found->record ? kind::exact : kind::absent,
                                    .seen = found->at};
        const auto done = co_await put(id, name, std::move(*next), on);
        if (!done) co_return std::unexpected(done.error());
        if (done->outcome == store::outcome::kept) co_return saved::kept;
    }
}

/// The client does not count as having seen the end: what it still saves was under way before.
task<result<bool>> client::end(std::string_view name) {
    const auto done = co_await store_.erase(in_->id_of(name), {}, remembered(name), now());
    if (!done) co_return std::unexpected(done.error());
    co_return done->outcome == store::outcome::kept;
}

task<result<bool>> client::end_if(std::string_view name, std::string_view value) {
    const auto id = in_->id_of(name);
    for (;;) {
        const auto found = co_await store_.read(id, false, now());
        if (!found) co_return std::unexpected(found.error());
        if (!found->record || found->record->data != value) co_return false;
        const auto done = co_await store_.erase(id, {.what = kind::exact, .seen = found->at},
                                                remembered(name), now());
        if (!done) co_return std::unexpected(done.error());
        if (done->outcome == store::outcome::kept) co_return true;
    }
}

task<result<bool>> client::touch_if(std::string_view name, std::string_view value,
                                    steady_time expires) {
    const auto id = in_->id_of(name);
    for (;;) {
        const auto found = co_await store_.read(id, false, now());
        if (!found) co_return std::unexpected(found.error());
        if (!found->record || found->record->data != value) co_return false;
        const auto done = co_await store_.touch(id, {.expires = expires, .seen = found->at}, now());
        if (!done) co_return std::unexpected(done.error());
        if (done->changed) co_return true;
    }
}

task<result<std::optional<store::record>>> client::take(std::string_view name) {
    const auto id = in_->id_of(name);
    for (;;) {
        auto found = co_await store_.read(id, true, now());
        if (!found) co_return std::unexpected(std::move(found.error()));
        if (!found->record) co_return std::nullopt;
        const auto done = co_await store_.erase(id, {.what = kind::exact, .seen = found->at},
                                                remembered(name), now());
        if (!done) co_return std::unexpected(done.error());
        if (done->outcome == store::outcome::kept) co_return std::move(found->record);
    }
}

task<result<store::touched>> client::touch(std::string_view name, store::touching how) {
    co_return co_await store_.touch(in_->id_of(name), how, now());
}

task<result<store::page>> client::scan(store::cursor from, std::size_t count) {
    co_return co_await store_.scan(in_->space, from, count, now());
}

}  // namespace hawser::sessions
