// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"
#include "io/endpoint.h"
#include "upstream/approach.h"
#include "upstream/fitness.h"
#include "upstream/instance.h"
#include "upstream/leave_terms.h"
#include "upstream/load.h"
#include "upstream/places.h"
#include "upstream/queue.h"
#include "upstream/rebalance.h"
#include "upstream/slow_start.h"
#include "upstream/weight.h"

namespace hawser::upstream {

struct crowd;

/// What people want of a server. That it is down, nobody wants: fitness says so.
enum class admin_state : std::uint8_t {
    ready,
    drain,        ///< serves the sessions it is home to, and nobody new
    maintenance,  ///< serves nobody
};

[[nodiscard]] std::string_view name_of(admin_state state) noexcept;

/// What the configuration says of one server.
struct server_description {
    std::string name;
    io::endpoint address;
    upstream::approach approach = {};
    std::uint32_t weight = 1;           ///< 0: nobody new, as drain
    std::uint32_t connections_max = 0;  ///< 0: no limit
    std::uint32_t sessions_max = 0;     ///< 0: no limit
    admin_state state = admin_state::ready;
    bool reports_weight = false;  ///< servers of its pool ask for a share of their weight
    upstream::slow_start slow_start = {};
    std::uint32_t priority = 0;  ///< the lower, the sooner it is asked

    friend bool operator==(const server_description&, const server_description&) = default;
};

/// One application server: who it is, what people and health say of it, how loaded it is.
///
/// One object a server, shared by all workers and kept over reloads; all that changes is atomic.
/// The address does not, nor how it is approached: a server that moves becomes a new object under
/// the same id (fleet.h), since load, health and connections belong to what listens there.
class server final : fitness_listener {
  public:
    /// `serial` is this object's own number in the process, never used again.
    server(std::string_view pool, const server_description& described, std::size_t workers,
           std::uint32_t serial);

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] server_id id() const noexcept { return id_; }
    [[nodiscard]] const io::endpoint& address() const noexcept { return address_; }
    [[nodiscard]] const upstream::approach& approach() const noexcept { return approach_; }
    [[nodiscard]] std::uint32_t serial() const noexcept { return serial_; }

    /// Up, ready, of some weight and not full: may become the home of a new session.
    [[nodiscard]] bool is_usable_for_new() const noexcept {
        return is_fit_for_new() && !places.is_full();
    }
    /// The same, were there a place for its request.
    [[nodiscard]] bool is_fit_for_new() const noexcept {
        return health.is_up() && takes_new() && !sessions.is_full();
    }
    /// It would be, but there is no room for the request or for the session.
    [[nodiscard]] bool is_only_full() const noexcept {
        return health.is_up() && takes_new() && (places.is_full() || sessions.is_full());
    }

    /// May serve a session whose home it is: ready or drain, and up, or its trial was due and is
    /// now this request's (so ask only on behalf of a request that will go there). A full server
    /// says yes here: `places` decides when the exchange takes one.
    [[nodiscard]] bool admits_home(steady_time now) noexcept {
        return state() != admin_state::maintenance && (health.is_up() || health.take_trial(now));
    }

    /// People let new sessions go there, whatever its health and load.
    [[nodiscard]] bool takes_new() const noexcept {
        return state() == admin_state::ready && weight() > 0;
    }

    /// What counts: the more of what people want and of what the server asks for.
    [[nodiscard]] admin_state state() const noexcept {
        return state_.load(std::memory_order_relaxed);
    }
    // By one thread, the one that reloads.
    [[nodiscard]] admin_state asked_for() const noexcept { return asked_; }
    void set_state(admin_state wanted) noexcept;
    /// By its agent.
    void ask_for(admin_state own) noexcept {
        asked_ = own;
        set_state(wanted_);
    }

    /// The drain has ended, until the server is ready again: nobody is sent there any more, and
    /// nothing is under way there. Its sessions may still have to be let go of: whether it may be
    /// stopped, `app::drains::is_drained` says.
    [[nodiscard]] bool is_drained() const noexcept {
        return state() == admin_state::drain && leaving.is_over() && in_flight() == 0;
    }

    /// A session whose home it is, and which stood so before its request, goes elsewhere with it.
    [[nodiscard]] bool lets_go(const standing& session) const noexcept {
        return state() == admin_state::drain && leaving.lets_go(session);
    }

    /// What counts beside the other servers of its pool.
    [[nodiscard]] std::uint32_t weight() const noexcept { return weights.effective(); }
    void set_weight(std::uint32_t wanted) noexcept { weights.set(wanted); }

    /// It has just come: it gets to its weight little by little, where its pool wants that.
    void begin_slowly() noexcept { warming.begin(); }

    /// Requests of its pool wait for a place in `crowd`. Before the first one comes.
    void join(std::shared_ptr<crowd> all);
    /// Whoever waits for a place here, or anywhere in the pool, looks again where it may go.
    void have_looked_again() noexcept {
        if (crowd_ != nullptr) queue_of_pool().look_again_at(*this);
    }

    /// New sessions go there only where no server of a lower number may be asked.
    [[nodiscard]] std::uint32_t priority() const noexcept {
        return priority_.load(std::memory_order_relaxed);
    }
    void set_priority(std::uint32_t wanted) noexcept {
        priority_.store(wanted, std::memory_order_relaxed);
    }

    /// The instance mark that the server announced last; 0 if it announces none.
    [[nodiscard]] generation instance() const noexcept { return instance_.mark(); }
    /// An answer brought `mark` over a connection that was opened at `opened`.
    void announce(generation mark, steady_time opened) noexcept {
        instance_.announce(mark, opened);
    }

    /// Whether a binding that was given at `given`, to the instance `mark`, leads to a process that
    /// still knows its session, as far as this node can say. Where both marks are known they
    /// decide; else a server that was gone since then has forgotten it. Who saw nothing believes.
    [[nodiscard]] bool is_still(generation mark, wall_time given) const noexcept;

    /// Requests and tunnels that all workers have with the server now.
    [[nodiscard]] std::uint32_t in_flight() const noexcept { return load.in_flight(); }

    // Parts with promises of their own.
    upstream::fitness health;
    std::atomic<bool> has_passed_checks{false};  ///< those that it is under, in any process
    upstream::weight weights;
    upstream::outlier_tally outliers;
    upstream::places places;
    upstream::load load;
    upstream::session_count sessions;
    warm_up warming;
    line waits_here;  ///< under the lock of the pool's queue
    leave_terms leaving;
    balance_due balance;

  private:
    void fitness_changed(bool is_up) noexcept override;
    [[nodiscard]] queue& queue_of_pool() const noexcept;

    const std::string name_;
    const server_id id_;
    const io::endpoint address_;
    const upstream::approach approach_;
    const std::uint32_t serial_;
    admin_state wanted_;
    admin_state asked_ = admin_state::ready;
    std::atomic<admin_state> state_;
    std::atomic<std::uint32_t> priority_;
    upstream::instance instance_;
    std::shared_ptr<crowd> crowd_;
};

}  // namespace hawser::upstream
