// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "http/server.h"

namespace hawser::admin {

/// Why a request may not be answered; empty: it may. Static text.
///
/// A browser on the operator's machine reaches the loopback too, so a page of any site could ask
/// there. What such a page cannot forge is looked at: Host (a rebound name shows itself), Origin
/// and Sec-Fetch-Site (E170).
[[nodiscard]] std::string_view reason_to_refuse(const http::served_request& asked,
                                                std::span<const std::string> allowed_hosts);

/// The body claims to be JSON, which a form of another site cannot send.
[[nodiscard]] bool is_json(const http::served_request& asked);

}  // namespace hawser::admin
