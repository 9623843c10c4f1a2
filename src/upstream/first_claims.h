// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"

namespace hawser::upstream {

/// `first-claim` of a pool: what tells that requests without a key are one client's.
struct first_claim_rule {
    bool by_address = true;
    bool by_agent = true;
    std::chrono::milliseconds lasting{0};  ///< 0: they are sessions of their own

    [[nodiscard]] bool is_on() const noexcept { return lasting.count() != 0; }
    friend bool operator==(const first_claim_rule&, const first_claim_rule&) = default;
};

/// Where the first requests of clients that show no key yet have gone lately, so that those that
/// one client sends at once end on one server; and which sessions began with them, as the client
/// will keep the mark of one alone.
///
/// Shared by all workers. Bounded: a client takes the place of whoever had it, which is of no
/// consequence but that the other's next first request goes anywhere.
class first_claims {
  public:
    using key = std::array<std::uint64_t, 2>;  ///< keyed hashes; all zeros: none
    struct claimant {
        key client;
        key session;  ///< that begins with the request, if it is one that the client can show
    };

    /// The server that the client was sent to less than `lasting` ago; if there is none, `wanted`
    /// from now on.
    server_id claim(const claimant& who, server_id wanted, std::chrono::milliseconds lasting,
                    steady_time now);
    /// It is sent to `wanted` from now on, where it still was to `before`, which cannot have it.
    void replace(const claimant& who, server_id before, server_id wanted);

    /// The client has shown `session`: the others that began with it, each told once.
    [[nodiscard]] std::vector<key> settle(const key& client, const key& session);

  private:
    static constexpr std::size_t places = 4096;
    static constexpr std::size_t locks = 64;
    static constexpr std::size_t sessions_max = 8;

    struct claimed {
        key client{};
        server_id home = no_server_id;
        steady_time since{};
        std::array<key, sessions_max> sessions{};
        std::size_t count = 0;
    };

    [[nodiscard]] static std::size_t place_of(const key& client) noexcept {
        return client[0] % places;
    }

    std::array<std::mutex, locks> locks_;
    std::vector<claimed> all_{places};
};

}  // namespace hawser::upstream
