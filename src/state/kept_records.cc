// SPDX-License-Identifier: Apache-2.0
#include "state/kept_records.h"

#include <chrono>
#include <string_view>
#include <utility>

namespace hawser::state {

namespace {

using std::chrono::milliseconds;

/// Larger than any setting allows a record to be.
constexpr std::uint64_t record_max = std::uint64_t{128} * 1024 * 1024;

void put(const std::array<std::uint64_t, 2>& hash, writer& to) {
    for (const auto half : hash) to.number(half);
}

std::array<std::uint64_t, 2> read_hash(reader& from) {
    std::array<std::uint64_t, 2> made{};
    for (auto& half : made) half = from.number<std::uint64_t>();
    return made;
}

void put(steady_time when, writer& to) {
    to.number(std::uint64_t(when.time_since_epoch().count()));
}

steady_time read_time(reader& from) {
    return steady_time(steady_time::duration(std::int64_t(from.number<std::uint64_t>())));
}

milliseconds read_span(reader& from) {
    return milliseconds(std::int64_t(from.number<std::uint64_t>()));
}

std::span<const std::uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string_view text_of(std::span<const std::uint8_t> text) {
    return {reinterpret_cast<const char*>(text.data()), text.size()};
}

void put(const kept_space& one, writer& to) {
    to.number(one.number);
    to.number(one.light);
    to.text(one.name);
}

void put(const kept_renewal& one, writer& to) {
    to.number(one.space);
    put(one.old, to);
    put(one.called, to);
    put(one.changed, to);
}

void put(const kept_record& one, writer& to) {
    const auto& what = one.what;
    to.number(one.space);
    put(one.hash, to);
    to.number(std::uint8_t(one.is_tombstone));
    to.number(std::uint8_t(what.lasts));
    to.number(what.flags);
    to.number(what.user);
    to.number(std::uint64_t(what.version));
    for (const auto when : {what.created, what.seen, what.life.expires}) put(when, to);
    for (const auto span : {what.life.idle, what.life.absolute})
        to.number(std::uint64_t(span.count()));
    to.number(std::uint64_t(what.name.size()));
    to.number(std::uint64_t(what.data.size()));
    to.raw(bytes_of(what.name));
    to.raw(bytes_of(what.data));
}

void put(const kept_end& one, writer& to) { to.number(std::uint64_t(one.last)); }

kept_space read_space(reader& from) {
    kept_space made;
    made.number = from.number<std::uint8_t>();
    made.light = from.number<std::uint64_t>();
    made.name = from.text();
    return made;
}

kept_renewal read_renewal(reader& from) {
    kept_renewal made;
    made.space = from.number<std::uint8_t>();
    made.old = read_hash(from);
    made.called = read_hash(from);
    made.changed = read_time(from);
    return made;
}

/// Nothing: there is no such record.
std::optional<kept_record> read_record(reader& from) {
    kept_record made;
    auto& what = made.what;
    made.space = from.number<std::uint8_t>();
    made.hash = read_hash(from);
    made.is_tombstone = from.number<std::uint8_t>() != 0;
    what.lasts = store::durability(from.number<std::uint8_t>());
    what.flags = from.number<std::uint8_t>();
    what.user = from.number<std::uint64_t>();
    what.version = store::version(from.number<std::uint64_t>());
    what.created = read_time(from);
    what.seen = read_time(from);
    what.life.expires = read_time(from);
    what.life.idle = read_span(from);
    what.life.absolute = read_span(from);
    const auto name_size = from.number<std::uint64_t>();
    const auto data_size = from.number<std::uint64_t>();
    if (what.lasts > store::durability::sync || name_size > record_max || data_size > record_max)
        return std::nullopt;
    what.name = text_of(from.raw(name_size));
    what.data = text_of(from.raw(data_size));
    return made;
}

std::optional<kept_item> read_item(reader& from) {
    switch (from.number<std::uint8_t>()) {
        case 0: return read_space(from);
        case 1: return read_renewal(from);
        case 2: return read_record(from);
        case 3: return kept_end{.last = store::version(from.number<std::uint64_t>())};
        default: return std::nullopt;
    }
}

}  // namespace

void append(const kept_item& one, bytes& out) {
    writer to(out);
    to.number(std::uint8_t(one.index()));
    std::visit([&to](const auto& each) { put(each, to); }, one);
}

void kept_reader::add(std::span<const std::uint8_t> more) {
    came_.erase(came_.begin(), came_.begin() + std::ptrdiff_t(std::exchange(read_, 0)));
    came_.insert(came_.end(), more.begin(), more.end());
}

result<std::optional<kept_item>> kept_reader::next() {
    const auto left = std::span<const std::uint8_t>(came_).subspan(read_);
    if (left.empty()) return std::nullopt;
    reader from(left);
    auto made = read_item(from);
    if (!made) return fail(errc::malformed, "the other process tells of a record that cannot be");
    if (from.is_cut()) return std::nullopt;
    read_ += left.size() - from.left();
    return made;
}

}  // namespace hawser::state
