// SPDX-License-Identifier: Apache-2.0
#include "state/totals.h"

#include <bit>
#include <cmath>
#include <utility>

namespace hawser::state {

namespace {

void put(double value, writer& to) { to.number(std::bit_cast<std::uint64_t>(value)); }

double read_double(reader& from) { return std::bit_cast<double>(from.number<std::uint64_t>()); }

bool can_be(const observe::total& one) {
    return !one.name.empty() && std::isfinite(one.value) && one.value >= 0 &&
           (one.counts.empty() ? one.bounds.empty() : one.counts.size() == one.bounds.size() + 1);
}

}  // namespace

void append(const observe::total& one, bytes& out) {
    writer to(out);
    to.text(one.name);
    to.text(one.help);
    to.number(static_cast<std::uint32_t>(one.labels.size()));
    for (const auto& [name, value] : one.labels) {
        to.text(name);
        to.text(value);
    }
    put(one.value, to);
    to.number(static_cast<std::uint32_t>(one.counts.size()));
    for (const auto count : one.counts) to.number(count);
    for (const auto bound : one.bounds) put(bound, to);
}

std::optional<std::vector<observe::total>> read_totals(std::span<const std::uint8_t> text) {
    std::vector<observe::total> all;
    for (reader from(text); from.left() != 0;) {
        observe::total one{.name = from.text()};
        one.help = from.text();
        for (auto left = from.number<std::uint32_t>(); left > 0 && from.left() != 0; --left) {
            auto name = from.text();
            one.labels.emplace_back(std::move(name), from.text());
        }
        one.value = read_double(from);
        const auto places = from.number<std::uint32_t>();
        for (auto left = places; left > 0 && from.left() != 0; --left)
            one.counts.push_back(from.number<std::uint64_t>());
        for (auto left = places; left > 1 && from.left() != 0; --left)
            one.bounds.push_back(read_double(from));
        if (from.is_cut() || one.counts.size() != places || !can_be(one)) return std::nullopt;
        all.push_back(std::move(one));
    }
    return all;
}

}  // namespace hawser::state
