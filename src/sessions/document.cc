// SPDX-License-Identifier: Apache-2.0
#include "sessions/document.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <utility>

#include "sessions/limits.h"

namespace hawser::sessions {

namespace {

using nlohmann::json;
using kind = document::kind;

constexpr std::size_t few_fields = 16;

/// Builds a document out of the library's events, which give a number's digits too where it would
/// not fit, and every field, a second one of a name as well.
class builder final : public json::json_sax_t {
  public:
    [[nodiscard]] document take() { return std::move(root_); }

    bool null() override { return put({}); }
    bool boolean(bool value) override {
        return put({.is = kind::boolean, .text = value ? "true" : "false"});
    }
    bool number_integer(number_integer_t value) override {
        // Only a negative one comes here: this was `-0`.
        return put({.is = kind::number, .text = value == 0 ? "-0" : std::to_string(value)});
    }
    bool number_unsigned(number_unsigned_t value) override {
        return put({.is = kind::number, .text = std::to_string(value)});
    }
    bool number_float(number_float_t, const string_t& text) override {
        return put({.is = kind::number, .text = text});
    }
    bool string(string_t& value) override {
        return put({.is = kind::string, .text = std::move(value)});
    }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override { return open(kind::object); }
    bool start_array(std::size_t) override { return open(kind::array); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(string_t& name) override {
        auto& around = open_.back();
        if (!around.known.insert(name).second) return false;
        around.value.names.push_back(std::move(name));
        return true;
    }
    bool parse_error(std::size_t, const std::string&, const json::exception&) override {
        return false;
    }

  private:
    struct unfinished {
        document value;
        std::set<std::string> known = {};
    };

    bool open(kind what) {
        if (open_.size() == limits::document_depth_max) return false;
        open_.push_back({.value = {.is = what}});
        return true;
    }
    bool close() {
        auto done = std::move(open_.back().value);
        open_.pop_back();
        return put(std::move(done));
    }
    bool put(document value) {
        if (open_.empty())
            root_ = std::move(value);
        else
            open_.back().value.items.push_back(std::move(value));
        return true;
    }

    std::vector<unfinished> open_;
    document root_;
};

void write_string(std::string_view text, std::string& into) {
    static constexpr std::string_view digits = "0123456789abcdef";
    into += '"';
    for (const char c : text) {
        switch (c) {
            case '"': into += "\\\""; break;
            case '\\': into += "\\\\"; break;
            case '\b': into += "\\b"; break;
            case '\f': into += "\\f"; break;
            case '\n': into += "\\n"; break;
            case '\r': into += "\\r"; break;
            case '\t': into += "\\t"; break;
            default:
                if (static_cast<unsigned char>(c) < 0x20) {
                    into += "\\u00";
                    into += digits[static_cast<unsigned char>(c) >> 4];
                    into += digits[static_cast<unsigned char>(c) & 0xf];
                } else {
                    into += c;
                }
        }
    }
    into += '"';
}

void write_into(const document& one, std::string& into) {
    switch (one.is) {
        case kind::null: into += "null"; return;
        case kind::boolean:
        case kind::number: into += one.text; return;
        case kind::string: write_string(one.text, into); return;
        case kind::array:
        case kind::object: break;
    }
    const bool is_object = one.is == kind::object;
    into += is_object ? '{' : '[';
    for (std::size_t i = 0; i < one.items.size(); ++i) {
        if (i > 0) into += ',';
        if (is_object) {
            write_string(one.names[i], into);
            into += ':';
        }
        write_into(one.items[i], into);
    }
    into += is_object ? '}' : ']';
}

}  // namespace

std::optional<document> document::read(std::string_view text) {
    builder made;
    if (!json::sax_parse(text, &made)) return std::nullopt;
    return made.take();
}

std::string document::write() const {
    std::string made;
    write_into(*this, made);
    return made;
}

field_index::field_index(const document& object) : object_(object) {
    if (object.names.size() <= few_fields) return;
    by_name_.resize(object.names.size());
    std::iota(by_name_.begin(), by_name_.end(), 0U);
    std::ranges::sort(by_name_, {}, [&](std::uint32_t at) -> auto& { return object.names[at]; });
}

const document* field_index::find(std::string_view name) const {
    const auto& names = object_.names;
    if (by_name_.empty()) {
        const auto found = std::ranges::find(names, name);
        return found == names.end() ? nullptr : &object_.items[std::size_t(found - names.begin())];
    }
    const auto named = [&](std::uint32_t at) -> std::string_view { return names[at]; };
    const auto found = std::ranges::lower_bound(by_name_, name, {}, named);
    return found != by_name_.end() && names[*found] == name ? &object_.items[*found] : nullptr;
}

bool is_same(const document& one, const document& other) {
    if (one.is != other.is || one.items.size() != other.items.size()) return false;
    if (one.is == kind::array) return std::ranges::equal(one.items, other.items, is_same);
    if (one.is != kind::object) return one.text == other.text;
    const field_index fields(other);
    for (std::size_t i = 0; i < one.names.size(); ++i) {
        const auto* found = fields.find(one.names[i]);
        if (found == nullptr || !is_same(one.items[i], *found)) return false;
    }
    return true;
}

}  // namespace hawser::sessions
