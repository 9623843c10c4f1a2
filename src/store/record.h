// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace hawser::store {

class space;

/// Which record: the namespace it belongs to, and the keyed hash of the name that it has there.
/// Who reads a store's keys learns no name from them.
struct record_id {
    space* in = nullptr;
    std::array<std::uint64_t, 2> hash{};

    friend bool operator==(const record_id&, const record_id&) = default;
};

/// Grows with every write and every end in one place of a store, so a later one is greater. A touch
/// changes no version.
enum class version : std::uint64_t {};

/// Older than any: nothing has been there.
inline constexpr version no_version{};

/// When a record ends: at the first of these moments.
struct lifetime {
    steady_time expires = no_deadline;      ///< as the application has said
    std::chrono::milliseconds idle{0};      ///< since it was last seen; 0: however long
    std::chrono::milliseconds absolute{0};  ///< since it was created; 0: however long

    [[nodiscard]] steady_time end_of(steady_time created, steady_time seen) const {
        const auto after = [](steady_time from, std::chrono::milliseconds span) {
            return span.count() == 0 || from > no_deadline - span ? no_deadline : from + span;
        };
        return std::min({expires, after(seen, idle), after(created, absolute)});
    }

    friend bool operator==(const lifetime&, const lifetime&) = default;
};

/// Which losses a record outlives. What a store cannot give it refuses.
enum class durability : std::uint8_t { memory, interval, sync };

/// One session, as all stores keep it; what the application keeps in it is opaque.
struct record {
    std::string name;  ///< in full, for scans and events
    std::string data;
    lifetime life;
    std::uint64_t user = 0;  ///< hash of the user's key; 0: nobody is known
    durability lasts = durability::memory;
    std::uint8_t flags = 0;  ///< what kind of data; means something to sessions/ only

    // Kept by the store.

    store::version version{};
    steady_time created{};
    steady_time seen{};

    [[nodiscard]] steady_time ends() const { return life.end_of(created, seen); }
};

/// A record where it lies: valid as long as it is shown.
struct record_view {
    std::string_view name;
    std::string_view data;
    lifetime life;
    std::uint64_t user = 0;
    durability lasts = durability::memory;
    std::uint8_t flags = 0;
    store::version version{};
    steady_time created{};
    steady_time seen{};

    [[nodiscard]] steady_time ends() const { return life.end_of(created, seen); }
    [[nodiscard]] record copy() const {
        return {.name = std::string(name),
                .data = std::string(data),
                .life = life,
                .user = user,
                .lasts = lasts,
                .flags = flags,
                .version = version,
                .created = created,
                .seen = seen};
    }
};

}  // namespace hawser::store
