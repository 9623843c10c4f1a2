// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/result.h"
#include "io/endpoint.h"
#include "io/engine.h"

namespace hawser::discovery {

/// A server that was found.
struct sighting {
    std::string name;  ///< its identity: sessions are bound to it, wherever it moves
    io::endpoint address;
    std::optional<std::uint32_t> weight = {};  ///< nothing: what the pool gives all that are found
    std::uint32_t priority = 0;
    std::string host = {};     ///< the name that led to it, for TLS; empty: its address alone
    std::string release = {};  ///< of its pool's, which it runs; empty: nothing is said of it

    friend bool operator==(const sighting&, const sighting&) = default;
};

/// Everybody who was found, each name once.
struct sightings {
    std::vector<sighting> servers = {};
    /// What could not be seen this time, so that what was seen of it before stands in; empty: all
    /// was.
    std::string gap = {};
};

/// Finds the servers of one pool. Of the control thread, for as long as its settings stay the same.
class discovery {
  public:
    virtual ~discovery() = default;

    /// Waits until there may be news (the first time it does not), and looks. Whoever was found is
    /// told whole; after an error everybody stays who was there. `cancelled` when it is stopped.
    [[nodiscard]] virtual task<result<sightings>> look() = 0;

    /// Where it looks, for people: a name, a path.
    [[nodiscard]] virtual std::string where() const = 0;
};

/// What kinds are made with besides their settings.
struct surroundings {
    io::engine& engine;  ///< of the thread that looks
};

}  // namespace hawser::discovery
