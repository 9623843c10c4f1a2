// SPDX-License-Identifier: Apache-2.0
// Sessions: lists of them, and what becomes of one or of many.
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "admin/body.h"
#include "admin/endpoint.h"
#include "admin/json.h"
#include "admin/problem.h"
#include "admin/session_wanted.h"
#include "http/uri.h"

namespace hawser::admin {

namespace {

/// A query read as the settings struct `Wanted`.
template <typename Wanted>
result<Wanted> read_query(std::string_view query) {
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

}  // namespace

task<http::served_answer> endpoint::sessions(const call& asked) {
    auto wanted = read_query<page_wanted>(asked.asked.query);
    if (!wanted) co_return problem(400, wanted.error().context);
    const auto page = co_await node_.sessions(std::move(*wanted));
    if (!page) co_return problem(page.error());
    co_return http::served_answer{.body = json_of(*page)};
}

template <typename Wanted, typename Change>
task<result<outcome>> endpoint::change_sessions(const call& asked, const order& by, Change change) {
    auto wanted = read_body<Wanted>(asked.asked);
    if (!wanted) co_return std::unexpected(std::move(wanted.error()));
    if (wanted->is_any()) co_return fail(errc::invalid, "say which sessions: at least their pool");
    session_change what = change(*wanted);
    co_return co_await node_.change_sessions(std::move(*wanted), std::move(what), by);
}

task<result<outcome>> endpoint::move_sessions(const call& asked, const order& by) {
    return change_sessions<move_wanted>(asked, by, [](const move_wanted& wanted) {
        return session_change{.is = session_change::what::move, .to = wanted.to};
    });
}

task<result<outcome>> endpoint::pin_sessions(const call& asked, const order& by) {
    return change_sessions<pin_wanted>(asked, by, [](const pin_wanted& wanted) {
        using enum session_change::what;
        return session_change{.is = wanted.pin ? pin : unpin};
    });
}

task<result<outcome>> endpoint::end_sessions(const call& asked, const order& by) {
    return change_sessions<end_wanted>(asked, by,
                                       [](const end_wanted&) { return session_change(); });
}

}  // namespace hawser::admin
