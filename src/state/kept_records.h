// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "base/clock.h"
#include "base/result.h"
#include "state/bytes.h"
#include "store/record.h"

namespace hawser::state {

/// What the old process of an upgrade tells the new one of what applications keep, item by item:
/// one stream of bytes, cut into messages wherever they are full. Times are the machine's steady
/// clock. Layout in docs/state.md.

/// A namespace, before anything of it.
struct kept_space {
    std::uint8_t number = 0;  ///< of it in what follows
    std::uint64_t light = 0;  ///< records of class `memory` that are there
    std::string name;

    friend bool operator==(const kept_space&, const kept_space&) = default;
};

/// A session that has another id since a moment ago.
struct kept_renewal {
    std::uint8_t space = 0;
    std::array<std::uint64_t, 2> old{};
    std::array<std::uint64_t, 2> called{};
    steady_time changed{};

    friend bool operator==(const kept_renewal&, const kept_renewal&) = default;
};

/// A record, or the tombstone of one.
struct kept_record {
    std::uint8_t space = 0;
    std::array<std::uint64_t, 2> hash{};
    bool is_tombstone = false;
    store::record_view what;  ///< of one that was read: valid until more is added to the reader
};

/// That was all.
struct kept_end {
    store::version last = store::no_version;  ///< none greater was given out

    friend bool operator==(const kept_end&, const kept_end&) = default;
};

using kept_item = std::variant<kept_space, kept_renewal, kept_record, kept_end>;

void append(const kept_item& one, bytes& out);

/// Reads items from what comes in pieces.
class kept_reader {
  public:
    void add(std::span<const std::uint8_t> more);
    /// The next one; nothing, if more has to come. `malformed`: that is none.
    [[nodiscard]] result<std::optional<kept_item>> next();

  private:
    bytes came_;
    std::size_t read_ = 0;  ///< so much of it
};

}  // namespace hawser::state
