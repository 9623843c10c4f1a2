// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/configuration.h"
#include "base/result.h"
#include "config/settings.h"

namespace hawser::app {

/// What of a server a person set at run time.
enum class override_field : std::uint8_t { added, removed, state, weight };

constexpr std::array<config::word<override_field>, 4> choices(override_field) {
    return {{{"added", override_field::added},
             {"removed", override_field::removed},
             {"state", override_field::state},
             {"weight", override_field::weight}}};
}

[[nodiscard]] std::string_view name_of(override_field which) noexcept;

/// How a server is to be drained, beside that it is: so that its drain goes on in the next process.
struct wanted_drain {
    std::uint64_t number = 0;  ///< drain::number
    drain_settings terms;
    std::string outcome = {};  ///< drain::outcome, once it is over: it does not begin anew then

    static void describe(config::fields<wanted_drain>& field);
    friend bool operator==(const wanted_drain&, const wanted_drain&) = default;
};

/// One value that a person set at run time, over what the file says.
struct set_value {
    std::string pool;
    std::string server;
    override_field field = override_field::state;

    // Of these the one that `field` names.
    std::optional<app::server> settings = {};  ///< of an added server
    std::optional<upstream::admin_state> state = {};
    std::optional<std::uint32_t> weight = {};

    std::optional<wanted_drain> drain = {};  ///< of the state `drain`, where more was said
    std::string file = {};                   ///< what the file said of it then; empty: nothing
    std::string who = {};
    std::string when = {};  ///< `2026-11-24T12:00:00Z`

    /// The value, for people: `drain`, `5`, an added server's address.
    [[nodiscard]] std::string text() const;

    static void describe(config::fields<set_value>& field);
    friend bool operator==(const set_value&, const set_value&) = default;
};

/// What the file says of a value that can be set at run time: a state, a weight; of `added` and
/// `removed` the server's address. Empty where it does not name the server.
[[nodiscard]] std::string said_by(const configuration& file, std::string_view pool,
                                  std::string_view server, override_field field);

/// All that people have set at run time: a value, merged over each configuration that is read.
///
/// A set value holds until it is lifted, or until the file says of that very value something else
/// than it did: then the file was changed later, and counts. There is at most one of each field
/// of a server.
class overrides {
  public:
    overrides() = default;
    explicit overrides(std::vector<set_value> all) : all_(std::move(all)) {}

    /// In the order in which they were set.
    [[nodiscard]] std::span<const set_value> all() const noexcept { return all_; }
    [[nodiscard]] const set_value* find(std::string_view pool, std::string_view server,
                                        override_field field) const noexcept;

    /// Sets one, in the place of an earlier one of the same field. `exhausted` beyond their number.
    [[nodiscard]] result<> put(set_value one);

    /// How the drain of a server ended, whose state people have set; of another one nothing.
    void remember(std::string_view pool, std::string_view server, const wanted_drain& ended);

    /// Lifts one field of a server, or all; returns how many. Lifting `added` takes the server
    /// away, and with it what else was set of it.
    std::size_t lift(std::string_view pool, std::string_view server,
                     std::optional<override_field> field = {});

    /// Lifts those that `file` has overtaken, and returns them.
    std::vector<set_value> yield_to(const configuration& file);

    /// Something of that pool was set.
    [[nodiscard]] bool concern(std::string_view pool) const noexcept;
    /// The names of the pools of which `other` has something else.
    [[nodiscard]] std::vector<std::string> pools_unlike(const overrides& other) const;

    /// A pool with what was set; what has no place in it is left out.
    [[nodiscard]] pool over(std::string_view name, pool of_file) const;

    friend bool operator==(const overrides&, const overrides&) = default;

  private:
    std::vector<set_value> all_;
};

}  // namespace hawser::app
