// SPDX-License-Identifier: Apache-2.0
#include "config/node.h"

#include <charconv>
#include <utility>

namespace hawser::config {

std::string position::text() const {
    const std::string name = file ? *file : "(nowhere)";
    if (line == 0) return name;
    return name + ":" + std::to_string(line) + ":" + std::to_string(column);
}

node node::plain(std::string text) {
    node made;
    made.kind_ = kind::scalar;
    made.text_ = std::move(text);
    return made;
}

node node::quoted(std::string text) {
    node made = plain(std::move(text));
    made.quoted_ = true;
    return made;
}

node node::empty_list() {
    node made;
    made.kind_ = kind::list;
    return made;
}

node node::empty_map() {
    node made;
    made.kind_ = kind::map;
    return made;
}

node* node::find(std::string_view key) { return const_cast<node*>(std::as_const(*this).find(key)); }

const node* node::find(std::string_view key) const {
    for (const auto& one : entries_) {
        if (one.key == key) return &one.value;
    }
    return nullptr;
}

position node::place(std::initializer_list<std::string_view> path) const {
    const node* here = this;
    for (const auto step : path) {
        const node* next = here->find(step);
        if (here->is_list()) {
            std::size_t index = 0;
            std::from_chars(step.data(), step.data() + step.size(), index);
            next = index < here->items_.size() ? &here->items_[index] : nullptr;
        }
        if (!next) break;
        here = next;
    }
    return here->at_;
}

std::size_t node::count() const {
    std::size_t all = 1;
    for (const auto& item : items_) all += item.count();
    for (const auto& one : entries_) all += one.value.count();
    return all;
}

node& node::add(node item) { return items_.emplace_back(std::move(item)); }

node& node::set(std::string key, node value) {
    return entries_.emplace_back(entry{std::move(key), {}, std::move(value)}).value;
}

std::string_view words_for(node::kind what) {
    switch (what) {
        case node::kind::null: return "nothing";
        case node::kind::scalar: return "a text";
        case node::kind::list: return "a list";
        case node::kind::map: return "a map";
    }
    std::unreachable();
}

}  // namespace hawser::config
