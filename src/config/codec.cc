// SPDX-License-Identifier: Apache-2.0
#include "config/codec.h"

#include <algorithm>
#include <charconv>

#include "base/limits.h"
#include "config/suggest.h"
#include "config/units.h"

namespace hawser::config {
namespace {

node text_schema(std::string_view pattern = {}) {
    auto made = node::empty_map();
    made.set("type", node::quoted("string"));
    if (!pattern.empty()) made.set("pattern", node::quoted(std::string(pattern)));
    return made;
}

/// A number or `true` in the file may also be the text of a variable, which is replaced later.
node or_variable(std::string_view json_type) {
    auto types = node::empty_list();
    types.add(node::quoted(std::string(json_type)));
    types.add(node::quoted("string"));
    auto made = node::empty_map();
    made.set("type", std::move(types));
    made.set("pattern", node::quoted("[$][{]"));
    return made;
}

template <typename T>
bool take(const node& given, std::expected<T, std::string> parsed, T& into, diagnostics& out) {
    if (!parsed) {
        out.error(given.at(), parsed.error());
        return false;
    }
    into = *parsed;
    return true;
}

constexpr std::string_view duration_pattern = "^(0|([0-9]+(us|ms|s|m|h|d))+)$|[$][{]";
constexpr std::string_view size_pattern = "^[0-9]+([kKmMgG]([iI]?[bB])?|[bB])?$|[$][{]";

}  // namespace

bool is_name(std::string_view text) {
    if (text.empty() || text.size() > limits::name_max) return false;
    return std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    });
}

