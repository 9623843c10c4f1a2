// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>

#include "app/effective.h"
#include "app/place_share.h"
#include "base/clock.h"
#include "base/result.h"
#include "state/channel.h"
#include "state/records.h"
#include "upstream/snapshot.h"

namespace hawser::app {

/// What the two processes of an upgrade tell each other of servers while both have clients, so that
/// one judgement serves both, and so that together they keep to `max-connections`.
///
/// One of them decides: the old one until it retires, the new one from when it accepts. What that
/// one finds, by checks, agents and traffic, is taken over by the other, whose traffic in turn may
/// take a server out or bring it back from that, but not from being down. Whoever decides answers
/// each word with what holds then, so that words that cross each other end in the same.
///
/// Begun and ended by the control thread; besides one thread tells and one takes.
class server_news {
  public:
    enum class side : std::uint8_t { old_one, new_one };
    /// That state is what a server has asked for, in the other process.
    using wish = std::function<void(const std::shared_ptr<upstream::server>& which,
                                    const std::string& pool, upstream::admin_state wanted)>;

    // On the control thread.

    /// The other process tells and hears from now on.
    void begin(side which, const upstream::snapshot& all, const effective& by);
    /// These are the servers now, and these their limits; does nothing while there is no upgrade.
    void follow(const upstream::snapshot& all, const effective& by);
    /// Whether this process decides from now on. Everything is told anew.
    void decide(bool here);
    /// The other process is gone: limits are whole again. What only its checks could have lifted
    /// is lifted.
    void end();
    /// Who is called, on the control thread, with what agents ask for; else it is done there.
    void on_wish(wish told) { wished_ = std::move(told); }
    /// By which the thread that takes has things done on the control thread; else they are done at
    /// once. Requests that wait hear of changes, for which there must be a loop.
    void post_by(std::function<void(std::function<void()>)> post) { post_ = std::move(post); }

    // On a thread each.

    /// Whatever is another than was told, or taken, last. Looks for no more than a tenth of the
    /// time, however many servers there are.
    [[nodiscard]] result<> tell(state::channel& with, steady_time end);
    [[nodiscard]] result<> take(const state::message& told);

  private:
    struct known_server {
        known_server() = default;
        known_server(std::shared_ptr<upstream::server> one, const upstream::pool& in)
            : server(std::move(one)), crowd(in.share_crowd()), pool(in.name()) {}

        std::shared_ptr<upstream::server> server;
        std::shared_ptr<upstream::crowd> crowd;
        std::string pool;
        upstream::admin_state asked = upstream::admin_state::ready;
        bool may_be_out = true;  ///< somebody would let it in again
        place_share places;
        std::optional<state::finding> told;  ///< what the other process knows; nothing: unsure
        state::finding heard;                ///< what it said last
        std::uint32_t changes = 0;           ///< of its fitness that were found here, and told
        std::optional<state::finding> seen;  ///< its fitness when it was last told or taken over
    };

    [[nodiscard]] state::finding look(known_server& one) const;
    void take(std::span<const state::finding> all);
    void take(known_server& one, state::finding said);
    bool adopt(known_server& one, const state::finding& said);
    void take_places(known_server& one, const state::finding& said) const;
    void limit(const known_server& one) const;

    std::mutex mutex_;  // never held while a word is sent
    bool is_on_ = false;
    side side_ = side::old_one;
    bool decides_ = false;
    steady_time due_{};
    std::unordered_map<server_id, known_server> known_;
    std::function<void(std::function<void()>)> post_ = [](const auto& what) { what(); };
    wish wished_ = [](const auto& which, const auto&, auto wanted) { which->ask_for(wanted); };
};

}  // namespace hawser::app
