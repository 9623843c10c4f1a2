// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "config/codec.h"
#include "discovery/discovery.h"

namespace hawser::discovery {

/// What becomes of a server that is seen no more.
enum class farewell : std::uint8_t {
    drain,  ///< it leaves as its sessions do
    drop,   ///< it is gone at once, and its sessions move
};

constexpr std::array<config::word<farewell>, 2> choices(farewell) {
    return {{{"drain", farewell::drain, "it is drained, then gone"},
             {"drop", farewell::drop, "it is gone at once, and its sessions move"}}};
}

/// Who belongs to one pool, as what was seen of it makes them come and go. Sans-I/O.
class membership {
  public:
    struct member {
        sighting seen;
        std::optional<steady_time> gone_since = {};  ///< nothing: it was there at the last look

        friend bool operator==(const member&, const member&) = default;
    };

    /// Those who were there before anybody looked: they count as seen until somebody has.
    void begin_with(std::vector<sighting> servers);

    /// Says anew of each which release it runs.
    void give_releases(const std::function<std::string(const sighting&)>& release_of);

    /// Takes what was seen. True if anything is different from before.
    bool take(std::vector<sighting> servers, farewell how, steady_time now);

    /// Lets those go who are leaving and of whom `is_drained` says so. True if there were any.
    bool let_go(const std::function<bool(std::string_view)>& is_drained);

    /// By name; those who are leaving among them.
    [[nodiscard]] std::span<const member> members() const noexcept { return members_; }
    [[nodiscard]] std::size_t leaving() const noexcept;

  private:
    std::vector<member> members_;
};

}  // namespace hawser::discovery
