// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/level.h"
#include "app/configuration/addresses.h"
#include "app/configuration/door_tls.h"
#include "app/configuration/tls.h"
#include "config/settings.h"

namespace hawser::app {

inline constexpr std::string_view default_admin = "127.0.0.1:9901";

/// What the owner of a certificate may do.
struct certificate_grant {
    std::string subject;  ///< as RFC 2253 writes it
    hawser::admin::level may = hawser::admin::level::viewer;

    static void describe(config::fields<certificate_grant>& field);
    friend bool operator==(const certificate_grant&, const certificate_grant&) = default;
};

/// The operator's endpoint.
struct admin {
    config::switchable<listen_address> bind{listen_address::of(default_admin)};
    std::vector<std::string> allowed_hosts;
    config::switchable<door_tls> tls{};
    std::vector<certificate_grant> certificates;
    file_path tokens;
    std::map<std::string, hawser::admin::level, std::less<>> users;
    bool require_if_match = false;
    config::switchable<std::uint64_t> confirm_above{};
    std::string audit = "log";  ///< or a file's path

    static void describe(config::fields<admin>& field);
    friend bool operator==(const admin&, const admin&) = default;
};

/// Why the endpoint may not listen there: everybody could change the node. Empty: it may.
[[nodiscard]] std::string why_open(const admin& given);

}  // namespace hawser::app
