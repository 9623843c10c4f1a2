// SPDX-License-Identifier: Apache-2.0
#include "proxy/text_template.h"

#include <algorithm>
#include <array>
#include <utility>

#include "http/raw_path.h"

namespace hawser::proxy {

result<text_template::part> text_template::variable_named(std::string_view name,
                                                          std::size_t groups) {
    constexpr std::array<std::pair<std::string_view, variable>, 7> known{{
        {"scheme", variable::scheme},
        {"authority", variable::authority},
        {"host", variable::host},
        {"path", variable::path},
        {"rest", variable::rest},
        {"query", variable::query},
        {"uri", variable::uri},
    }};
    const auto found = std::ranges::find(known, name, &decltype(known)::value_type::first);
    if (found != known.end()) return part{.then = found->second};
    if (name.size() != 1 || name[0] < '0' || name[0] > '9')
        return fail(errc::invalid,
                    "has an unknown `{" + std::string(name) +
                        "}`: there are {scheme}, {host}, {authority}, {path}, {rest}, {query}, "
                        "{uri} and the groups of a pattern, {1} to {9}; `{{` is a brace");
    const auto group = std::size_t(name[0] - '0');
    if (group > groups)
        return fail(errc::invalid, "has `{" + std::string(name) + "}`, but the route's path has " +
                                       (groups == 0 ? "no groups" : "fewer groups"));
    return part{.then = variable::group, .group = group};
}

result<text_template> text_template::parse(std::string_view text, std::size_t groups) {
    text_template made;
    std::string before;
    while (!text.empty()) {
        const auto brace = std::min(text.find('{'), text.size());
        before += text.substr(0, brace);
        text.remove_prefix(brace);
        if (text.empty()) break;
        if (text.starts_with("{{")) {
            before += '{';
            text.remove_prefix(2);
            continue;
        }
        const auto end = text.find('}');
        if (end == text.npos) return fail(errc::invalid, "has `{` without `}`; `{{` is a brace");
        auto next = variable_named(text.substr(1, end - 1), groups);
        if (!next) return std::unexpected(std::move(next.error()));
        next->text = std::exchange(before, {});
        made.parts_.push_back(std::move(*next));
        text.remove_prefix(end + 1);
    }
    if (!before.empty()) made.parts_.push_back({.text = std::move(before)});
    return made;
}

std::string text_template::fill(const request_texts& from) const {
    std::string made;
    for (const part& each : parts_) {
        made += each.text;
        switch (each.then) {
            case variable::none: break;
            case variable::scheme: made += from.scheme; break;
            case variable::authority: made += from.authority; break;
            case variable::host: made += from.host; break;
            case variable::path: http::append_as_sent(from.path, made); break;
            case variable::rest: http::append_as_sent(from.rest, made); break;
            case variable::query:
                http::append_as_sent(
                    from.suffix.substr(std::min<std::size_t>(1, from.suffix.size())), made);
                break;
            case variable::uri:
                http::append_as_sent(from.path, made);
                http::append_as_sent(from.suffix, made);
                break;
            case variable::group: http::append_escaped_path(from.groups[each.group], made); break;
        }
    }
    const bool names_a_host = !parts_.empty() && parts_.front().text.starts_with("//");
    if (names_a_host || !made.starts_with('/')) return made;
    return made.substr(std::min(made.find_first_not_of('/'), made.size()) - 1);
}

bool text_template::needs_host() const noexcept {
    return std::ranges::any_of(parts_, [](const part& each) {
        return each.then == variable::host || each.then == variable::authority;
    });
}

bool text_template::has_groups() const noexcept {
    return std::ranges::any_of(parts_,
                               [](const part& each) { return each.then == variable::group; });
}

bool text_template::has_groups_alone() const noexcept {
    return std::ranges::all_of(parts_, [](const part& each) {
        return each.then == variable::none || each.then == variable::group;
    });
}

}  // namespace hawser::proxy
