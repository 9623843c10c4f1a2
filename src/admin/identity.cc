// SPDX-License-Identifier: Apache-2.0
#include "admin/identity.h"

#include <sodium.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/limits.h"
#include "config/codec.h"
#include "crypto/compare.h"
#include "crypto/digest.h"
#include "http/field.h"

namespace hawser::admin {

namespace {

constexpr std::string_view nobody = "nobody known";
constexpr std::string_view hash_mark = "sha256:";

/// The next word of a line; empty at its end.
std::string_view take_word(std::string_view& line) {
    const auto begin = line.find_first_not_of(" \t\r");
    if (begin == line.npos) return line = {};
    line.remove_prefix(begin);
    const auto word = line.substr(0, line.find_first_of(" \t\r"));
    line.remove_prefix(word.size());
    return word;
}

std::optional<token_digest> parse_digest(std::string_view hex) {
    token_digest made{};
    std::size_t size = 0;
    const int wrong =
        sodium_hex2bin(made.data(), made.size(), hex.data(), hex.size(), nullptr, &size, nullptr);
    if (wrong != 0 || size != made.size()) return std::nullopt;
    return made;
}

std::optional<level> level_named(std::string_view name) {
    for (const auto& each : choices(level()))
        if (each.name == name) return each.value;
    return std::nullopt;
}

/// What is wrong with a line, or nothing.
std::string read_line(std::string_view line, std::vector<token>& into) {
    const auto name = take_word(line);
    const auto rights = level_named(take_word(line));
    const auto secret = take_word(line);
    if (!take_word(line).empty() || !config::is_name(name))
        return "write `NAME LEVEL TOKEN`, or `NAME LEVEL sha256:HEX`";
    if (!rights) return "the level is `viewer`, `operator` or `admin`";
    if (std::ranges::find(into, name, &token::name) != into.end()) return "its name is there twice";
    std::optional<token_digest> digest;
    if (secret.starts_with(hash_mark))
        digest = parse_digest(secret.substr(hash_mark.size()));
    else if (secret.size() >= limits::admin_token_min)
        digest = crypto::sha256(secret);
    if (!digest)
        return "a token has " + std::to_string(limits::admin_token_min) +
               " characters or more, a hash 64 hexadecimal digits";
    into.push_back({.name = std::string(name), .may = *rights, .digest = *digest});
    return {};
}

identity of_user(const access_terms& terms, uid_t uid) {
    identity found{.who = "uid " + std::to_string(uid)};
    const auto given = terms.users.find(uid);
    if (uid == 0 || uid == terms.own_uid)
        found.may = level::admin;
    else if (given != terms.users.end())
        found.may = given->second;
    return found;
}

/// All are compared, so that the time says nothing of which one it was.
identity of_token(const access_terms& terms, std::string_view presented) {
    const auto digest = crypto::sha256(presented);
    identity found{.who = std::string(nobody)};
    for (const auto& each : terms.tokens)
        if (crypto::equal_in_constant_time(each.digest, digest))
            found = {.who = each.name, .may = each.may};
    return found;
}

}  // namespace

result<std::vector<token>> parse_tokens(std::string_view text, std::string_view name) {
    std::vector<token> read;
    std::string wrong;
    for (unsigned number = 1; !text.empty(); ++number) {
        const auto end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        auto start = line;
        const auto first = take_word(start);
        if (first.empty() || first.starts_with('#')) continue;
        if (const auto why = read_line(line, read); !why.empty())
            wrong += std::string(name) + ":" + std::to_string(number) + ": " + why + "\n";
    }
    if (read.size() > limits::admin_tokens_max)
        wrong += std::string(name) + ": holds more than " +
                 std::to_string(limits::admin_tokens_max) + " tokens\n";
    if (!wrong.empty()) return fail(errc::invalid, std::move(wrong));
    return read;
}

identity identify(const access_terms& terms, const http::served_request& asked) {
    if (asked.user) return of_user(terms, *asked.user);
    if (!asked.certificate.empty()) {
        const auto known = terms.subjects.find(asked.certificate);
        if (known != terms.subjects.end()) return {.who = asked.certificate, .may = known->second};
    }
    static constexpr std::string_view scheme = "Bearer ";
    const auto claim = asked.field("Authorization");
    if (!claim.empty()) {
        const bool is_bearer = http::equal_ignoring_case(claim.substr(0, scheme.size()), scheme);
        if (!is_bearer) return {.who = std::string(nobody)};
        return of_token(terms, claim.substr(scheme.size()));
    }
    if (terms.trusts_loopback && asked.peer.ip().is_loopback())
        return {.who = "local", .may = level::admin};
    return {.who = std::string(nobody)};
}

}  // namespace hawser::admin
