// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace hawser::proxy {

/// Looks texts up without making a string of each.
struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
        return std::hash<std::string_view>()(text);
    }
};

/// A table whose keys come from the configuration. Clients only look things up in it, so they
/// cannot make its chains grow (E165).
template <typename Value>
using text_map = std::unordered_map<std::string, Value, text_hash, std::equal_to<>>;

/// The segments of a path, from the left: `/api/x` is `api`, `x`; `/` is nothing.
class path_segments {
  public:
    explicit path_segments(std::string_view path) : rest_(path) {
        if (rest_.ends_with('/')) rest_.remove_suffix(1);
    }

    std::optional<std::string_view> next() {
        if (!rest_.starts_with('/')) return std::nullopt;
        rest_.remove_prefix(1);
        const auto segment = rest_.substr(0, rest_.find('/'));
        rest_.remove_prefix(segment.size());
        return segment;
    }

  private:
    std::string_view rest_;
};

/// The labels that a host lies below, from the right: `a.shop.example` is `example`, `shop`.
class parent_labels {
  public:
    explicit parent_labels(std::string_view host) : rest_(host) {}

    std::optional<std::string_view> next() {
        const auto dot = rest_.rfind('.');
        if (dot == 0 || dot == std::string_view::npos) return std::nullopt;
        const auto label = rest_.substr(dot + 1);
        rest_ = rest_.substr(0, dot);
        return label;
    }

  private:
    std::string_view rest_;
};

/// Values by sequences of segments, found by the longest sequence that another one begins with.
///
/// A search goes no deeper than what is in the tree, whatever it is asked for.
template <typename Value>
class segment_tree {
  public:
    struct node {
        const node* above = nullptr;  ///< with one segment less; null: the root
        std::unique_ptr<Value> value;
        text_map<std::unique_ptr<node>> below;
    };

    /// The value at exactly these segments; made if there is none.
    template <typename Segments>
    Value& at(Segments of) {
        node* here = root_.get();
        while (const auto segment = of.next()) {
            auto& next = here->below[std::string(*segment)];
            if (!next) {
                next = std::make_unique<node>();
                next->above = here;
            }
            here = next.get();
        }
        if (!here->value) here->value = std::make_unique<Value>();
        return *here->value;
    }

    /// Gives `visit` the value of each sequence that these segments begin with, longest first,
    /// until it returns true; then returns true.
    template <typename Segments, typename Visit>
    bool find(Segments of, Visit&& visit) const {
        const node* here = root_.get();
        while (!here->below.empty()) {
            const auto segment = of.next();
            if (!segment) break;
            const auto next = here->below.find(*segment);
            if (next == here->below.end()) break;
            here = next->second.get();
        }
        for (; here != nullptr; here = here->above)
            if (here->value && visit(*here->value)) return true;
        return false;
    }

    /// Gives each value to `visit`.
    template <typename Visit>
    void each(Visit&& visit) {
        each_below(*root_, visit);
    }

  private:
    template <typename Visit>
    static void each_below(node& here, Visit& visit) {
        if (here.value) visit(*here.value);
        for (auto& [segment, next] : here.below) each_below(*next, visit);
    }

    std::unique_ptr<node> root_ = std::make_unique<node>();
};

}  // namespace hawser::proxy
