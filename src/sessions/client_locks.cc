// SPDX-License-Identifier: Apache-2.0
#include "async/loop.h"
#include "sessions/client.h"

/// How libraries' locks are taken, in turn, and freed when their connection goes (T6).
namespace hawser::sessions {

namespace {

using kind = store::expectation::kind;

constexpr std::size_t locks_of_client_max = 256;  // of more nothing is known here

steady_time now() { return loop::current().now().steady; }

}  // namespace

task<result<saved>> client::lock(std::string_view name, save what) {
    const auto id = in_->id_of(name);
    const std::string called(name);
    const bool is_known = locks_.contains(called) || locks_.size() < locks_of_client_max;
    if (!in_->locks.may_take(id.hash, number_, now())) {
        if (is_known) locks_.try_emplace(called);
        in_->locks.refuse(id.hash, number_, now());
        co_return saved::differs;
    }
    const std::string value = what.data;
    const steady_time ends = what.expires;
    const auto done = co_await put(id, name, std::move(what), {.what = kind::absent});
    if (!done) co_return std::unexpected(done.error());
    if (done->outcome != store::outcome::kept) {
        if (is_known) locks_.try_emplace(called);
        in_->locks.refuse(id.hash, number_, now());
        co_return saved::differs;
    }
    in_->locks.take(id.hash, {.connection = number_, .who = called_, .since = now(), .ends = ends});
    if (is_known) locks_[called] = value;
    co_return saved::kept;
}

/// Only what is still its own: a lock that has expired may be somebody else's by now.
task<> client::free_locks() {
    for (auto& [name, value] : std::exchange(locks_, {})) {
        in_->locks.forget(in_->id_of(name).hash, number_, now());
        if (!value) continue;
        const auto freed = co_await end_if(name, *value);
        if (freed && *freed) in_->locks_freed.fetch_add(1, std::memory_order_relaxed);
    }
}

}  // namespace hawser::sessions
