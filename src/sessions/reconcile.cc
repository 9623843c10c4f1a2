// SPDX-License-Identifier: Apache-2.0
#include "sessions/reconcile.h"

#include <algorithm>
#include <limits>
#include <span>

#include "sessions/document.h"
#include "sessions/limits.h"
#include "sessions/merge.h"
#include "sessions/payload.h"

namespace hawser::sessions {

namespace {

using what = settlement::what;

constexpr std::size_t compared_max = 4;  // readings that a save is compared with
constexpr std::size_t far = std::numeric_limits<std::size_t>::max();

/// As an object that can be merged. Nobody had been there: nothing was in it.
std::optional<document> read_session(std::string_view data) {
    if (data.empty()) return document::empty_object();
    if (data.size() > limits::merged_bytes) return std::nullopt;
    auto made = document::read(data);
    if (made && made->is != document::kind::object) return std::nullopt;
    return made;
}

std::size_t distance_from(const reading& one, const document& saved) {
    const auto read = one.data != nullptr ? read_session(*one.data) : std::nullopt;
    return read ? distance(*read, saved) : far;
}

/// Which of its own readings the save is based on; none: on somebody else's.
std::optional<std::size_t> closest(const bases& from, const store::record& there,
                                   std::string_view given) {
    const auto& own = from.own;
    const bool is_one =
        std::ranges::all_of(own, [&](const reading& each) { return each.at == own.front().at; });
    const bool has_read = !from.ends_with_saved || own.size() > 1;
    if (is_one && (from.open.empty() || (has_read && own.front().at == there.version))) return 0;
    const auto saved = read_session(given);
    if (!saved) return 0;
    std::size_t chosen = 0;
    std::size_t least = far;
    std::size_t compared = 0;
    for (std::size_t i = 0; i < own.size() && compared < compared_max; ++i) {
        const auto before = std::span(own).first(i);
        if (std::ranges::find(before, own[i].data, &reading::data) != before.end()) continue;
        ++compared;
        const std::size_t changed = distance_from(own[i], *saved);
        const bool was_saved = from.ends_with_saved && i + 1 == own.size();
        // No request saves twice the same: that is another one's, who has changed the same.
        if (changed >= least || (was_saved && changed == 0 && i > 0)) continue;
        least = changed;
        chosen = i;
    }
    // Who has taken something out again is close to what was there before: that says nothing.
    const bool is_read = !from.ends_with_saved || chosen + 1 < own.size();
    for (const auto& each : from.open) {
        const bool may_be_base = each.at > own[chosen].at || !is_read;
        if (may_be_base && distance_from(each, *saved) < least) return std::nullopt;
    }
    return chosen;
}

settlement merge_into(const reading& base, const store::record& there, std::string_view given) {
    const auto from = base.data != nullptr ? read_session(*base.data) : std::nullopt;
    const auto mine = from ? read_session(given) : std::nullopt;
    const auto theirs = mine ? read_session(there.data) : std::nullopt;
    if (!theirs) return {.is = what::unmergeable, .data = std::string(given)};
    auto both = merge(*from, *mine, *theirs);
    if (is_same(both.value, *theirs)) return {.is = what::touch};
    return {.is = what::merge, .data = both.value.write(), .conflicts = both.conflicts};
}

settlement settle(save_policy by, const reading* base, const store::record& there,
                  std::string_view given) {
    const bool is_other = base != nullptr && base->at != there.version;
    const bool changes_nothing =
        is_other && base->data != nullptr && is_same_but_expiry(*base->data, given);
    const bool is_crossed = is_other && !changes_nothing;
    if (is_crossed && by == save_policy::reject) return {.is = what::reject};
    if (is_crossed && by == save_policy::merge) return merge_into(*base, there, given);
    const auto at = base != nullptr ? std::optional(base->at) : std::nullopt;
    const auto is = reconcile_last(at, changes_nothing, there.version, there.data, given);
    return {.is = is, .data = is == what::touch ? std::string() : std::string(given)};
}

}  // namespace

settlement::what reconcile_last(std::optional<store::version> base, bool changes_nothing,
                                store::version at, std::string_view there, std::string_view given) {
    if (is_same_but_expiry(there, given)) return what::touch;
    if (!base || *base == at) return what::write;
    // Who has changed nothing undoes nothing, whatever has become of the session since.
    return changes_nothing ? what::touch : what::overwrite;
}

settlement reconcile(save_policy by, const bases& from, const store::record& there,
                     std::string_view given) {
    std::optional<std::size_t> chosen;
    if (!from.own.empty())
        chosen = by == save_policy::last_writer ? 0 : closest(from, there, given);
    auto made = settle(by, chosen ? &from.own[*chosen] : nullptr, there, given);
    made.by = chosen;
    return made;
}

}  // namespace hawser::sessions
