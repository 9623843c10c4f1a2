// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "config/json_reader.h"
#include "config/settings.h"
#include "http/server.h"

namespace hawser::admin {

/// A body read as the settings struct `Wanted`; an empty one is `{}`.
template <typename Wanted>
[[nodiscard]] result<Wanted> read_body(const http::served_request& asked) {
    config::diagnostics problems;
    const auto written =
        config::parse_json(asked.body.empty() ? "{}" : asked.body, "body", problems);
    Wanted wanted;
    if (!problems.has_errors()) config::codec<Wanted>::read(written, wanted, problems);
    if (problems.has_errors()) return fail(errc::invalid, problems.text());
    return wanted;
}

}  // namespace hawser::admin
