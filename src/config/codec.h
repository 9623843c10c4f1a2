// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "config/diagnostics.h"
#include "config/node.h"

/// How a type is written in the configuration. What a settings field may be:
///
///     bool, integers, std::string         as they look
///     std::chrono durations               30s, 1h30m, 250ms; shown in the largest fitting unit
///     byte_count                          4096, 32KiB, 1MiB, 2GiB (k, m, g mean the same)
///     percentage                          20%
///     an enum E with `choices(E)`         one of its words, found by argument-dependent lookup
///     std::optional<T>                    may be left out; has no default of its own
///     switchable<T>                       T, or `off`
///     std::vector<T>                      a list; a lone scalar, or map of settings, is a list of
///     one std::map<std::string, T, std::less<>>   NAME: T a settings struct                   a
///     map (settings.h) choice<kinds>                       a kind's name, or {name: {its
///     settings}} (kinds.h)
namespace hawser::config {

struct description;
template <typename S>
class fields;

/// What the schema and the reference page say about a type.
struct shape {
    /// A kind that may be chosen, with the settings that it then has.
    struct alternative {
        std::string name;
        std::string summary;
        const description* settings;
    };

    std::string words = {};               ///< "duration", "list of text"
    node schema = {};                     ///< JSON Schema
    std::string below = {};               ///< path to the parts: "", ".NAME", "[]"
    const description* object = nullptr;  ///< its fields, listed on their own
    std::vector<alternative> kinds = {};
};

/// How T is read and written: each has these three. `read` tells `out` what is wrong and then
/// returns false; what could be read all the same stays in `into`.
///     static bool read(const node& given, T& into, diagnostics& out);
///     static node show(const T& value);
///     static shape type();
template <typename T>
struct codec;

template <typename S>
concept is_described = requires(fields<S>& naming) { S::describe(naming); };

/// Hundredths of a whole.
struct percentage {
    unsigned value = 0;
    friend constexpr auto operator<=>(percentage, percentage) = default;
};

/// A part of the configuration that can be turned off by the word `off`.
template <typename T>
struct switchable : std::optional<T> {
    using std::optional<T>::optional;
    friend bool operator==(const switchable&, const switchable&) = default;
};

/// One word of an enum: `constexpr std::array<config::word<same_site>, 3> choices(same_site)`.
template <typename E>
struct word {
    std::string_view name;
    E value;
    std::string_view summary = {};
};

template <typename E>
concept has_words = std::is_enum_v<E> && requires(E any) { choices(any); };

/// The names of listeners, pools and servers: letters, digits, `-`, `_`, `.`; at most 64.
[[nodiscard]] bool is_name(std::string_view text);

namespace detail {

bool expect_scalar(const node& given, std::string_view wanted, diagnostics& out);
bool read_integer(const node& given, std::int64_t least, std::uint64_t most, std::uint64_t& into,
                  diagnostics& out);
bool read_duration(const node& given, std::chrono::nanoseconds resolution,
                   std::chrono::nanoseconds& into, diagnostics& out);
std::string duration_text(std::chrono::nanoseconds value);
bool read_word(const node& given, const std::vector<std::string_view>& known, std::size_t& which,
               diagnostics& out);
bool is_off(const node& given);
bool check_name(const node::entry& given, diagnostics& out);
bool expect_map(const node& given, std::string_view wanted, diagnostics& out);
bool expect_list(const node& given, std::string_view wanted, diagnostics& out);
shape type_of_words(const std::vector<std::string_view>& known);
shape list_of(shape item);
shape named(shape item);
shape or_off(shape other);
shape type_of_integer(std::int64_t least, std::uint64_t most);
shape type_of_duration();

}  // namespace detail

template <>
struct codec<bool> {
    static bool read(const node& given, bool& into, diagnostics& out);
    static node show(bool value);
    static shape type();
};

template <>
struct codec<std::string> {
    static bool read(const node& given, std::string& into, diagnostics& out);
    static node show(const std::string& value);
    static shape type();
};

template <>
struct codec<byte_count> {
    static bool read(const node& given, byte_count& into, diagnostics& out);
    static node show(byte_count value);
    static shape type();
};

template <>
struct codec<percentage> {
    static bool read(const node& given, percentage& into, diagnostics& out);
    static node show(percentage value);
    static shape type();
};

template <std::integral T>
struct codec<T> {
    static constexpr auto least = static_cast<std::int64_t>(std::numeric_limits<T>::min());
    static constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<T>::max());

