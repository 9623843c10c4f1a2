// SPDX-License-Identifier: Apache-2.0
#include "crypto/sealer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/big_endian.h"
#include "base/ensure.h"
#include "crypto/hkdf.h"
#include "crypto/random.h"
#include "crypto/subkeys.h"

namespace hawser::crypto {

namespace {

/// What travels in clear before the sealed text.
struct header {
    static constexpr std::size_t size = 4 + std::tuple_size_v<salt> + 4;

    key_id which{};
    salt with{};
    std::uint32_t count = 0;

    void write(std::span<std::uint8_t, size> out) const {
        put_big_endian(out.first<4>(), std::to_underlying(which));
        std::ranges::copy(with, out.begin() + 4);
        put_big_endian(out.last<4>(), count);
    }

    static header read(std::span<const std::uint8_t, size> bytes) {
        header made{.which = key_id{big_endian<std::uint32_t>(bytes.first<4>())},
                    .with = {},
                    .count = big_endian<std::uint32_t>(bytes.last<4>())};
        std::ranges::copy(bytes.subspan<4, std::tuple_size_v<salt>>(), made.with.begin());
        return made;
    }

    /// A salt has one subkey, and a subkey meets each count once, so no nonce repeats.
    [[nodiscard]] aes_gcm::nonce nonce() const {
        aes_gcm::nonce once{};
        put_big_endian(std::span(once).last<4>(), count);
        return once;
    }
};
static_assert(sealer::overhead == header::size + aes_gcm::tag_size);

/// The key of our purpose that belongs to one key of the ring.
struct purpose_key {
    key_id which;
    wall_time seals_from;
    secret<32> bytes;

    [[nodiscard]] secret<32> subkey(const salt& with) const {
        return derive<32>(bytes.bytes(), with, "hawser subkey");
    }
};

}  // namespace

struct sealer::state {
    state(const key_ring& ring, std::string_view purpose, std::uint64_t limit)
        : seals_per_salt(limit) {
        ensure(limit > 0 && limit <= seals_per_salt_max, "the count of a salt's seals has 32 bits");
        // The salt is drawn at the first seal; without entropy there must not be a start (E168).
        start_random();
        for (const auto& one : ring.keys()) {
            keys.push_back({one.id, one.seals_from, derive<32>(one.bytes.bytes(), {}, purpose)});
        }
    }

    /// The header of the next seal: under a new salt if there is none yet, if this one is used up,
    /// or if a newer key's time has come.
    header next(wall_time now) {
        if (sealed == seals_per_salt || now >= newer_from) renew(now);
        current.count = static_cast<std::uint32_t>(sealed++);
        return current;
    }

    void renew(wall_time now) {
        const auto later = std::ranges::upper_bound(keys, now, {}, &purpose_key::seals_from);
        const auto& key = later == keys.begin() ? keys.front() : *std::prev(later);
        newer_from = wall_time::max();
        for (const auto& one : keys) {
            if (one.seals_from > std::max(now, key.seals_from)) {
                newer_from = one.seals_from;
                break;
            }
        }
        current.which = key.which;
        random_bytes(current.with);
        cipher.seal_with(key.subkey(current.with).bytes());
        sealed = 0;
    }

    const purpose_key* find(key_id which) const {
        const auto found = std::ranges::find(keys, which, &purpose_key::which);
        return found == keys.end() ? nullptr : &*found;
    }

    std::vector<purpose_key> keys;  ///< in the ring's order: by the time from which they seal

    std::uint64_t seals_per_salt;
    std::uint64_t sealed = 0;                 ///< under the current salt
    wall_time newer_from = wall_time::min();  ///< when the next key's time comes
    header current;
    aes_gcm cipher;

    subkeys opened;
    aes_gcm attempt;  ///< for salts that are not among `opened`
};

sealer::sealer(const key_ring& ring, std::string_view purpose, std::uint64_t seals_per_salt)
    : state_(std::make_unique<state>(ring, purpose, seals_per_salt)) {}

sealer::~sealer() = default;

void sealer::seal(std::span<const std::uint8_t> plain, std::span<const std::uint8_t> associated,
                  wall_time now, std::span<std::uint8_t> out) {
    ensure(out.size() == plain.size() + overhead, "room for the text and what makes it sealed");
    const auto head = state_->next(now);
    head.write(out.first<header::size>());
    state_->cipher.seal(head.nonce(), associated, plain, out.subspan(header::size));
}

std::expected<void, seal_fault> sealer::open(std::span<const std::uint8_t> sealed,
                                             std::span<const std::uint8_t> associated,
                                             std::span<std::uint8_t> out) {
    if (sealed.size() < overhead) return std::unexpected(seal_fault::cut);
    const auto head = header::read(sealed.first<header::size>());
    const auto body = sealed.subspan(header::size);
    const auto opens = [&](aes_gcm& cipher) {
        return cipher.open(head.nonce(), associated, body, out);
    };

    if (auto* const known = state_->opened.find(head.which, head.with)) {
        if (opens(*known)) return {};
        return std::unexpected(seal_fault::broken);
    }
    const auto* const key = state_->find(head.which);
    if (key == nullptr) return std::unexpected(seal_fault::unknown_key);
    state_->attempt.open_with(key->subkey(head.with).bytes());
    if (!opens(state_->attempt)) return std::unexpected(seal_fault::broken);
    state_->opened.keep(head.which, head.with, std::exchange(state_->attempt, aes_gcm()));
    return {};
}

}  // namespace hawser::crypto
