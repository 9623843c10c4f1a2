// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "async/loop.h"
#include "async/stop.h"
#include "base/limits.h"
#include "crypto/random.h"
#include "proxy/goodbye.h"

namespace hawser::proxy {

/// What a worker is asked to end of what it has with a server, and within which time.
struct parting {
    std::chrono::milliseconds within = limits::farewell_time;
    bool tunnels = false;
    bool answers = false;  ///< whose head has gone to the client
    bool unused = false;   ///< connections that carry nothing
};

/// Where those who are under way for long hear that they must go: each at a moment of its own, so
/// that their clients do not come back all at once. Used on one worker's thread.
class departure {
  public:
    departure(const goodbye& said, crypto::random_stock& random)
        : said_(&said), random_(random), told_(std::in_place) {}
    departure(const departure&) = delete;
    departure& operator=(const departure&) = delete;

    /// Calls all who listen now, and none who come later: one in each `limits::farewell_gap`, or
    /// faster where they are so many that `within` would not do.
    void call(std::chrono::milliseconds within);
    /// The same, for another reason than usual.
    void call(std::chrono::milliseconds within, const goodbye& why) {
        said_ = &why;
        call(within);
    }

    [[nodiscard]] const goodbye& said() const noexcept { return *said_; }
    [[nodiscard]] std::size_t listening() const noexcept { return listening_; }

  private:
    friend class leaver;

    [[nodiscard]] steady_time next_moment();

    const goodbye* said_;
    crypto::random_stock& random_;
    std::optional<stop_source> told_;
    std::size_t listening_ = 0;
    std::size_t called_ = 0;
    steady_time::duration step_{};  ///< between two who are called
};

/// Somebody who is under way for long. Its moment stops `due`, which outlives it.
class leaver final : timer {
  public:
    explicit leaver(stop_source& due) : due_(due) {}
    leaver(const leaver&) = delete;
    leaver& operator=(const leaver&) = delete;
    ~leaver() = default;

    /// Goes when `node` or `server` calls, whichever is first; both outlive it.
    void listen_to(departure* node, departure* server);
    /// Goes now.
    void go(const goodbye& why);
    /// Goes at `moment`, if nobody has called it before.
    void go_at(const goodbye& why, steady_time moment);

    /// Why it must go, though its moment may still be to come; null while nobody has called it.
    [[nodiscard]] const goodbye* must_go() const noexcept { return said_; }
    /// Why it goes; null while its moment has not come.
    [[nodiscard]] const goodbye* said() const noexcept {
        return due_.is_stopped() ? said_ : nullptr;
    }

  private:
    class ear final : stop_listener {
      public:
        explicit ear(leaver& of) : owner_(of) {}
        ear(const ear&) = delete;
        ear& operator=(const ear&) = delete;
        ~ear() { forget(); }

        void listen_to(departure* to);
        void forget();

      private:
        void stopped() noexcept override;

        leaver& owner_;
        departure* heard_ = nullptr;
    };

    void expired(steady_time) override { due_.stop(); }

    stop_source& due_;
    const goodbye* said_ = nullptr;
    ear node_{*this};
    ear server_{*this};
};

}  // namespace hawser::proxy
