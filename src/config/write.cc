// SPDX-License-Identifier: Apache-2.0
#include "config/write.h"

#include <yaml-cpp/emitter.h>
#include <yaml-cpp/emittermanip.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "base/ensure.h"

namespace hawser::config {
namespace {

constexpr std::string_view digits = "0123456789";
constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Stands without quotes in any YAML reader and is still a text there.
bool needs_no_quotes(std::string_view text) {
    constexpr std::array<std::string_view, 9> reserved{"true", "false", "yes", "no", "null",
                                                       "on",   "off",   "y",   "n"};
    if (text.empty() || (!letters.contains(text[0]) && text[0] != '/')) return false;
    if (std::ranges::find(reserved, text) != reserved.end()) return false;
    return std::ranges::all_of(text, [](char c) {
        return letters.contains(c) || digits.contains(c) || std::string_view("-_./").contains(c);
    });
}

std::string with_dollars_doubled(std::string_view text) {
    std::string all;
    for (const char c : text) all.append(c == '$' ? 2 : 1, c);
    return all;
}

void emit(const node& tree, YAML::Emitter& out) {
    switch (tree.what()) {
        case node::kind::null: out << YAML::Null; return;
        case node::kind::scalar:
            if (tree.is_quoted() && !needs_no_quotes(tree.text())) out << YAML::DoubleQuoted;
            out << with_dollars_doubled(tree.text());
            if (!tree.remark().empty()) out << YAML::Comment(tree.remark());
            return;
        case node::kind::list:
            if (tree.items().empty()) out << YAML::Flow;
            out << YAML::BeginSeq;
            for (const auto& item : tree.items()) emit(item, out);
            out << YAML::EndSeq;
            return;
        case node::kind::map:
            if (tree.entries().empty()) out << YAML::Flow;
            out << YAML::BeginMap;
            for (const auto& one : tree.entries()) {
                out << YAML::Key << one.key << YAML::Value;
                emit(one.value, out);
            }
            out << YAML::EndMap;
            return;
    }
}

bool is_json_number(std::string_view text) {
    const bool all_digits = !text.empty() && text.find_first_not_of(digits) == text.npos;
    return all_digits && text.size() < 19 && (text == "0" || text[0] != '0');
}

nlohmann::ordered_json as_json(const node& tree) {
    switch (tree.what()) {
        case node::kind::null: return nullptr;
        case node::kind::scalar:
            if (tree.is_quoted()) return tree.text();
            if (tree.text() == "true" || tree.text() == "false") return tree.text() == "true";
            if (is_json_number(tree.text())) return std::stoull(tree.text());
            return tree.text();
        case node::kind::list: {
            auto all = nlohmann::ordered_json::array();
            for (const auto& item : tree.items()) all.push_back(as_json(item));
            return all;
        }
        case node::kind::map: {
            auto all = nlohmann::ordered_json::object();
            for (const auto& one : tree.entries()) all[one.key] = as_json(one.value);
            return all;
        }
    }
    std::unreachable();
}

}  // namespace

std::string to_yaml(const node& tree) {
    YAML::Emitter out;
    emit(tree, out);
    ensure(out.good(), "a tree is always YAML");
    return std::string(out.c_str(), out.size()) + "\n";
}

std::string to_json(const node& tree) {
    using json = nlohmann::ordered_json;
    // Bytes that are no UTF-8 come from a file; they must not keep its errors from being told.
    return as_json(tree).dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace hawser::config
