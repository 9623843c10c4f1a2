// SPDX-License-Identifier: Apache-2.0
#include "affinity/bearer.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/hash.h"
#include "base/limits.h"
#include "config/document.h"
#include "crypto/jwt.h"
#include "http/cookie.h"
#include "http/message.h"

namespace hawser::affinity {

namespace {

using nlohmann::json;

constexpr std::string_view scheme = "bearer ";

cause cause_of(crypto::jwt_fault fault) {
    return fault == crypto::jwt_fault::unknown_key ? cause::foreign : cause::forged;
}

/// Text, or a whole number, as a text; nothing for anything else.
std::optional<std::string> text_of(const json& claims, const std::string& name) {
    const auto found = claims.find(name);
    if (found == claims.end()) return std::nullopt;
    if (found->is_string()) return found->get<std::string>();
    if (found->is_number_integer()) return found->dump();
    return std::nullopt;
}

/// A time that the token names; `otherwise` if it names none, nothing if that is no number.
std::optional<double> time_in(const json& claims, const char* name, double otherwise) {
    const auto found = claims.find(name);
    if (found == claims.end()) return otherwise;
    return found->is_number() ? std::optional(found->get<double>()) : std::nullopt;
}

}  // namespace

std::string token_keys::text() const {
    if (!keys) return {};
    return {reinterpret_cast<const char*>(keys->digest().data()), keys->digest().size()};
}

void bearer::settings::describe(config::fields<settings>& field) {
    field.shorthand("claim");
    field("claim", &settings::claim, "The claim that tells the session.")
        .check([](const std::string& claim) {
            return claim.empty() ? std::string("must be the name of a claim") : std::string();
        });
    field("keys", &settings::keys,
          "A file of the keys that sign tokens; without it nothing is verified.");
    field("header", &settings::header, "The field that carries the token, behind `Bearer`.")
        .check([](const std::string& header) {
            return http::is_token(header) ? std::string() : "must be the name of a header field";
        });
    describe_missing(field);
}

bearer::bearer(const settings& given, const context& made_for)
    : affinity({.kind = given.keys.keys ? name : std::string_view("bearer-unverified"),
                .missing = given.missing,
                .proves = given.keys.keys != nullptr,
                .names_user = true}),
      settings_(given),
      issuer_(made_for.with),
      token_scope_(stable_hash(":token", made_for.scope())),
      // What anybody can claim is never the key of what somebody has proved.
      key_(made_for, (given.keys.keys ? ":claim:" : ":unverified:") + given.claim, false),
      memory_(limits::tokens_remembered) {}

sighting bearer::find(const asking& who) {
    const auto token = token_in(who);
    if (token.empty()) return sighting::nothing(cause::no_key);
    if (token.size() > limits::bearer_token_max) return sighting::nothing(cause::forged);
    const auto hash = issuer_->key_of(token_scope_, token);
    remembered& place = memory_[hash.hash[0] % memory_.size()];
    if (place.token != hash) {
        auto why = cause::none;
        auto read_now = read(token, why);
        if (!read_now) return sighting::nothing(why);
        read_now->token = hash;
        place = *read_now;
    }
    const auto why = check_time(place, who.now);
    return why == cause::none ? sighting::of(place.says) : sighting::nothing(why);
}

/// The first field that has the scheme.
std::string_view bearer::token_in(const asking& who) const {
    for (const http::field& each : who.head.fields) {
        if (!http::equal_ignoring_case(each.name, settings_.header)) continue;
        if (!http::equal_ignoring_case(each.value.substr(0, scheme.size()), scheme)) continue;
        auto token = each.value.substr(scheme.size());
        while (token.starts_with(' ')) token.remove_prefix(1);
        return token;
    }
    return {};
}

std::optional<bearer::remembered> bearer::read(std::string_view token, cause& why) const {
    const auto said = settings_.keys.keys ? crypto::verified_claims(token, *settings_.keys.keys)
                                          : crypto::unverified_claims(token);
    if (!said) {
        why = cause_of(said.error());
        return std::nullopt;
    }
    const auto claims = json::parse(*said, nullptr, false);
    const auto begins = claims.is_object() ? time_in(claims, "nbf", -INFINITY) : std::nullopt;
    const auto ends = claims.is_object() ? time_in(claims, "exp", INFINITY) : std::nullopt;
    if (!begins || !ends) {
        why = cause::forged;
        return std::nullopt;
    }
    const auto value = text_of(claims, settings_.claim);
    if (!value || value->empty()) {
        why = cause::no_key;
        return std::nullopt;
    }
    // Two issuers may have users of one name.
    const auto found = key_.of(text_of(claims, "iss").value_or(std::string()) + '\0' + *value);
    if (found.key.empty()) {
        why = found.why;
        return std::nullopt;
    }
    return remembered{
        .token = {}, .says = found.key, .begins = seconds(*begins), .ends = seconds(*ends)};
}

cause bearer::check_time(const remembered& what, wall_time now) {
    const seconds present = now.time_since_epoch();
    if (present > what.ends + limits::clock_skew_max) return cause::expired;
    return present < what.begins - limits::clock_skew_max ? cause::forged : cause::none;
}

}  // namespace hawser::affinity

namespace hawser::config {

bool codec<affinity::token_keys>::read(const node& given, affinity::token_keys& into,
                                       diagnostics& out) {
    std::string file;
    if (!codec<std::string>::read(given, file, out)) return false;
    if (file.empty()) {
        into = {};
        return true;
    }
    const auto text = read_file(file, given.at(), out);
    if (!text) return false;
    auto keys = crypto::jwt_keys::read(*text);
    if (!keys) {
        out.error(given.at(), "`" + file + "` " + keys.error());
        return false;
    }
    into = {.file = std::move(file),
            .keys = std::make_shared<const crypto::jwt_keys>(std::move(*keys))};
    return true;
}

node codec<affinity::token_keys>::show(const affinity::token_keys& value) {
    return codec<std::string>::show(value.file);
}

shape codec<affinity::token_keys>::type() { return codec<std::string>::type(); }

}  // namespace hawser::config
