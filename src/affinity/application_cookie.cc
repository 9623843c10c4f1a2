// SPDX-License-Identifier: Apache-2.0
#include "affinity/application_cookie.h"

#include <optional>

#include "base/hash.h"
#include "base/limits.h"
#include "http/cookie.h"
#include "http/message.h"

namespace hawser::affinity {

namespace {

/// Its lifetime is the application's cookie's, and the registry's limits hold for it as for any.
cookie::settings shadow_settings() {
    return {.ttl = limits::binding_age_max, .absolute = limits::binding_age_max};
}

std::unique_ptr<cookie> shadow_for(carrier by, const context& made_for) {
    if (by != carrier::shadow) return nullptr;
    return std::make_unique<cookie>(shadow_settings(), made_for);
}

/// The last of several counts, as it does for browsers.
std::optional<http::cookie_set> last_set(std::string_view name, const answering& what) {
    std::optional<http::cookie_set> last;
    for (const http::field& each : what.head.fields) {
        if (each.id != http::field_id::set_cookie || http::name_set_by(each.value) != name)
            continue;
        last = http::read_set_cookie(each.value, what.now);
    }
    return last;
}

}  // namespace

void application_cookie::settings::describe(config::fields<settings>& field) {
    field.shorthand("name");
    field("name", &settings::name, "The cookie's name, as the application sets it.")
        .required()
        .check([](const std::string& name) {
            return http::is_token(name) ? std::string() : "must be the name of a cookie";
        });
    field("carrier", &settings::carried_by, "Who carries the home of its sessions.");
    field("ignore-case", &settings::ignore_case, "Whether letter case makes no other session.");
    describe_missing(field);
}

application_cookie::application_cookie(const settings& given, const context& made_for)
    : affinity(
          {.kind = "application-cookie",
           .missing = given.missing,
           .scope = value_key::scope_of(made_for, given.name),
           .learns = true,
           .hidden_cookie = given.carried_by == carrier::shadow
                                ? cookie::name_in(shadow_settings(), made_for.pool, made_for.tls)
                                : std::string()}),
      settings_(given),
      pool_(made_for.pool),
      key_(made_for, given.name, given.ignore_case),
      shadow_(shadow_for(given.carried_by, made_for)) {}

sighting application_cookie::find(const asking& who) {
    // The first one counts, as it does for servers: browsers send that of the longest path first.
    const auto value = http::find_cookie(settings_.name, who.head.fields);
    if (!value) return sighting::nothing(cause::no_key);
    auto seen = key_.of(*value);
    if (seen.key.empty()) return seen;
    if (settings_.carried_by == carrier::route) seen.advised = route_in(*value);
    if (shadow_ != nullptr) {
        const auto mark = shadow_->find(who);
        seen.carried = mark.carried;
        if (mark.why != cause::no_key) seen.why = mark.why;
    }
    return seen;
}

void application_cookie::answer(const answering& what, reply& into) {
    const auto set = last_set(settings_.name, what);
    const bool has_shown = has_led(what.found);
    if (!set) {
        if (shadow_ != nullptr && (has_shown || what.found.carried)) shadow_->answer(what, into);
        return;
    }
    const auto said = key_.of(set->value);
    if (set->is_deleted || said.key.empty()) {
        into.ends = has_shown;
        if (shadow_ != nullptr) shadow_->take_back(into);
        return;
    }
    into.learned.push_back({.key = said.key, .renames = has_shown});
    if (shadow_ != nullptr)
        shadow_->give(what.home, what.now, {.max_age = set->max_age, .expires = set->expires},
                      into);
}

/// The server that the application has named; `no_server_id`: none.
server_id application_cookie::route_in(std::string_view value) const {
    const auto dot = value.rfind('.');
    if (dot == value.npos || dot + 1 == value.size()) return no_server_id;
    return server_id_of(pool_, value.substr(dot + 1));
}

}  // namespace hawser::affinity
