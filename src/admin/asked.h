// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/json_reader.h"
#include "config/settings.h"
#include "http/server.h"
#include "http/uri.h"

/// What somebody has asked for, read as strictly as the configuration, by the same means.
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

/// A query read as the settings struct `Wanted`.
template <typename Wanted>
[[nodiscard]] result<Wanted> read_query(const http::served_request& asked) {
    std::string_view query = asked.query;
    auto written = config::node::empty_map();
    config::diagnostics problems;
    while (!query.empty()) {
        auto one = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(one.size() + 1, query.size()));
        const std::string key(one.substr(0, one.find('=')));
        one.remove_prefix(std::min(key.size() + 1, one.size()));
        std::string space(one.size(), '\0');
        if (written.find(key) != nullptr) return fail(errc::malformed, key + " is there twice");
        written.set(key, config::node::plain(std::string(http::percent_decoded(one, space))));
    }
    Wanted wanted;
    config::codec<Wanted>::read(written, wanted, problems);
    if (problems.has_errors()) return fail(errc::malformed, problems.text());
    return wanted;
}

}  // namespace hawser::admin
