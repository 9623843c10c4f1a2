// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hawser::config {

/// Where something stands in a file that a person wrote; counted from 1, line 0 is "nowhere".
struct position {
    std::shared_ptr<const std::string> file = {};
    unsigned line = 0;
    unsigned column = 0;

    /// `file:line:column`, as editors and compilers understand it.
    [[nodiscard]] std::string text() const;
};

/// One value of a configuration tree: what was read from a file, or what is to be written as YAML
/// or JSON. A plain value type; maps keep the order of the file.
class node {
  public:
    enum class kind : std::uint8_t { null, scalar, list, map };
    struct entry;

    node() = default;

    /// A scalar that is written as it is: a number, `true`, `30s`.
    [[nodiscard]] static node plain(std::string text);
    /// A scalar that is a text, whatever it looks like.
    [[nodiscard]] static node quoted(std::string text);
    [[nodiscard]] static node empty_list();
    [[nodiscard]] static node empty_map();

    [[nodiscard]] kind what() const { return kind_; }
    [[nodiscard]] bool is_null() const { return kind_ == kind::null; }
    [[nodiscard]] bool is_scalar() const { return kind_ == kind::scalar; }
    [[nodiscard]] bool is_list() const { return kind_ == kind::list; }
    [[nodiscard]] bool is_map() const { return kind_ == kind::map; }

    /// The text of a scalar, after `${NAME}` was replaced; empty for everything else.
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] bool is_quoted() const { return quoted_; }
    [[nodiscard]] const position& at() const { return at_; }

    [[nodiscard]] const std::vector<node>& items() const { return items_; }
    [[nodiscard]] const std::vector<entry>& entries() const { return entries_; }

    /// The value of `key`, or nullptr.
    [[nodiscard]] const node* find(std::string_view key) const;
    [[nodiscard]] node* find(std::string_view key);

    /// The position of the value under `path` ("routes", "2", "pool"), or that of the nearest
    /// thing around it which is written in the file.
    [[nodiscard]] position place(std::initializer_list<std::string_view> path) const;

    /// How many nodes the tree has, itself included.
    [[nodiscard]] std::size_t count() const;

    node& add(node item);
    node& set(std::string key, node value);
    void place_at(position at) { at_ = std::move(at); }
    /// A remark behind a scalar, where it is written as YAML.
    void note(std::string remark) { remark_ = std::move(remark); }
    [[nodiscard]] const std::string& remark() const { return remark_; }

    /// For those who build trees out of files: both keep what is there already.
    [[nodiscard]] std::vector<node>& items() { return items_; }
    [[nodiscard]] std::vector<entry>& entries() { return entries_; }

  private:
    kind kind_ = kind::null;
    bool quoted_ = false;
    std::string text_ = {};
    std::string remark_ = {};
    position at_ = {};
    std::vector<node> items_;
    std::vector<entry> entries_;
};

struct node::entry {
    std::string key;
    position at;  ///< of the key
    node value;
};

/// "a text", "a list", "a map", "nothing": how messages speak of what was found.
[[nodiscard]] std::string_view words_for(node::kind what);

}  // namespace hawser::config
