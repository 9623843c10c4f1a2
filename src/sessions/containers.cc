// SPDX-License-Identifier: Apache-2.0
#include "sessions/containers.h"

#include <array>
#include <cstdint>
#include <map>

#include "base/big_endian.h"
#include "base/ensure.h"

namespace hawser::sessions {

namespace {

constexpr std::size_t length_size = sizeof(std::uint32_t);

}  // namespace

std::string_view texts::next() {
    ensure(left_.size() >= length_size, "a container is whole");
    const std::span bytes(reinterpret_cast<const std::uint8_t*>(left_.data()), length_size);
    const std::size_t size = big_endian<std::uint32_t>(bytes.first<length_size>());
    ensure(left_.size() - length_size >= size, "a container is whole");
    const auto text = left_.substr(length_size, size);
    left_.remove_prefix(length_size + size);
    return text;
}

void append_text(std::string& to, std::string_view text) {
    std::array<std::uint8_t, length_size> length{};
    put_big_endian(std::span(length), std::uint32_t(text.size()));
    to.append(reinterpret_cast<const char*>(length.data()), length.size());
    to.append(text);
}

std::vector<std::string_view> texts_of(std::string_view data) {
    std::vector<std::string_view> all;
    for (texts from(data); !from.is_over();) all.push_back(from.next());
    return all;
}

std::size_t count_texts(std::string_view data) {
    std::size_t count = 0;
    for (texts from(data); !from.is_over(); ++count) from.next();
    return count;
}

void settle(std::vector<field>& given) {
    std::map<std::string_view, std::string_view> by_name;
    for (const auto& each : given) by_name.insert_or_assign(each.name, each.value);
    given.clear();
    for (const auto& [name, value] : by_name) given.push_back({.name = name, .value = value});
}

std::optional<field> fields::next() {
    if (from_.is_over()) return std::nullopt;
    field one{.name = from_.next()};
    if (have_values_) one.value = from_.next();
    return one;
}

std::vector<field> fields::all() {
    std::vector<field> all;
    while (const auto one = next()) all.push_back(*one);
    return all;
}

std::optional<field> fields::find(std::string_view name) {
    while (const auto one = next()) {
        if (one->name == name) return one;
        if (one->name > name) break;
    }
    return std::nullopt;
}

void fields::append(std::string& to, const field& one) const {
    append_text(to, one.name);
    if (have_values_) append_text(to, one.value);
}

/// What stays is copied in as long runs as there are.
changed fields::with(std::span<const field> given) {
    changed made;
    std::size_t room = from_.rest().size();
    for (const auto& each : given) room += each.name.size() + each.value.size() + 2 * length_size;
    made.data.reserve(room);
    auto mine = given.begin();
    std::string_view kept = from_.rest();  // not copied yet
    for (std::string_view here = kept; const auto one = next(); here = from_.rest()) {
        ++made.count;
        if (mine == given.end() || mine->name > one->name) continue;
        made.data.append(kept.substr(0, kept.size() - here.size()));
        kept = here;
        for (; mine != given.end() && mine->name < one->name; ++mine, ++made.touched)
            append(made.data, *mine);
        if (mine == given.end() || mine->name != one->name) continue;
        append(made.data, *mine++);
        kept = from_.rest();
    }
    made.data.append(kept);
    for (; mine != given.end(); ++mine, ++made.touched) append(made.data, *mine);
    made.count += made.touched;
    return made;
}

changed fields::without(std::span<const field> given) {
    changed made;
    made.data.reserve(from_.rest().size());
    auto gone = given.begin();
    std::string_view kept = from_.rest();  // not copied yet
    for (std::string_view here = kept; const auto one = next(); here = from_.rest()) {
        while (gone != given.end() && gone->name < one->name) ++gone;
        if (gone == given.end() || gone->name != one->name) {
            ++made.count;
            continue;
        }
        ++made.touched;
        made.data.append(kept.substr(0, kept.size() - here.size()));
        kept = from_.rest();
    }
    made.data.append(kept);
    return made;
}

}  // namespace hawser::sessions
