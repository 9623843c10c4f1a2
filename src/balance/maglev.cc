// SPDX-License-Identifier: Apache-2.0
#include "balance/maglev.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "balance/mix.h"
#include "balance/rendezvous.h"
#include "base/limits.h"

namespace hawser::balance {

namespace {

constexpr auto nobody = std::numeric_limits<std::uint16_t>::max();
static_assert(limits::servers_of_pool_max < nobody, "a place in the roster fits a slot");

/// One server's order of preference: every slot once, since the number of slots is a prime.
class preference {
  public:
    preference(server_id owner, std::uint32_t weight, std::uint16_t place) noexcept
        : id(owner),
          weight(weight),
          place(place),
          next_(mix(std::to_underlying(owner)) % limits::maglev_slots),
          step_(1 + mix(mix(std::to_underlying(owner))) % (limits::maglev_slots - 1)) {}

    /// Takes the slot that it likes most of those that nobody has.
    void take(std::vector<std::uint16_t>& slots) noexcept {
        while (slots[next_] != nobody) advance();
        slots[next_] = place;
        advance();
    }

    server_id id;
    std::uint32_t weight;
    std::uint16_t place;
    std::uint32_t credit = 0;

  private:
    void advance() noexcept {
        next_ += step_;
        if (next_ >= limits::maglev_slots) next_ -= limits::maglev_slots;
    }

    std::size_t next_;
    std::size_t step_;
};

}  // namespace

server& maglev::pick(const request_key& key, candidates usable) {
    is_due_ |= roster_.update_weights(usable, key.now);
    if (std::exchange(is_due_, false)) build();

    const load_bound bound(settings_.headroom, usable);
    const std::uint64_t hash = mix(key.hash);
    for (unsigned tried = 0; tried < places_tried_max && !slots_.empty(); ++tried) {
        const std::uint64_t drawn = tried == 0 ? hash : mix(hash + tried);
        server* one = roster_.find(slots_[(drawn >> 32) * slots_.size() >> 32], usable);
        if (one != nullptr && bound.admits(*one)) return *one;
    }
    return highest_bid(key.hash, usable, bound);
}

void maglev::build() {
    std::vector<preference> all;
    std::uint32_t heaviest = 0;
    for (std::uint16_t place = 0; const auto& each : roster_.members()) {
        if (each.weight > 0) all.emplace_back(each.id, each.weight, place);
        heaviest = std::max(heaviest, each.weight);
        ++place;
    }
    slots_.clear();
    if (all.empty()) return;
    // The same table on every node, in whatever order the servers are written.
    std::ranges::sort(all, {}, &preference::id);

    slots_.resize(limits::maglev_slots, nobody);
    std::size_t left = slots_.size();
    while (left > 0) {
        for (preference& one : all) {
            one.credit += one.weight;
            if (one.credit < heaviest) continue;
            one.credit -= heaviest;
            one.take(slots_);
            if (--left == 0) break;
        }
    }
}

}  // namespace hawser::balance
