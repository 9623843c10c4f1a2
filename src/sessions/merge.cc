// SPDX-License-Identifier: Apache-2.0
#include "sessions/merge.h"

#include <algorithm>
#include <string_view>

namespace hawser::sessions {

namespace {

using kind = document::kind;

/// Where in a session something stands, as far as that matters.
enum class place : std::uint8_t { root, cookie, elsewhere };

place inside(place around, std::string_view name) {
    return around == place::root && name == "cookie" ? place::cookie : place::elsewhere;
}

/// How many items both begin with.
std::size_t common_items(const document& one, const document& other) {
    const auto [at, unused] = std::ranges::mismatch(one.items, other.items, is_same);
    return std::size_t(at - one.items.begin());
}

bool is_extended(const document& base, const document& by) {
    return by.items.size() >= base.items.size() && common_items(base, by) == base.items.size();
}

class merger {
  public:
    [[nodiscard]] std::size_t conflicts() const { return conflicts_; }

    /// Null: there is no such field.
    document merge_values(const document* base, const document& mine, const document& theirs,
                          place at) {
        const bool are_objects = mine.is == kind::object && theirs.is == kind::object;
        if (are_objects && (base == nullptr || base->is == kind::object))
            return merge_objects(base != nullptr ? *base : document::empty_object(), mine, theirs,
                                 at);
        if (base != nullptr && is_same(*base, mine)) return theirs;
        if (base != nullptr && is_same(*base, theirs)) return mine;
        const bool are_arrays = mine.is == kind::array && theirs.is == kind::array;
        if (are_arrays && (base == nullptr || base->is == kind::array)) {
            static const document nothing{.is = kind::array};
            const auto& from = base != nullptr ? *base : nothing;
            if (is_extended(from, theirs)) {
                // Who came first stands first, where both have appended.
                return is_extended(from, mine) ? appended(theirs, mine, from.items.size())
                                               : appended(mine, theirs, from.items.size());
            }
            if (is_extended(from, mine)) return appended(theirs, mine, from.items.size());
        }
        ++conflicts_;
        return mine;
    }

  private:
    static document appended(document to, const document& of, std::size_t from) {
        to.items.insert(to.items.end(), of.items.begin() + std::ptrdiff_t(from), of.items.end());
        return to;
    }

    /// Fields stand as they stand in `theirs`, then what is new in `mine`.
    document merge_objects(const document& base, const document& mine, const document& theirs,
                           place at) {
        document made = document::empty_object();
        const field_index of_base(base);
        const field_index of_mine(mine);
        const field_index of_theirs(theirs);
        const auto put = [&](const std::string& name, document value) {
            made.names.push_back(name);
            made.items.push_back(std::move(value));
        };
        for (std::size_t i = 0; i < theirs.names.size(); ++i) {
            const auto& name = theirs.names[i];
            const auto& value = theirs.items[i];
            const auto* before = of_base.find(name);
            if (const auto* own = of_mine.find(name)) {
                const bool is_expiry = at == place::cookie && name == "expires";
                const bool is_moved = before == nullptr || !is_same(*before, *own);
                put(name, is_expiry && is_moved
                              ? *own
                              : merge_values(before, *own, value, inside(at, name)));
            } else if (before == nullptr) {
                put(name, value);
            } else if (!is_same(*before, value)) {
                ++conflicts_;  // one has changed what the other has taken out
            }
        }
        for (std::size_t i = 0; i < mine.names.size(); ++i) {
            const auto& name = mine.names[i];
            if (of_theirs.find(name) != nullptr) continue;
            const auto* before = of_base.find(name);
            if (before != nullptr && is_same(*before, mine.items[i])) continue;  // they took it out
            if (before != nullptr) ++conflicts_;
            put(name, mine.items[i]);
        }
        return made;
    }

    std::size_t conflicts_ = 0;
};

}  // namespace

merged merge(const document& base, const document& mine, const document& theirs) {
    merger by;
    merged made{.value = by.merge_values(&base, mine, theirs, place::root)};
    made.conflicts = by.conflicts();
    return made;
}

document patched(document to, const document& patch) {
    if (patch.is != kind::object) return patch;
    if (to.is != kind::object) to = document::empty_object();
    document made = document::empty_object();
    const field_index said(patch);
    const field_index there(to);
    const auto put = [&](const std::string& name, document value) {
        made.names.push_back(name);
        made.items.push_back(std::move(value));
    };
    for (std::size_t i = 0; i < to.names.size(); ++i) {
        const auto* wanted = said.find(to.names[i]);
        if (wanted == nullptr)
            put(to.names[i], to.items[i]);
        else if (wanted->is != kind::null)
            put(to.names[i], patched(to.items[i], *wanted));
    }
    for (std::size_t i = 0; i < patch.names.size(); ++i) {
        const bool is_new = there.find(patch.names[i]) == nullptr;
        if (is_new && patch.items[i].is != kind::null)
            put(patch.names[i], patched({}, patch.items[i]));
    }
    return made;
}

std::size_t distance(const document& from, const document& to) {
    if (from.is == kind::array && to.is == kind::array) {
        const std::size_t same = common_items(from, to);
        return from.items.size() - same + to.items.size() - same;
    }
    if (from.is != kind::object || to.is != kind::object) return is_same(from, to) ? 0 : 1;
    std::size_t sum = 0;
    const field_index fields(to);
    std::size_t shared = 0;
    for (std::size_t i = 0; i < from.names.size(); ++i) {
        const auto* found = fields.find(from.names[i]);
        shared += found != nullptr ? 1 : 0;
        sum += found != nullptr ? distance(from.items[i], *found) : 1;
    }
    return sum + to.names.size() - shared;
}

}  // namespace hawser::sessions
