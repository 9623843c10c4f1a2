// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/limits.h"
#include "upstream/crowd.h"
#include "upstream/release.h"
#include "upstream/server.h"

namespace hawser::upstream {

/// `timeouts` of a pool: how long to wait for its servers.
struct pool_timeouts {
    std::chrono::milliseconds connect = std::chrono::seconds(5);
    std::chrono::milliseconds response = std::chrono::seconds(60);  ///< to the end of the head
    std::chrono::milliseconds idle = std::chrono::seconds(60);      ///< between two bytes of a body
    std::chrono::milliseconds tunnel = std::chrono::hours(1);       ///< of a silent WebSocket

    friend bool operator==(const pool_timeouts&, const pool_timeouts&) = default;
};

/// `health.passive` of a pool: when traffic itself shows that a server is unfit.
struct passive_settings {
    bool is_on = true;
    std::uint32_t connect_failures = 3;  ///< in a row that take a server out
    std::uint32_t answer_failures = 5;   ///< in a row: 5xx, no answer, too late
    std::chrono::milliseconds base = std::chrono::seconds(10);  ///< the first time out; doubles
    std::chrono::milliseconds maximum = std::chrono::minutes(5);
    /// Of the pool, by anything but failed connects; but always one, where there are others.
    unsigned out_percent = limits::unwell_percent_max;

    // What is judged at the end of each window (health/comparison.h).
    std::chrono::milliseconds window = std::chrono::seconds(10);
    std::uint32_t window_requests = 50;  ///< fewer say nothing about a server
    unsigned error_percent = 0;          ///< of its requests that failed; 0: however many
    unsigned slowness = 0;               ///< times the pool's median; 0: however slow
    std::chrono::milliseconds slow_from = std::chrono::milliseconds(100);  ///< faster is fast

    friend bool operator==(const passive_settings&, const passive_settings&) = default;
};

/// `queue` of a pool: how many requests may wait for a place, and for how long.
struct queue_settings {
    std::uint32_t length = 0;       ///< over all workers; 0: nobody waits
    std::uint32_t home_length = 0;  ///< of those, for one home; 0: no limit of its own
    std::chrono::milliseconds timeout = std::chrono::seconds(10);

    friend bool operator==(const queue_settings&, const queue_settings&) = default;
};

/// What becomes of a request whose session's home has no place for it.
enum class home_full : std::uint8_t {
    spill,  ///< another server answers it; the session stays
    wait,   ///< for its home, and for no other
    move,   ///< the session gets another home
};

/// What becomes of a request whose session's home is down.
enum class home_down : std::uint8_t {
    move,       ///< its session gets another home, by the balancer
    wait,       ///< for its home, as `home_down_rule` says
    refuse,     ///< 503; the session stays
    successor,  ///< as `move`, by an order that is the same on all nodes
};

/// `when-home-is-down` of a pool.
struct home_down_rule {
    home_down then = home_down::move;   ///< never `wait`
    std::chrono::milliseconds wait{0};  ///< for its home, before that; 0: not at all

    friend bool operator==(const home_down_rule&, const home_down_rule&) = default;
};

/// `valuable` of a pool: which sessions are worth more than others, and what becomes of them.
struct value_rule {
    std::vector<std::string> paths = {};  ///< whoever asks for something below one of them
    bool when_proven = false;             ///< whoever has shown a key that was verified
    std::optional<home_down_rule> when_home_is_down = {};  ///< else as of all others

    [[nodiscard]] bool looks_at_requests() const noexcept { return when_proven || !paths.empty(); }
    friend bool operator==(const value_rule&, const value_rule&) = default;
};

/// Who stands in for a server that is down.
struct succession {
    server_id of;
    server_id by;

    friend bool operator==(const succession&, const succession&) = default;
};

struct pool_settings {
    pool_timeouts timeouts = {};
    passive_settings passive = {};
    bool is_checked = false;                      ///< its servers are asked how they are
    std::uint32_t retries = limits::retries_max;  ///< of one request, besides the retry budget
    unsigned retry_percent = limits::retry_percent_max;  ///< of its requests: the retry budget
    std::string weight_field = {};  ///< of answers, reports a server's weight; empty: none does
    /// With fewer of its servers up, all of them are used, whatever health says; 0: never.
    unsigned panic_percent = 0;
    drain_policy drain = {};
    rebalance_policy rebalance = {};
    bool shares_data = false;  ///< what its servers know of a session, all of them know
    queue_settings queue = {};
    home_full when_home_is_full = home_full::spill;
    home_down_rule when_home_is_down = {};
    value_rule valuable = {};
    /// A session whose home is down stays bound to it, and is only served by its successor.
    bool returns_home = false;
    std::vector<succession> successors = {};
    first_claim_rule first_claim = {};
    bool agrees = false;  ///< new sessions are placed by their keys, alike on all nodes
    std::vector<release> releases = {};
    crowd_limits limits = {};
    std::chrono::seconds retry_after = std::chrono::seconds(1);  ///< told when all is full

