// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "base/ensure.h"
#include "store/store.h"

namespace hawser::store {

/// A store that is read by `show` and written by `revise`: what those promise is what `read` and
/// `write` do.
class at_once final : public store {
  public:
    explicit at_once(std::unique_ptr<store> below) : below_(std::move(below)) {
        below_->on_end([this](const ending& what) { tell(what); });
    }

    task<result<finding>> read(record_id id, bool sees, steady_time now) override {
        finding found;
        unsigned shown = 0;
        const auto done = below_->show(id, sees, now, [&](const record_view* there, version at) {
            ++shown;
            found.at = at;
            if (there == nullptr) return;
            found.record = there->copy();
        });
        ensure(done.has_value(), "a store that answers from memory answers at once");
        if (!*done) co_return std::unexpected(done->error());
        ensure(shown == 1, "it is shown once");
        co_return found;
    }

    task<result<change>> write(record_id id, record what, expectation on,
                               steady_time now) override {
        outcome judged = outcome::kept;
        const auto done = below_->revise(
            id, what.name, what.data, now, [&](const record_view* there, version at) {
                judged = judge(there, at, on);
                return revision{
                    .is = judged == outcome::kept ? revision::what::write : revision::what::leave,
                    .life = what.life,
                    .user = what.user,
                    .lasts = what.lasts,
                    .flags = what.flags};
            });
        if (!done) co_return co_await below_->write(id, std::move(what), on, now);
        if (!*done) co_return std::unexpected(done->error());
        const bool is_written = (*done)->was == revision::what::write;
        ensure(is_written == (judged == outcome::kept), "what is decided is done");
        change made{.outcome = judged, .at = (*done)->at};
        if (!is_written) co_return made;
        const auto settled = co_await below_->settle(*id.in, (*done)->unsettled, 1);
        if (!settled) co_return std::unexpected(settled.error());
        made.lasts = *settled;
        co_return made;
    }

    task<result<change>> erase(record_id id, expectation on, std::chrono::milliseconds remembered,
                               steady_time now) override {
        return below_->erase(id, on, remembered, now);
    }

    task<result<touched>> touch(record_id id, touching how, steady_time now) override {
        return below_->touch(id, how, now);
    }

    task<result<page>> scan(space& in, cursor from, std::size_t count, steady_time now) override {
        return below_->scan(in, from, count, now);
    }

    bool sweep(steady_time now, std::size_t budget) override { return below_->sweep(now, budget); }

  private:
    static outcome judge(const record_view* there, version at, const expectation& on) {
        using kind = expectation::kind;
        switch (on.what) {
            case kind::absent: return there != nullptr ? outcome::differs : outcome::kept;
            case kind::present: return there != nullptr ? outcome::kept : outcome::differs;
            case kind::exact:
                return there != nullptr && at == on.seen &&
                               (!on.expires || there->life.expires == *on.expires)
                           ? outcome::kept
                           : outcome::differs;
            case kind::any: break;
        }
        return there == nullptr && on.seen < at ? outcome::ended : outcome::kept;
    }

    std::unique_ptr<store> below_;
};

}  // namespace hawser::store
