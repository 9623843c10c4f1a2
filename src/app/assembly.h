// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "affinity/issuer.h"
#include "app/certificates.h"
#include "app/difference.h"
#include "app/effective.h"
#include "app/rate_limits.h"
#include "crypto/key_ring.h"
#include "observe/counters.h"
#include "proxy/snapshot.h"
#include "upstream/snapshot.h"

namespace hawser::app {

class session_service;

/// What the workers issue marks with: one issuer each, and the control thread one behind them, to
/// look at marks with; made anew when the key ring changes.
class issuers {
  public:
    issuers(const crypto::key_ring& ring, std::size_t workers);

    [[nodiscard]] const std::shared_ptr<affinity::issuer>& of(unsigned worker) const {
        return all_[worker];
    }
    [[nodiscard]] std::uint64_t session_salt() const noexcept { return session_salt_; }
    /// Tells one set of issuers from another.
    [[nodiscard]] std::uint64_t serial() const noexcept { return serial_; }

  private:
    std::vector<std::shared_ptr<affinity::issuer>> all_;
    std::uint64_t session_salt_ = 0;
    std::uint64_t serial_;
};

/// Makes what the proxy serves by, each time from what there is already: pools, listeners and
/// routes that a change does not name are the same objects in the next snapshot, and cost it a
/// pointer each.
class assembly {
  public:
    assembly(observe::counters& counters, rate_limits& rates, std::size_t workers)
        : counters_(counters), rates_(rates), workers_(workers) {}

    /// What a snapshot is made of. `changed` names what differs from the one before.
    struct parts {
        const effective& given;
        const effective& before;
        const changed_parts& changed;
        const upstream::snapshot& fleet;
        const secured_terms& secured;
        std::shared_ptr<const issuers> marks;
        const session_service& data;
    };

    [[nodiscard]] std::shared_ptr<proxy::snapshot> next(const parts& of);
    /// The present one, for whoever changes what stands beside the parts.
    [[nodiscard]] std::shared_ptr<proxy::snapshot> again() const {
        return std::make_shared<proxy::snapshot>(*present_);
    }
    [[nodiscard]] const proxy::snapshot& present() const noexcept { return *present_; }

    /// The pool as it is served now; null: there is none.
    [[nodiscard]] std::shared_ptr<const proxy::pool_setup> find(std::string_view pool) const;

  private:
    std::vector<std::size_t> place_pools(proxy::snapshot& into, const parts& of);
    std::size_t take_place(const std::string& name, proxy::snapshot& into);
    void set_listeners(proxy::snapshot& into, const parts& of, std::span<const std::size_t> places);
    void count_traffic(proxy::listener_setup& setup, const proxy::snapshot& of,
                       std::span<const std::size_t> places);

    observe::counters& counters_;
    rate_limits& rates_;
    std::size_t workers_;
    std::shared_ptr<const proxy::snapshot> present_ = std::make_shared<const proxy::snapshot>();
    std::map<std::string, std::size_t, std::less<>> places_;  ///< of the present pools
    std::vector<std::size_t> empty_places_;
};

}  // namespace hawser::app
