// SPDX-License-Identifier: Apache-2.0
// Sessions: lists of them, what becomes of one or of many, and why requests go where they go.
#include <string>
#include <utility>

#include "admin/asked.h"
#include "admin/endpoint.h"
#include "admin/guard.h"
#include "admin/json.h"
#include "admin/problem.h"
#include "admin/session_wanted.h"
#include "admin/wanted.h"

namespace hawser::admin {

task<http::served_answer> endpoint::sessions(const call& asked) {
    auto wanted = read_query<page_wanted>(asked.asked);
    if (!wanted) co_return problem(400, wanted.error().context);
    const auto page = co_await node_.sessions(std::move(*wanted));
    if (!page) co_return problem(page.error());
    co_return http::served_answer{.body = json_of(*page)};
}

task<http::served_answer> endpoint::explanations(const call& asked) {
    auto wanted = read_query<explanations_wanted>(asked.asked);
    if (!wanted) co_return problem(400, wanted.error().context);
    co_return http::served_answer{.body = json_of(node_.explanations_of(wanted->request))};
}

task<http::served_answer> endpoint::explain(const call& asked) {
    if (!is_json(asked.asked))
        co_return problem(415, "this needs `Content-Type: application/json`");
    const auto wanted = read_body<explain_wanted>(asked.asked);
    if (!wanted) co_return problem(wanted.error());
    const auto told = node_.explain(*wanted);
    if (!told) co_return problem(told.error());
    co_return http::served_answer{.body = json_of(*told)};
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
