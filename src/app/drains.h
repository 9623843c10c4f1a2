// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "observe/exposition.h"
#include "proxy/departure.h"
#include "registry/drain_survey.h"
#include "registry/registry.h"
#include "upstream/server.h"
#include "upstream/snapshot.h"

namespace hawser::app {

/// How far a drain has come.
enum class drain_phase : std::uint8_t {
    draining,
    cutting,  ///< the deadline has come: what is still open is ended
    drained,  ///< the server is home of nobody
    lifted,   ///< it is ready again, in maintenance, or gone
};

[[nodiscard]] std::string_view name_of(drain_phase phase) noexcept;

/// One drain of one server, from its beginning until another one takes its place.
struct drain {
    std::uint64_t number = 0;  ///< in the process: another one is another drain
    std::string pool;
    std::shared_ptr<upstream::server> server;
    upstream::drain_policy policy;
    steady_time begun;
    steady_time empty_from = begun;  ///< before, nobody can tell that nobody is left
    drain_phase phase = drain_phase::draining;
    bool is_past_deadline = false;  ///< it did not end by itself
    std::optional<registry::drain_left> left = {};
    std::optional<std::chrono::seconds> to_go = {};  ///< expected, by the lives of other sessions
    std::uint64_t released = 0;                      ///< sessions that the end found there

    /// `empty`, `deadline`, `lifted`; empty while it goes on.
    [[nodiscard]] std::string_view outcome() const noexcept;
    static constexpr std::string_view ended_empty = "empty";

    // While it ends.
    steady_time cut_end{};
    registry::cursor release_at = {};

    [[nodiscard]] steady_time deadline() const noexcept { return begun + policy.deadline; }
    [[nodiscard]] bool is_under_way() const noexcept {
        return phase == drain_phase::draining || phase == drain_phase::cutting;
    }
    /// Nobody is left, and nothing is in flight.
    [[nodiscard]] bool is_empty(steady_time now) const noexcept {
        return left && left->sessions() == 0 && server->in_flight() == 0 && now >= empty_from;
    }
};

/// A drain that began in a process before this one, or of which only the state was said.
struct earlier_drain {
    std::uint64_t number = 0;                      ///< 0: it gets a new one
    std::optional<upstream::drain_policy> policy;  ///< nothing: the pool's
    std::chrono::milliseconds age{0};
    bool is_over = false;      ///< it has ended there, and ends here at once
    bool was_in_time = false;  ///< before its deadline
};

/// What has happened since the start, for metrics.
struct drain_counts {
    std::uint64_t begun = 0;
    std::uint64_t ended_empty = 0;
    std::uint64_t ended_at_deadline = 0;
    std::uint64_t lifted = 0;

    [[nodiscard]] std::uint64_t ended() const noexcept { return ended_empty + ended_at_deadline; }
};

/// The drains of a node. A server whose state is `drain` has one, whoever set that state: the
/// operator, the file, or whoever restored it.
///
/// Owned by the control thread, which lets it look ten times a second, at what drains and not at
/// what does not; each look takes a bounded time. Workers read a server's state and `leave_terms`,
/// nothing else.
class drains {
  public:
    /// Asks all workers to end what they have with `server`.
    using caller = std::function<void(const upstream::server& server, const proxy::parting& what)>;

    /// What is remembered of the drain of a server whose state is `drain`; nothing: nobody set it.
    using memory = std::function<std::optional<earlier_drain>(const upstream::pool& pool,
                                                              const upstream::server& server)>;

    drains(registry::registry& sessions, caller call)
        : sessions_(sessions), call_(std::move(call)) {}

    /// Whom it asks about servers that drain already when it first looks.
    void remember_by(memory recall) { recall_ = std::move(recall); }
    /// Every session is known from the start, so whoever has none is empty.
    void know_all_sessions() noexcept { knows_all_ = true; }
    /// A former process still has requests with servers, which nobody sees here: no server is
    /// empty meanwhile.
    void share_with_former(bool while_it_lives) noexcept { is_shared_ = while_it_lives; }
    /// Another process goes on with them: what happens here is cut, but neither told nor counted.
    void leave_to_another() noexcept { is_left_to_another_ = true; }

    /// Drains a server, whose state is `drain`, by `policy` from now on; a drain that it had is
    /// over.
    const drain& begin(const upstream::pool& pool, std::shared_ptr<upstream::server> server,
                       const upstream::drain_policy& policy, steady_time now);

    /// The state of servers of that pool may be another one: the next look sees whether one drains.
    void look_into(std::string pool) { stirred_.insert(std::move(pool)); }

    /// Sees which servers drain now, how far they are, and ends what is over.
    void look(const upstream::snapshot& servers, steady_time now);

    /// How long sessions of a pool are kept that nobody uses: what an end is reckoned by.
    void set_idle_limit(pool_id pool, std::chrono::seconds limit) { idle_limits_[pool] = limit; }

    /// It may be stopped: its drain is over, its sessions have been let go of, and nothing is
    /// under way there.
    [[nodiscard]] bool is_drained(const upstream::server& one) const;

    /// The present drain of a server or its last; null: it had none.
    [[nodiscard]] const drain* find(server_id server) const;
    [[nodiscard]] const std::map<server_id, drain>& all() const noexcept { return all_; }
    [[nodiscard]] const drain_counts& counts() const noexcept { return counts_; }
    /// Of the drain that begins next.
    [[nodiscard]] std::uint64_t next_number() const noexcept { return numbers_ + 1; }

  private:
    void follow(const upstream::snapshot& servers, steady_time now);
    void find_again(const upstream::snapshot& servers);
    void resume(const upstream::pool& pool, const std::shared_ptr<upstream::server>& server,
                steady_time now);
    void lift(drain& one);
    void count(std::uint64_t& what) const;
    void tell(const drain& one, std::string_view what) const;
    void survey(steady_time now);
    void note(const registry::drain_survey& found);
    void advance(drain& one, steady_time now);
    void end(drain& one, bool is_past_deadline, steady_time now);
    void finish(drain& one, steady_time now);
    void cut_by_rules(const drain& one);

    registry::registry& sessions_;
    caller call_;
    memory recall_ = [](const upstream::pool&, const upstream::server&) { return std::nullopt; };
    std::map<server_id, drain> all_;
    std::map<pool_id, std::chrono::seconds> idle_limits_;
    std::optional<registry::drain_survey> survey_;
    std::set<std::string> stirred_;  ///< pools that are to be looked into
    std::uint64_t followed_ = 0;     ///< the number of the snapshot that was seen last; 0: none
    std::uint64_t numbers_ = 0;
    bool knows_all_ = false;
    bool is_shared_ = false;
    bool is_left_to_another_ = false;
    drain_counts counts_;
};

/// What a scrape shows of them.
void collect_drains(observe::exposition& into, const drains& from);

}  // namespace hawser::app