namespace detail {

bool expect_scalar(const node& given, std::string_view wanted, diagnostics& out) {
    if (given.is_scalar()) return true;
    out.error(given.at(), "expected " + std::string(wanted) + ", found " +
                              std::string(words_for(given.what())));
    return false;
}

bool expect_map(const node& given, std::string_view wanted, diagnostics& out) {
    if (given.is_map()) return true;
    out.error(given.at(), "expected a map (" + std::string(wanted) + "), found " +
                              std::string(words_for(given.what())));
    return false;
}

bool expect_list(const node& given, std::string_view wanted, diagnostics& out) {
    if (given.is_list()) return true;
    out.error(given.at(), "expected a list (of " + std::string(wanted) + "), found " +
                              std::string(words_for(given.what())));
    return false;
}

bool read_integer(const node& given, std::int64_t least, std::uint64_t most, std::uint64_t& into,
                  diagnostics& out) {
    if (!expect_scalar(given, "a whole number", out)) return false;
    const auto& text = given.text();
    const char* const end = text.data() + text.size();

    std::int64_t negative = 0;
    if (text.starts_with('-') && least < 0) {
        const auto [stop, wrong] = std::from_chars(text.data(), end, negative);
        if (wrong == std::errc() && stop == end && negative >= least) {
            into = static_cast<std::uint64_t>(negative);
            return true;
        }
    }
    const auto [stop, wrong] = std::from_chars(text.data(), end, into);
    if (wrong == std::errc() && stop == end && into <= most) return true;
    const bool is_number = stop == end && wrong != std::errc::invalid_argument;
    out.error(given.at(),
              is_number ? "`" + text + "` is too large" : "`" + text + "` is no whole number");
    return false;
}

bool read_duration(const node& given, std::chrono::nanoseconds resolution,
                   std::chrono::nanoseconds& into, diagnostics& out) {
    if (!expect_scalar(given, "a duration", out)) return false;
    if (!take(given, parse_duration(given.text()), into, out)) return false;
    if (into % resolution == std::chrono::nanoseconds(0)) return true;
    out.error(given.at(), "`" + given.text() + "` is too fine: only multiples of " +
                              text_of(resolution) + " are possible here");
    return false;
}

std::string duration_text(std::chrono::nanoseconds value) { return text_of(value); }

bool read_word(const node& given, const std::vector<std::string_view>& known, std::size_t& which,
               diagnostics& out) {
    if (!expect_scalar(given, one_of(known), out)) return false;
    const auto found = std::ranges::find(known, given.text());
    if (found == known.end()) {
        out.error(given.at(),
                  "`" + given.text() + "` is not known here" + did_you_mean(given.text(), known));
        return false;
    }
    which = static_cast<std::size_t>(found - known.begin());
    return true;
}

bool is_off(const node& given) {
    return given.is_scalar() &&
           (given.text() == "off" || given.text() == "false" || given.text() == "no");
}

bool check_name(const node::entry& given, diagnostics& out) {
    if (is_name(given.key)) return true;
    out.error(given.at, "`" + given.key +
                            "` cannot be a name: use letters, digits, `-`, `_` and `.`, at most " +
                            std::to_string(limits::name_max));
    return false;
}

shape type_of_words(const std::vector<std::string_view>& known) {
    auto words = node::empty_list();
    for (const auto one : known) words.add(node::quoted(std::string(one)));
    auto listed = node::empty_map();
    listed.set("enum", std::move(words));

    auto either = node::empty_list();
    either.add(std::move(listed));
    either.add(text_schema("[$][{]"));
    auto made = node::empty_map();
    made.set("anyOf", std::move(either));
    return {.words = one_of(known), .schema = std::move(made)};
}

shape list_of(shape item) {
    auto list = node::empty_map();
    list.set("type", node::quoted("array"));
    list.set("items", item.schema);

    auto either = node::empty_list();
    either.add(std::move(list));
    either.add(std::move(item.schema));
    item.schema = node::empty_map();
    item.schema.set("anyOf", std::move(either));
    item.words = "list of " + item.words;
    item.below = "[]" + item.below;
    return item;
}

shape named(shape item) {
    auto map = node::empty_map();
    map.set("type", node::quoted("object"));
    map.set("additionalProperties", std::move(item.schema));
    item.schema = std::move(map);
    item.words = "NAME: " + item.words;
    item.below = ".NAME" + item.below;
    return item;
}

shape or_off(shape other) {
    auto words = node::empty_list();
    for (const auto* word : {"off", "false", "no"}) words.add(node::quoted(word));
    words.add(node::plain("false"));
    auto off = node::empty_map();
    off.set("enum", std::move(words));

    auto either = node::empty_list();
    either.add(std::move(off));
    either.add(std::move(other.schema));
    other.schema = node::empty_map();
    other.schema.set("anyOf", std::move(either));
    other.words += ", or `off`";
    return other;
}

shape type_of_integer(std::int64_t least, std::uint64_t most) {
    auto schema = or_variable("integer");
    if (least == 0) schema.set("minimum", node::plain("0"));
    if (most <= 0xffff'ffff) schema.set("maximum", node::plain(std::to_string(most)));
    return {.words = "number", .schema = std::move(schema)};
}

shape type_of_duration() { return {.words = "duration", .schema = text_schema(duration_pattern)}; }

}  // namespace detail

bool codec<bool>::read(const node& given, bool& into, diagnostics& out) {
    static const std::vector<std::string_view> words{"true", "false", "yes", "no", "on", "off"};
    std::size_t which = 0;
    if (!detail::read_word(given, words, which, out)) return false;
    into = which % 2 == 0;
    return true;
}
node codec<bool>::show(bool value) { return node::plain(value ? "true" : "false"); }
shape codec<bool>::type() {
    return {.words = "`true` or `false`", .schema = or_variable("boolean")};
}

bool codec<std::string>::read(const node& given, std::string& into, diagnostics& out) {
    if (!detail::expect_scalar(given, "a text", out)) return false;
    into = given.text();
    return true;
}
node codec<std::string>::show(const std::string& value) { return node::quoted(value); }
shape codec<std::string>::type() {
    auto schema = node::empty_map();
    auto types = node::empty_list();
    for (const auto* type : {"string", "number", "boolean"}) types.add(node::quoted(type));
    schema.set("type", std::move(types));
    return {.words = "text", .schema = std::move(schema)};
}

bool codec<byte_count>::read(const node& given, byte_count& into, diagnostics& out) {
    return detail::expect_scalar(given, "a size", out) &&
           take(given, parse_bytes(given.text()), into, out);
}
node codec<byte_count>::show(byte_count value) { return node::plain(text_of(value)); }
shape codec<byte_count>::type() {
    auto schema = or_variable("integer");
    schema.entries().back().value = node::quoted(std::string(size_pattern));
    return {.words = "size", .schema = std::move(schema)};
}

bool codec<percentage>::read(const node& given, percentage& into, diagnostics& out) {
    if (!detail::expect_scalar(given, "a percentage", out)) return false;
    const auto& text = given.text();
    const char* const end = text.data() + text.size();
    unsigned value = 0;
    const auto [stop, wrong] = std::from_chars(text.data(), end, value);
    if (wrong != std::errc() || std::string_view(stop, end) != "%" || value > 100) {
        out.error(given.at(), "`" + text + "` is no percentage: write 0% to 100%");
        return false;
    }
    into = {value};
    return true;
}
node codec<percentage>::show(percentage value) {
    return node::plain(std::to_string(value.value) + "%");
}
shape codec<percentage>::type() {
    return {.words = "percentage", .schema = text_schema("^[0-9]+%$|[$][{]")};
}

}  // namespace hawser::config
