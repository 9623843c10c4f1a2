// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>

#include "config/settings.h"
#include "discovery/discovery.h"

namespace hawser::discovery {

/// One server as the file names it.
struct listed_server {
    std::string address;
    std::optional<std::uint32_t> weight;
    std::uint32_t priority = 0;
    std::string release;

    static void describe(config::fields<listed_server>& field);
};

/// What stands in the file: `servers: {a: 10.0.0.1:8000}`, as YAML or JSON.
struct server_list {
    std::map<std::string, listed_server, std::less<>> servers;

    static void describe(config::fields<server_list>& field);
};

/// Reads such a text. Everything that is wrong is told at once, with its place in `name`.
[[nodiscard]] result<std::vector<sighting>> read_server_list(std::string_view text,
                                                             const std::string& name);

/// The servers that a file names, read again when it is replaced by a rename or written anew.
///
/// The kernel tells of that; as it does not everywhere, the file is looked at now and then besides.
class file final : public discovery {
  public:
    static constexpr std::string_view name = "file";
    static constexpr std::string_view summary = "A file of servers, YAML or JSON, that is watched.";

    struct settings {
        std::string path;
        std::chrono::milliseconds poll = std::chrono::seconds(5);

        static void describe(config::fields<settings>& field);
        bool operator==(const settings&) const = default;
    };

    file(const settings& given, const surroundings& around)
        : settings_(given), engine_(around.engine) {}

    [[nodiscard]] task<result<sightings>> look() override;
    [[nodiscard]] std::string where() const override { return settings_.path; }

  private:
    std::optional<result<sightings>> read_if_new();

    settings settings_;
    io::engine& engine_;
    std::string seen_;  ///< its text at the last look, or why there was none
    bool is_seen_ = false;
};

}  // namespace hawser::discovery
