// SPDX-License-Identifier: Apache-2.0
#include "store/entry_index.h"

#include <span>
#include <utility>

#include "base/ensure.h"
#include "base/open_addressing.h"

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

void entry_index::erase(const entry& one) {
    close_gap(std::span(slots_.get(), size_of_table()), place_of(one),
              [this](const slot& each) { return home_of(each.prefix); });
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