    /// Somebody sees that a server which was out is fit again; else it would be out for good.
    [[nodiscard]] bool lets_in_again() const noexcept { return passive.is_on || is_checked; }

    friend bool operator==(const pool_settings&, const pool_settings&) = default;
};

/// What a request asks of a pool that must find it a server.
struct attempt {
    steady_time now;
    std::span<const server* const> tried = {};  ///< by this request, in vain
    /// Could be sent once more if the server fails it: such a request is preferred for trials.
    bool is_repeatable = false;
    const upstream::release* of = nullptr;  ///< no other server will do; null: any
    bool only_looks = false;  ///< nobody is sent anywhere: a trial that is due is not taken
};

/// A pool as one snapshot has it: its name, its settings, its servers. Immutable; what changes is
/// inside the servers, which outlive it.
class pool {
  public:
    /// `around` is what the pool had before; null: it is new.
    pool(std::string name, pool_settings settings, std::vector<std::shared_ptr<server>> servers,
         std::shared_ptr<upstream::crowd> around = nullptr);

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] pool_id id() const noexcept { return id_; }
    [[nodiscard]] const pool_settings& settings() const noexcept { return settings_; }

    /// Who waits, and how much is under way.
    [[nodiscard]] upstream::crowd& crowd() const noexcept { return *crowd_; }
    [[nodiscard]] const std::shared_ptr<upstream::crowd>& share_crowd() const noexcept {
        return crowd_;
    }

    /// By priority, and among equals in the order of the configuration.
    [[nodiscard]] std::span<const std::shared_ptr<server>> servers() const noexcept {
        return servers_;
    }

    /// Null when no server of this pool has that id.
    [[nodiscard]] server* find(server_id id) const noexcept;
    [[nodiscard]] server* find(std::string_view name) const noexcept;
    [[nodiscard]] std::shared_ptr<server> share(server_id id) const noexcept;

    /// Who is named to stand in for that server; null: nobody.
    [[nodiscard]] server* successor_of(server_id id) const noexcept;

    /// Which release a server belongs to; null: none.
    [[nodiscard]] const release* release_of(server_id id) const noexcept;
    /// That one of its servers could have a session, or could but for want of room.
    [[nodiscard]] bool is_alive(const release& one,
                                std::span<const server* const> tried = {}) const noexcept;
    /// The release that begins at `hash`, by their shares of new sessions; null: there are none.
    [[nodiscard]] const release* release_for(std::uint64_t hash) const noexcept;

    /// The servers that may become a new home, without those already tried, gathered in
    /// `scratch`, all of one priority; a balancer ranks them. Empty means 503, at once: nobody is
    /// left.
    ///
    /// When the trial of a server is due, the request may get that server as its only candidate,
    /// and must then go there and report. Repeatable requests take trials first, so that a server
    /// that is still broken costs no client an error; others when none of them came in time, and
    /// anybody when no server is up. In panic (`is_in_panic`) health excludes nobody.
    [[nodiscard]] std::span<server* const> candidates(const attempt& asked,
                                                      std::vector<server*>& scratch) const;

    /// So few are up that health is not believed any more: better a server that may be unfit than
    /// those that are left under everybody's load.
    [[nodiscard]] bool is_in_panic() const noexcept;

    /// A server that was not tried could have the request but for want of a place.
    [[nodiscard]] bool is_only_full(std::span<const server* const> tried,
                                    const release* of = nullptr) const noexcept;

    /// How many servers are up and take new sessions.
    [[nodiscard]] std::size_t count_usable() const noexcept;

  private:
    struct entry {
        server_id id;
        server* found;
    };

    [[nodiscard]] static bool is_asked(const attempt& asked, const server& one) noexcept;
    std::span<server* const> all_that_take_new(const attempt& asked,
                                               std::vector<server*>& scratch) const;

    std::string name_;
    pool_id id_;
    pool_settings settings_;
    std::vector<std::shared_ptr<server>> servers_;
    std::vector<entry> by_id_;  // sorted
    std::shared_ptr<upstream::crowd> crowd_;
};

}  // namespace hawser::upstream
