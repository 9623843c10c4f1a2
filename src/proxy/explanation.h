// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "upstream/pool.h"

namespace hawser::proxy {

/// Why a request is answered by whom it is, step by step: of one that came, or of one that might.
/// No key, token or cookie value is in it.
struct explanation {
    struct step {
        std::string_view name;  ///< `route`, `key`, `session`, `home`, ...; static
        std::string says;
    };
    /// A server of the pool, when one was chosen.
    struct candidate {
        std::string server;
        std::string_view why_not;  ///< static; empty: it may be chosen
        bool is_home = false;
    };
    /// One choice of a server: there are several where attempts fail or it waited.
    struct choice {
        std::vector<candidate> candidates = {};
        std::string server = {};  ///< empty: nobody
        std::string_view verdict = {};
        std::string_view cause = {};
    };

    wall_time when{};
    std::string request_id = {};
    std::uint64_t session = 0;  ///< as the access log shows it; 0: none
    std::string pool = {};
    std::vector<step> steps = {};
    std::vector<choice> choices = {};
    unsigned status = 0;          ///< of the answer; 0: none, or nobody has asked
    std::string_view ended = {};  ///< as in the access log

    void add(std::string_view name, std::string says) { steps.push_back({name, std::move(says)}); }
};

/// Why `one` may not become the home of a new session; empty: it may. Static text.
[[nodiscard]] std::string_view why_not(const upstream::server& one) noexcept;

/// Every server of `pool` with what speaks against it; `home` is that of the session, and `of` the
/// release that it has to be of, if that is not null.
[[nodiscard]] std::vector<explanation::candidate> candidates_of(
    const upstream::pool& pool, std::span<const upstream::server* const> tried, server_id home,
    const upstream::release* of = nullptr);

/// The explanations of requests that were watched, the last of them. For any thread.
class explanation_shelf {
  public:
    static constexpr std::size_t most = 256;

    void put(std::shared_ptr<const explanation> one);
    /// The latest first: those whose request id is `request_id`, or all if that is empty.
    [[nodiscard]] std::vector<std::shared_ptr<const explanation>> find(
        std::string_view request_id) const;

  private:
    mutable std::mutex lock_;
    std::deque<std::shared_ptr<const explanation>> all_;
};

}  // namespace hawser::proxy
