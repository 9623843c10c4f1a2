// SPDX-License-Identifier: Apache-2.0
#include "store/entry_index.h"

#include <utility>

#include "base/ensure.h"

namespace hawser::store {

entry* entry_index::find(const record_id& id) const {
    if (slots_ == nullptr) return nullptr;
    for (std::size_t at = home_of(prefix_of(id.hash[1]));; ++at) {
        const slot& here = slots_[at & mask()];
        if (here.at == nullptr) return nullptr;
        if (here.hash == id.hash[1] && here.at->hash == id.hash && here.at->in == id.in)
            return here.at;
    }
}

void entry_index::insert(entry& one) {
    if (slots_ == nullptr || (count_ + 1) * 4 > size_of_table() * 3) grow();
    put({.hash = one.hash[1], .at = &one});
    ++count_;
}

void entry_index::put(slot what) {
    std::size_t at = home_of(prefix_of(what.hash));
    while (slots_[at & mask()].at != nullptr) ++at;
    slots_[at & mask()] = what;
}

std::size_t entry_index::place_of(const entry& one) const {
    std::size_t at = home_of(prefix_of(one.hash[1]));
    while (slots_[at & mask()].at != &one) {
        ensure(slots_[at & mask()].at != nullptr, "an entry is where its id leads");
        ++at;
    }
    return at & mask();
}

void entry_index::replace(const entry& former, entry& one) { slots_[place_of(former)].at = &one; }

/// Closes the gap, so that no mark is left where nothing is.
void entry_index::erase(const entry& one) {
    std::size_t gap = place_of(one);
    for (std::size_t at = (gap + 1) & mask(); slots_[at].at != nullptr; at = (at + 1) & mask()) {
        const std::size_t home = home_of(prefix_of(slots_[at].hash));
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
        if (old[at].at != nullptr) put(old[at]);
}

}  // namespace hawser::store
