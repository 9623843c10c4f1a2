// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "http/server.h"

namespace hawser::admin {

/// Why a change is not made.
struct objection {
    unsigned status = 0;
    std::string why = {};
};

/// What a change says besides its body.
///
/// `If-Match` (RFC 9110, 13.1.1) guards against lost updates: it names the revision (the ETag of
/// any answer) that the change is meant for. Another one is served by: 412, and nothing is done. It
/// is missing where the configuration requires it: 428 (RFC 6585). `*` is whatever is served by.
struct change_options {
    bool is_trial = false;   ///< `?dry_run=true`
    bool is_forced = false;  ///< `?force=true`
    std::string_view if_match = {};

    /// Refuses a body of another type (415), and parameters that are not known (400).
    [[nodiscard]] static std::expected<change_options, objection> of(
        const http::served_request& asked, bool takes_body);

    /// Set if the change is meant for another revision than `present`.
    [[nodiscard]] std::optional<objection> stale(std::string_view present, bool is_required) const;
};

}  // namespace hawser::admin
