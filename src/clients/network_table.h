// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "clients/network.h"

namespace hawser::clients {

/// Networks with a mark each, and which of them an address lies in: the longest one counts.
///
/// Two networks never overlap in part: one holds the other, or they are apart. So the whole table
/// is a sorted row of borders, each with the mark that holds from there to the next one, and a
/// search halves that row: some 17 steps through 3 MB for 100,000 networks.
class network_table {
  public:
    using mark = std::uint8_t;

    struct entry {
        clients::network network;
        mark marked = 0;
    };

    network_table() = default;
    /// Of two entries with the same network the later one counts.
    explicit network_table(std::vector<entry> entries);

    /// The mark of the longest network that holds `one`; none: no network does.
    [[nodiscard]] std::optional<mark> find(const io::ip_address& one) const noexcept;

    [[nodiscard]] bool empty() const noexcept { return starts_.empty(); }
    /// Borders kept: at most two for a network, and one more.
    [[nodiscard]] std::size_t borders() const noexcept { return starts_.size(); }

    friend bool operator==(const network_table&, const network_table&) = default;

  private:
    using place = unsigned __int128;  // an address as a number
    static constexpr std::uint16_t unmarked = 0x100;

    void put_border(place at, std::uint16_t marked);

    // Apart, so that a search touches nothing but what it compares.
    std::vector<place> starts_;
    std::vector<std::uint16_t> marks_;
};

/// Whether an address is one of some networks.
class network_set {
  public:
    network_set() = default;
    explicit network_set(std::span<const network> networks);

    [[nodiscard]] bool contains(const io::ip_address& one) const noexcept {
        return table_.find(one).has_value();
    }
    [[nodiscard]] bool empty() const noexcept { return table_.empty(); }

    friend bool operator==(const network_set&, const network_set&) = default;

  private:
    network_table table_;
};

}  // namespace hawser::clients
