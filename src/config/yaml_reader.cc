// SPDX-License-Identifier: Apache-2.0
#include "config/yaml_reader.h"

#include <utility>

#include "base/limits.h"

namespace hawser::config {
position yaml_reader::place(const YAML::Mark& mark) const {
    if (mark.is_null()) return {file_, 1, 1};
    return {file_, static_cast<unsigned>(mark.line + 1), static_cast<unsigned>(mark.column + 1)};
}

void yaml_reader::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (takes_key()) return take_key(mark, "");
    node value;
    value.place_at(place(mark));
    finish(std::move(value), anchor);
}

void yaml_reader::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
    if (takes_key()) return take_key(mark, value);
    auto text = replace_variables(value, known_);
    if (!text) out_.error(place(mark), text.error());
    const bool is_plain = tag == "?" || tag.empty();
    auto made = is_plain ? node::plain(text.value_or(value)) : node::quoted(text.value_or(value));
    made.place_at(place(mark));
    finish(std::move(made), anchor);
}

void yaml_reader::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (takes_key()) return take_key(mark, "");
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
        out_.error(place(mark), "this alias names nothing that is complete before it");
        return finish(node(), 0);
    }
    if (!has_room(found->second.count(), place(mark))) return finish(node(), 0);
    finish(found->second, 0);
}

void yaml_reader::OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                                  YAML::EmitterStyle::value) {
    start(mark, node::empty_list(), anchor);
}

void yaml_reader::OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value) {
    start(mark, node::empty_map(), anchor);
}

void yaml_reader::OnSequenceEnd() { end(); }
void yaml_reader::OnMapEnd() { end(); }

bool yaml_reader::takes_key() const {
    return !open_.empty() && open_.back().value.is_map() && !open_.back().has_key;
}

void yaml_reader::take_key(const YAML::Mark& mark, const std::string& text) {
    auto& map = open_.back();
    if (text.empty()) out_.error(place(mark), "a key must be a text");
    map.has_key = true;
    map.key = text;
    map.key_at = place(mark);
}

void yaml_reader::start(const YAML::Mark& mark, node value, YAML::anchor_t anchor) {
    value.place_at(place(mark));
    if (takes_key()) {
        take_key(mark, "");
        open_.push_back({.value = std::move(value), .is_key = true});
        return;
    }
    if (open_.size() == limits::configuration_depth_max) {
        out_.error(place(mark), "nested too deeply");
    }
    open_.push_back({.value = std::move(value), .anchor = anchor});
}

void yaml_reader::end() {
    auto done = std::move(open_.back());
    open_.pop_back();
    for (const auto& from : done.merged) {
        for (const auto& one : from.entries()) {
            if (!done.value.find(one.key)) done.value.entries().push_back(one);
        }
    }
    if (!done.is_key) finish(std::move(done.value), done.anchor);
}

/// `value` is complete: it goes where it belongs, and is kept if an alias may name it.
void yaml_reader::finish(node value, YAML::anchor_t anchor) {
    if (anchor != 0 && has_room(value.count(), value.at())) anchors_[anchor] = value;
    const bool is_too_deep = open_.size() > limits::configuration_depth_max;
    if (is_too_deep || !has_room(1, value.at())) value = node();

    if (open_.empty()) {
        root_ = std::move(value);
    } else if (open_.back().value.is_list()) {
        open_.back().value.add(std::move(value));
    } else {
        put(open_.back(), std::move(value));
    }
}

void yaml_reader::put(open& into, node value) {
    into.has_key = false;
    if (into.key.empty()) return;  // it was no text, which has been told
    if (into.key == "<<") return merge(into, std::move(value));
    for (const auto& one : into.value.entries()) {
        if (one.key != into.key) continue;
        out_.error(into.key_at, "`" + into.key + "` is named twice, first in line " +
                                    std::to_string(one.at.line));
        return;
    }
    if (into.value.entries().size() == limits::configuration_keys_max) {
        if (!is_full_) out_.error(into.key_at, "too many keys in one map");
        is_full_ = true;
        return;
    }
    into.value.entries().push_back({into.key, into.key_at, std::move(value)});
}

/// `<<: *anchor`, or a list of them. The map's own keys win wherever they stand, so it waits.
void yaml_reader::merge(open& into, node from) {
    if (from.is_list()) {
        for (auto& item : from.items()) merge(into, std::move(item));
    } else if (from.is_map()) {
        into.merged.push_back(std::move(from));
    } else {
        out_.error(into.key_at, "`<<` merges maps, such as *anchor");
    }
}

bool yaml_reader::has_room(std::size_t nodes, const position& at) {
    if (is_full_) return false;
    nodes_ += nodes;
    if (nodes_ <= limits::configuration_nodes_max) return true;
    is_full_ = true;
    out_.error(at, "too large: more than " + std::to_string(limits::configuration_nodes_max) +
                       " values, aliases counted as what they stand for");
    return false;
}

}  // namespace hawser::config
