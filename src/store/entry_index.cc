// SPDX-License-Identifier: Apache-2.0
#include "store/entry_index.h"

#include <utility>

#include "base/ensure.h"

namespace hawser::store {

entry* entry_index::find(const record_id& id) const {
    if (slots_ == nullptr) return nullptr;
    const std::uint32_t prefix = prefix_of(id.hash[1]);
    for (std::size_t at = home_of(prefix);; ++at) {
        const slot& here = slots_[at & mask()];
        if (here.number == 0) return nullptr;
        if (here.prefix != prefix) continue;
        entry* const one = entry_at(here);
        // Whoever finds it looks at all of it, and at what lies behind it.
        const auto* lines = reinterpret_cast<const std::byte*>(one);
        __builtin_prefetch(lines + 64);
        __builtin_prefetch(lines + 128);
        __builtin_prefetch(lines + 192);
        if (one->hash == id.hash && one->in == id.in) return one;
    }
}

void entry_index::insert(entry& one) {
    if (slots_ == nullptr || (count_ + 1) * 4 > size_of_table() * 3) grow();
    put({.prefix = prefix_of(one.hash[1]), .number = heap_.number_of(&one)});
    ++count_;
}

void entry_index::put(slot what) {
    std::size_t at = home_of(what.prefix);
    while (slots_[at & mask()].number != 0) ++at;
    slots_[at & mask()] = what;
}

std::size_t entry_index::place_of(const entry& one) const {
    const std::uint32_t number = heap_.number_of(&one);
    std::size_t at = home_of(prefix_of(one.hash[1]));
    while (slots_[at & mask()].number != number) {
        ensure(slots_[at & mask()].number != 0, "an entry is where its id leads");
        ++at;
    }
    return at & mask();
}

void entry_index::replace(const entry& former, entry& one) {
    slots_[place_of(former)].number = heap_.number_of(&one);
}

/// Closes the gap, so that no mark is left where nothing is.
void entry_index::erase(const entry& one) {
    std::size_t gap = place_of(one);
    for (std::size_t at = (gap + 1) & mask(); slots_[at].number != 0; at = (at + 1) & mask()) {
        const std::size_t home = home_of(slots_[at].prefix);
        // It may move back only as far as its home.
        if (((at - home) & mask()) < ((at - gap) & mask())) continue;
        slots_[gap] = slots_[at];
        gap = at;
    }
    slots_[gap] = {};
    --count_;
}

void entry_index::grow() {
    constexpr unsigned bits_at_first = 4;
    const std::size_t before = slots_ == nullptr ? 0 : size_of_table();
    const auto old = std::move(slots_);
    bits_ = before == 0 ? bits_at_first : bits_ + 1;
    slots_ = std::make_unique<slot[]>(size_of_table());
    for (std::size_t at = 0; at < before; ++at)
        if (old[at].number != 0) put(old[at]);
}

}  // namespace hawser::store