    static bool read(const node& given, T& into, diagnostics& out) {
        std::uint64_t value = 0;
        if (!detail::read_integer(given, least, most, value, out)) return false;
        into = static_cast<T>(value);
        return true;
    }
    static node show(T value) { return node::plain(std::to_string(value)); }
    static shape type() { return detail::type_of_integer(least, most); }
};

template <typename Rep, typename Period>
struct codec<std::chrono::duration<Rep, Period>> {
    using duration = std::chrono::duration<Rep, Period>;

    static bool read(const node& given, duration& into, diagnostics& out) {
        std::chrono::nanoseconds value{};
        if (!detail::read_duration(given, duration(1), value, out)) return false;
        into = std::chrono::duration_cast<duration>(value);
        return true;
    }
    static node show(duration value) { return node::plain(detail::duration_text(value)); }
    static shape type() { return detail::type_of_duration(); }
};

template <has_words E>
struct codec<E> {
    static std::vector<std::string_view> words() {
        std::vector<std::string_view> all;
        for (const auto& one : choices(E{})) all.push_back(one.name);
        return all;
    }
    static bool read(const node& given, E& into, diagnostics& out) {
        std::size_t which = 0;
        if (!detail::read_word(given, words(), which, out)) return false;
        into = choices(E{})[which].value;
        return true;
    }
    static node show(E value) {
        for (const auto& one : choices(E{})) {
            if (one.value == value) return node::plain(std::string(one.name));
        }
        return {};
    }
    static shape type() { return detail::type_of_words(words()); }
};

template <typename T>
struct codec<std::optional<T>> {
    static bool read(const node& given, std::optional<T>& into, diagnostics& out) {
        T value = into.value_or(T{});
        const bool fine = codec<T>::read(given, value, out);
        into = std::move(value);
        return fine;
    }
    static node show(const std::optional<T>& value) {
        return value ? codec<T>::show(*value) : node();
    }
    static shape type() { return codec<T>::type(); }
};

template <typename T>
struct codec<switchable<T>> {
    static bool read(const node& given, switchable<T>& into, diagnostics& out) {
        if (detail::is_off(given)) {
            into.reset();
            return true;
        }
        T value = into.value_or(T{});
        if (!codec<T>::read(given, value, out)) return false;
        into = switchable<T>(std::move(value));
        return true;
    }
    static node show(const switchable<T>& value) {
        return value ? codec<T>::show(*value) : node::plain("off");
    }
    static shape type() { return detail::or_off(codec<T>::type()); }
};

template <typename T>
struct codec<std::vector<T>> {
    static bool read(const node& given, std::vector<T>& into, diagnostics& out) {
        const bool stands_alone = given.is_scalar() || (given.is_map() && is_described<T>);
        if (!stands_alone && !detail::expect_list(given, codec<T>::type().words, out)) {
            return false;
        }
        into.clear();
        if (stands_alone) return read_item(given, into, out);
        bool fine = true;
        for (const auto& item : given.items()) fine &= read_item(item, into, out);
        return fine;
    }
    static node show(const std::vector<T>& value) {
        node all = node::empty_list();
        for (const auto& item : value) all.add(codec<T>::show(item));
        return all;
    }
    static shape type() { return detail::list_of(codec<T>::type()); }

  private:
    /// A struct that was read in part is kept, so that further checks find its other parts.
    static bool read_item(const node& given, std::vector<T>& into, diagnostics& out) {
        T value{};
        const bool fine = codec<T>::read(given, value, out);
        if (fine || is_described<T>) into.push_back(std::move(value));
        return fine;
    }
};

template <typename T>
struct codec<std::map<std::string, T, std::less<>>> {
    using map = std::map<std::string, T, std::less<>>;

    static bool read(const node& given, map& into, diagnostics& out) {
        if (!detail::expect_map(given, "NAME: " + codec<T>::type().words, out)) return false;
        into.clear();
        bool fine = true;
        for (const auto& one : given.entries()) {
            fine &= detail::check_name(one, out);
            fine &= codec<T>::read(one.value, into[one.key], out);
        }
        return fine;
    }
    static node show(const map& value) {
        node all = node::empty_map();
        for (const auto& [name, one] : value) all.set(name, codec<T>::show(one));
        return all;
    }
    static shape type() { return detail::named(codec<T>::type()); }
};

}  // namespace hawser::config
