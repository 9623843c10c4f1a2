// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/configuration/access.h"
#include "app/configuration/addresses.h"
#include "app/configuration/answers.h"
#include "app/configuration/rate_limit.h"
#include "base/bytes.h"
#include "config/settings.h"

namespace hawser::app {

/// The protocols that a request may change its connection to.
enum class upgrade : std::uint8_t { websocket };
constexpr std::array<config::word<upgrade>, 1> choices(upgrade) {
    return {{{"websocket", upgrade::websocket}}};
}

/// A rule from request to pool, or to an answer without one. Conditions that are left out match
/// everything; of several hosts, listeners or methods one must match.
struct route {
    std::vector<std::string> listener;
    std::vector<std::string> host;  ///< lower case after `load`
    std::string path;
    std::vector<std::string> method;
    text_pairs header;
    text_pairs query;

    std::string pool;  ///< this, or one of the next two
    std::optional<app::redirect> redirect;
    std::optional<app::response> respond;
    std::string rewrite_path;
    std::vector<clients::network> allow;
    std::vector<clients::network> deny;
    std::vector<network_file> allow_file;
    std::vector<network_file> deny_file;
    app::error_pages error_pages;
    config::switchable<app::compression> compress{};
    std::optional<std::chrono::milliseconds> timeout;
    config::switchable<byte_count> max_body{};
    std::vector<app::rate_limit> rate_limit;
    text_pairs set_request_headers;
    std::vector<std::string> remove_request_headers;
    text_pairs set_response_headers;
    std::vector<std::string> remove_response_headers;
    std::vector<upgrade> upgrades{upgrade::websocket};

    static void describe(config::fields<route>& field);
    friend bool operator==(const route&, const route&) = default;
};

/// The groups of its path's pattern; 0 if it is none.
[[nodiscard]] std::size_t groups_of_path(const route& one);

}  // namespace hawser::app
