// SPDX-License-Identifier: Apache-2.0
#include "clients/network_table.h"

#include <algorithm>

namespace hawser::clients {

namespace {

using number = unsigned __int128;

number number_of(const io::ip_address& address) {
    number value = 0;
    for (const std::uint8_t byte : address.bytes()) value = value << 8 | byte;
    return value;
}

/// A network as the numbers of its first and last address.
struct stretch {
    number first;
    number last;
    std::uint16_t marked;
    std::size_t order;  // in which it was given
};

}  // namespace

/// Walks the networks in the order of their first addresses, the outer ones first. Those that hold
/// the present place lie on a stack; where one ends, the one below it goes on.
network_table::network_table(std::vector<entry> entries) {
    std::vector<stretch> all;
    all.reserve(entries.size());
    for (const entry& each : entries)
        all.push_back({number_of(each.network.first()), number_of(each.network.last()), each.marked,
                       all.size()});
    std::ranges::sort(all, [](const stretch& a, const stretch& b) {
        if (a.first != b.first) return a.first < b.first;
        return a.last != b.last ? a.last > b.last : a.order < b.order;
    });

    std::vector<stretch> open;
    const auto close_last = [&] {
        const number end = open.back().last;
        open.pop_back();
        // What ends with the last address of all is followed by nothing.
        if (end + 1 != 0) put_border(end + 1, open.empty() ? unmarked : open.back().marked);
    };
    for (const stretch& each : all) {
        while (!open.empty() && open.back().last < each.first) close_last();
        put_border(each.first, each.marked);
        open.push_back(each);
    }
    while (!open.empty()) close_last();
    starts_.shrink_to_fit();
    marks_.shrink_to_fit();
}

void network_table::put_border(place at, std::uint16_t marked) {
    if (!starts_.empty() && starts_.back() == at) {
        marks_.back() = marked;  // an inner network begins, or another ends, at the same place
        return;
    }
    if (!marks_.empty() && marks_.back() == marked) return;
    starts_.push_back(at);
    marks_.push_back(marked);
}

std::optional<network_table::mark> network_table::find(const io::ip_address& one) const noexcept {
    const auto behind = std::ranges::upper_bound(starts_, number_of(one));
    if (behind == starts_.begin()) return std::nullopt;
    const std::uint16_t marked = marks_[std::size_t(behind - starts_.begin()) - 1];
    if (marked == unmarked) return std::nullopt;
    return mark(marked);
}

network_set::network_set(std::span<const network> networks) {
    std::vector<network_table::entry> entries;
    entries.reserve(networks.size());
    for (const network& each : networks) entries.push_back({.network = each});
    table_ = network_table(std::move(entries));
}

}  // namespace hawser::clients
