// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/siphash.h"
#include "sessions/glob.h"
#include "store/record.h"
#include "store/space.h"

namespace hawser::sessions {

/// How the sessions of a namespace are treated. Replaced as a whole by a reload.
struct terms {
    /// Names of records that are sessions: they live by the limits below, and their end is final.
    /// All other records (locks, indexes, counters) live as the application says.
    std::vector<std::string> session_keys;
    std::chrono::milliseconds idle{0};      ///< 0: however long
    std::chrono::milliseconds absolute{0};  ///< 0: however long
    /// How long an end keeps off saves that were under way.
    std::chrono::milliseconds end_remembered{0};
    std::size_t record_bytes_max = 0;
    store::durability lasts = store::durability::memory;  ///< which losses records outlive

    [[nodiscard]] bool is_session(std::string_view name) const {
        return std::ranges::any_of(session_keys,
                                   [&](const auto& form) { return matches(form, name); });
    }

    friend bool operator==(const terms&, const terms&) = default;
};

/// One application's sessions: all pools and doors of it reach the same ones. Lives as long as any
/// of its records.
class name_space {
  public:
    /// `index` is a secret of this namespace, the same on every node.
    name_space(std::string name, std::uint8_t number, const crypto::siphash_key& index)
        : space(std::move(name), number), index_(index) {}

    /// What a store knows a record by: it tells nobody without the key what the name is, and
    /// clients cannot aim at each other's places.
    [[nodiscard]] store::record_id id_of(std::string_view name) {
        const std::span bytes(reinterpret_cast<const std::uint8_t*>(name.data()), name.size());
        return {.in = &space, .hash = crypto::siphash128(index_, bytes)};
    }

    store::space space;

  private:
    crypto::siphash_key index_;
};

}  // namespace hawser::sessions
