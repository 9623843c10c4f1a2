// SPDX-License-Identifier: Apache-2.0
#include "affinity/value_key.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/hash.h"
#include "base/limits.h"
#include "http/uri.h"

namespace hawser::affinity {

namespace {

char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + ('a' - 'A')) : letter;
}

std::string lower(std::string_view name) {
    std::string made(name);
    std::ranges::transform(made, made.begin(), [](char letter) { return lower(letter); });
    return made;
}

std::string_view without_quotes(std::string_view value) {
    if (value.size() < 2 || value.front() != '"' || value.back() != '"') return value;
    return value.substr(1, value.size() - 2);
}

}  // namespace

std::uint64_t value_key::scope_of(const context& made_for, std::string_view name) {
    return stable_hash(lower(name), made_for.scope());
}

value_key::value_key(const context& made_for, std::string_view name, bool ignores_case)
    : issuer_(made_for.with), scope_(scope_of(made_for, name)), ignores_case_(ignores_case) {}

sighting value_key::of(const values& shown) const {
    if (shown.empty()) return sighting::nothing(cause::no_key);
    if (shown.differ()) return sighting::nothing(cause::ambiguous);
    return of(shown.first());
}

sighting value_key::of(std::string_view value) const {
    value = without_quotes(value);
    if (value.empty()) return sighting::nothing(cause::no_key);
    if (value.size() > limits::session_value_max) return sighting::nothing(cause::forged);
    if (!ignores_case_) return sighting::of(issuer_->key_of(scope_, value));
    std::array<char, limits::session_value_max> folded;
    std::ranges::transform(value, folded.begin(), [](char letter) { return lower(letter); });
    return sighting::of(issuer_->key_of(scope_, {folded.data(), value.size()}));
}

sighting value_key::of_escaped(const values& shown) const {
    // Each byte takes at most three letters.
    std::array<char, 3 * limits::session_value_max> room;
    if (shown.empty() || shown.differ()) return of(shown);
    if (shown.first().size() > room.size()) return sighting::nothing(cause::forged);
    return of(http::percent_decoded(shown.first(), room));
}

}  // namespace hawser::affinity
