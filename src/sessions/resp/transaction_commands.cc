// SPDX-License-Identifier: Apache-2.0
#include "sessions/resp/command.h"
#include "sessions/resp/door.h"
#include "sessions/resp/transaction.h"

/// Commands that are kept until EXEC, and done in a row then (R3.5).
namespace hawser::sessions::resp {

namespace {

using state = transaction::state;

constexpr std::size_t work_of_a_look = 1024;  // about a microsecond

/// What it is, if that can be said without a wait: its data is not copied for that.
std::optional<result<std::optional<state>>> look_at_once(call& asked, std::string_view key) {
    door& at = asked.from.at();
    std::optional<state> is;
    const auto note = [&](const store::record_view* there, store::version) {
        if (there != nullptr) is = {.at = there->version, .expires = there->life.expires};
    };
    const auto id = asked.records().in().id_of(key);
    const auto done = at.shared().kept.show(id, false, at.now().steady, std::ref(note));
    if (!done) return std::nullopt;
    if (!*done) return std::unexpected(done->error());
    return is;
}

task<result<std::optional<state>>> look_at(call& asked, std::string_view key) {
    asked.from.note_work(work_of_a_look + key.size());
    if (auto is = look_at_once(asked, key)) co_return std::move(*is);
    const auto found = co_await asked.records().look(key);
    if (!found) co_return std::unexpected(found.error());
    asked.note_read(*found);
    if (!*found) co_return std::nullopt;
    co_return state{.at = (*found)->version, .expires = (*found)->life.expires};
}

/// Whether all that is watched is as it was; nothing: it has been answered that nobody knows.
///
/// What is promised: whoever has changed a watched record before EXEC began is found. Nobody else
/// of this worker has a turn between the first look and the first command, as far as the store
/// answers at once: then there is no breath in here, as 1,024 looks without a copy, and a mebibyte
/// of names, are no more than a turn. Where the store has to wait others have their turn anyway,
/// and may change what was looked at before.
task<std::optional<bool>> is_unchanged(call& asked) {
    for (const auto& each : asked.from.since_multi().all_watched()) {
        const auto is = co_await look_at(asked, each.key);
        if (!is) {
            asked.refuse(is.error());
            co_return std::nullopt;
        }
        if (*is != each.was) co_return false;
    }
    co_return true;
}

}  // namespace

task<> serve_multi(call& asked) {
    auto& pending = asked.from.since_multi();
    if (pending.is_open()) co_return asked.refuse("ERR MULTI calls can not be nested");
    pending.open();
    asked.out.ok();
}

task<> serve_exec(call& asked) {
    auto& pending = asked.from.since_multi();
    if (!pending.is_open()) co_return asked.refuse("ERR EXEC without MULTI");
    if (pending.is_spoilt()) {
        pending.close();
        co_return asked.refuse("EXECABORT Transaction discarded because of previous errors.");
    }
    const auto unchanged = co_await is_unchanged(asked);
    const auto commands = pending.take();
    if (!unchanged) co_return;
    if (!*unchanged) co_return asked.out.no_array();
    asked.out.array(commands.size());
    for (const auto& each : commands) co_await asked.from.serve_queued(each);
}

task<> serve_discard(call& asked) {
    auto& pending = asked.from.since_multi();
    if (!pending.is_open()) co_return asked.refuse("ERR DISCARD without MULTI");
    pending.close();
    asked.out.ok();
}

task<> serve_watch(call& asked) {
    auto& pending = asked.from.since_multi();
    if (pending.is_open()) co_return asked.refuse("ERR WATCH inside MULTI is not allowed");
    for (const auto key : asked.arguments.subspan(1)) {
        const auto is = co_await look_at(asked, key);
        if (!is) co_return asked.refuse(is.error());
        if (!pending.watch(key, *is)) co_return asked.refuse("ERR too many keys are watched");
        co_await asked.from.breathe();
    }
    asked.out.ok();
}

task<> serve_unwatch(call& asked) {
    asked.from.since_multi().unwatch();
    asked.out.ok();
    co_return;
}

}  // namespace hawser::sessions::resp
