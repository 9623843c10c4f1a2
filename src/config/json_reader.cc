// SPDX-License-Identifier: Apache-2.0
#include "config/json_reader.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "base/limits.h"

namespace hawser::config {
namespace {

using nlohmann::json;

/// Builds our tree out of the library's events, which show every key, a second one of a name too.
class tree_builder final : public json::json_sax_t {
  public:
    tree_builder(const position& at, diagnostics& out) : at_(at), out_(out) {}

    [[nodiscard]] node take_root() { return std::move(root_); }

    bool null() override { return put(node()); }
    bool boolean(bool value) override { return put(node::plain(value ? "true" : "false")); }
    bool number_integer(number_integer_t value) override {
        return put(node::plain(std::to_string(value)));
    }
    bool number_unsigned(number_unsigned_t value) override {
        return put(node::plain(std::to_string(value)));
    }
    bool number_float(number_float_t, const string_t& text) override {
        return put(node::plain(text));
    }
    bool string(string_t& value) override { return put(node::quoted(std::move(value))); }
    bool binary(binary_t&) override { return fail("bytes are no JSON"); }
    bool start_object(std::size_t) override { return open(node::empty_map()); }
    bool start_array(std::size_t) override { return open(node::empty_list()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }

    bool key(string_t& name) override {
        auto& around = open_.back();
        if (around.value.find(name) != nullptr) return fail("`" + name + "` is there twice");
        around.key = std::move(name);
        return true;
    }

    bool parse_error(std::size_t byte, const std::string&, const json::exception&) override {
        return fail("is no JSON: it goes wrong at byte " + std::to_string(byte));
    }

  private:
    struct unfinished {
        node value;
        std::string key = {};
    };

    bool fail(const std::string& why) {
        out_.error(at_, why);
        return false;
    }

    bool open(node value) {
        if (open_.size() == limits::configuration_depth_max) return fail("is nested too deeply");
        open_.push_back({.value = std::move(value)});
        return true;
    }

    bool close() {
        auto done = std::move(open_.back().value);
        open_.pop_back();
        return put(std::move(done));
    }

    bool put(node value) {
        value.place_at(at_);
        if (open_.empty()) {
            root_ = std::move(value);
        } else if (auto& around = open_.back(); around.value.is_list()) {
            around.value.add(std::move(value));
        } else {
            around.value.entries().push_back({std::move(around.key), at_, std::move(value)});
        }
        return true;
    }

    position at_;
    diagnostics& out_;
    std::vector<unfinished> open_;
    node root_;
};

}  // namespace

node parse_json(std::string_view text, std::string_view name, diagnostics& out) {
    const position at{std::make_shared<const std::string>(name)};
    tree_builder made(at, out);
    if (!json::sax_parse(text, &made)) return {};
    return made.take_root();
}

}  // namespace hawser::config
