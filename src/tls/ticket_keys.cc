// SPDX-License-Identifier: Apache-2.0
#include "tls/ticket_keys.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <utility>

#include "base/big_endian.h"
#include "base/ensure.h"
#include "crypto/hkdf.h"

namespace hawser::tls {

namespace {

constexpr std::string_view label_of_roots = "hawser tls tickets";
constexpr std::string_view label_of_keys = "hawser tls ticket key";

std::uint64_t period_of(wall_time now) {
    const auto since = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
    return std::uint64_t(since / std::chrono::seconds(limits::ticket_key_time));
}

std::uint64_t next_id() {
    static std::atomic<std::uint64_t> given = 0;
    return ++given;
}

}  // namespace

ticket_keys::ticket_keys(const crypto::key_ring& ring) : id_(next_id()) {
    for (const auto& each : ring.keys())
        roots_.push_back({.id = each.id,
                          .seals_from = each.seals_from,
                          .secret = crypto::derive<32>(each.bytes.bytes(), {}, label_of_roots)});
    ensure(!roots_.empty(), "a key ring has a key: its file is refused without");
}

ticket_keys::name ticket_keys::sealing_at(wall_time now) const {
    const auto later = std::ranges::upper_bound(roots_, now, {}, &root::seals_from);
    const root& by = later == roots_.begin() ? roots_.front() : *std::prev(later);
    name made{};
    const std::span all(made);
    put_big_endian(all.first<4>(), std::to_underlying(by.id));
    put_big_endian(all.subspan<4, 8>(), period_of(now));
    return made;
}

const ticket_keys::key* ticket_keys::open(const name& named, const terms_digest& under,
                                          wall_time now, memo& last) const {
    const std::span all(named);
    const auto id = crypto::key_id{big_endian<std::uint32_t>(all.first<4>())};
    const auto period = big_endian<std::uint64_t>(all.subspan<4, 8>());
    const auto by = std::ranges::find(roots_, id, &root::id);
    if (by == roots_.end()) return nullptr;
    // Clocks of nodes differ a little.
    const std::uint64_t latest = period_of(now + limits::clock_skew_max);
    if (period > latest || period + limits::ticket_keys_before < period_of(now)) return nullptr;
    if (last.of == id_ && last.named == named && last.under == under) return &last.derived;

    std::array<std::uint8_t, sizeof period + std::tuple_size_v<terms_digest>> salt{};
    put_big_endian(std::span(salt).first<8>(), period);
    std::ranges::copy(under, salt.begin() + sizeof period);
    const auto both = crypto::derive<64>(by->secret.bytes(), salt, label_of_keys);
    last = {.of = id_,
            .named = named,
            .under = under,
            .derived = {.cipher = crypto::secret<32>(both.bytes().first<32>()),
                        .mac = crypto::secret<32>(both.bytes().last<32>())}};
    return &last.derived;
}

}  // namespace hawser::tls
