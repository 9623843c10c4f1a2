// SPDX-License-Identifier: Apache-2.0
#include "balance/key_source.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "base/hash.h"
#include "base/limits.h"
#include "http/cookie.h"
#include "http/uri.h"

namespace hawser::balance {

namespace {

using http::request_head;

/// As long as a head may be; what is written there is never longer than what was sent.
using room = std::array<char, limits::request_head_max>;

std::uint64_t hash_of_path(const request_head& head, std::uint64_t salt) noexcept {
    room space;
    if (head.path.size() > space.size()) return stable_hash(head.path, salt);
    return stable_hash(http::normal_path(head.path, space).value_or(head.path), salt);
}

using maybe_hash = std::optional<std::uint64_t>;

/// Which of the parameters a value belongs to counts, the order in which they were sent does not.
maybe_hash hash_of_parameters(const request_head& head, const std::vector<std::string>& names,
                              std::uint64_t salt) {
    room space;
    maybe_hash made;
    for (std::size_t n = 0; n < names.size(); ++n) {
        std::string_view rest = head.query;
        const auto value = http::take_parameter(names[n], '&', rest);
        if (value)
            made = stable_hash(http::percent_decoded(*value, space), made.value_or(salt) + n);
    }
    return made;
}

maybe_hash hash_of_field(const request_head& head, std::string_view name, std::uint64_t salt) {
    maybe_hash made;
    for (const http::field& each : head.fields)
        if (http::equal_ignoring_case(each.name, name))
            made = stable_hash(each.value, made.value_or(salt));
    return made;
}

maybe_hash hash_of_cookie(const request_head& head, std::string_view name, std::uint64_t salt) {
    const auto value = http::find_cookie(name, head.fields);
    return value ? maybe_hash(stable_hash(*value, salt)) : std::nullopt;
}

}  // namespace

std::uint64_t key_source::hash_of(const request_head& head, const io::ip_address& client,
                                  std::uint64_t salt) const noexcept {
    maybe_hash made;
    switch (of) {
        case part::source_ip:
        case part::session: break;
        case part::path: return hash_of_path(head, salt);
        case part::uri: {
            const auto path = hash_of_path(head, salt);
            return head.query.empty() ? path : stable_hash(head.query, path);
        }
        case part::query: made = hash_of_parameters(head, names, salt); break;
        case part::header: made = hash_of_field(head, names.front(), salt); break;
        case part::cookie: made = hash_of_cookie(head, names.front(), salt); break;
    }
    if (made) return *made;
    const auto& address = client.bytes();
    return stable_hash({reinterpret_cast<const char*>(address.data()), address.size()}, salt);
}

}  // namespace hawser::balance

namespace hawser::config {

namespace {

using balance::key_source;
using part = key_source::part;

constexpr std::array<std::pair<std::string_view, part>, 4> words{{{"source-ip", part::source_ip},
                                                                  {"uri", part::uri},
                                                                  {"path", part::path},
                                                                  {"session", part::session}}};
constexpr std::array<std::pair<std::string_view, part>, 3> keys{
    {{"query", part::query}, {"header", part::header}, {"cookie", part::cookie}}};

constexpr std::string_view ways =
    "`source-ip`, `uri`, `path`, `session`, `{query: [NAME, ...]}`, `{header: NAME}` or "
    "`{cookie: NAME}`";

/// An empty text: nothing is wrong.
std::string wrong_names(part of, const std::vector<std::string>& names) {
    if (of == part::query) {
        if (names.empty()) return "name at least one parameter";
        if (names.size() <= limits::hashed_parameters_max) return {};
        return "has more than " + std::to_string(limits::hashed_parameters_max) + " parameters";
    }
    if (names.size() == 1 && http::is_token(names.front())) return {};
    return of == part::header ? "must be the name of a header field"
                              : "must be the name of a cookie";
}

}  // namespace

bool codec<key_source>::read(const node& given, key_source& into, diagnostics& out) {
    if (given.is_scalar()) {
        for (const auto& [word, of] : words) {
            if (given.text() != word) continue;
            into = {.of = of};
            return true;
        }
    }
    const bool is_pair = given.is_map() && given.entries().size() == 1;
    const auto found = std::ranges::find_if(keys, [&](const auto& each) {
        return is_pair && given.entries().front().key == each.first;
    });
    if (found == keys.end()) {
        out.error(given.at(), "must be " + std::string(ways));
        return false;
    }
    key_source made{.of = found->second};
    const node& named = given.entries().front().value;
    if (!codec<std::vector<std::string>>::read(named, made.names, out)) return false;
    if (const auto wrong = wrong_names(made.of, made.names); !wrong.empty()) {
        out.error(named.at(), "`" + std::string(found->first) + "`: " + wrong);
        return false;
    }
    into = std::move(made);
    return true;
}

node codec<key_source>::show(const key_source& value) {
    for (const auto& [word, of] : words)
        if (of == value.of) return node::plain(std::string(word));
    auto made = node::empty_map();
    for (const auto& [key, of] : keys) {
        if (of != value.of) continue;
        made.set(std::string(key), of == part::query
                                       ? codec<std::vector<std::string>>::show(value.names)
                                       : node::quoted(value.names.front()));
    }
    return made;
}

shape codec<key_source>::type() {
    auto name = node::empty_map();
    name.set("type", node::quoted("object"));
    auto either = node::empty_list();
    either.add(codec<std::string>::type().schema);
    either.add(std::move(name));
    shape made{.words = std::string(ways)};
    made.schema = node::empty_map();
    made.schema.set("anyOf", std::move(either));
    return made;
}

}  // namespace hawser::config
