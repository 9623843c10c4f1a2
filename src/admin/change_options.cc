// SPDX-License-Identifier: Apache-2.0
#include "admin/change_options.h"

#include <algorithm>

#include "admin/guard.h"

namespace hawser::admin {

namespace {

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// Takes what stands before the next `end`, and that.
std::string_view take_until(std::string_view& text, char end) {
    const auto part = text.substr(0, text.find(end));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    return part;
}

}  // namespace

std::expected<change_options, objection> change_options::of(const http::served_request& asked,
                                                            bool takes_body) {
    change_options found{.if_match = asked.field("If-Match")};
    if (takes_body && !is_json(asked))
        return std::unexpected(
            objection{415, "what changes something needs `Content-Type: application/json`"});
    if (!takes_body && !asked.body.empty())
        return std::unexpected(objection{422, "this takes no body"});
    for (std::string_view rest = asked.query; !rest.empty();) {
        const auto one = take_until(rest, '&');
        if (one == "dry_run=true")
            found.is_trial = true;
        else if (one == "force=true")
            found.is_forced = true;
        else if (one != "dry_run=false" && one != "force=false")
            return std::unexpected(
                objection{400, "only `dry_run` and `force` are known, `true` or `false`"});
    }
    return found;
}

std::optional<objection> change_options::stale(std::string_view present, bool is_required) const {
    if (if_match.empty()) {
        if (!is_required) return std::nullopt;
        return objection{428, "`If-Match` is required: the ETag of what you saw, or `*`"};
    }
    for (std::string_view rest = if_match; !rest.empty();) {
        const auto one = trimmed(take_until(rest, ','));
        if (one == "*" || one == present) return std::nullopt;
    }
    return objection{412, "the node has changed meanwhile: look at it again"};
}

}  // namespace hawser::admin
