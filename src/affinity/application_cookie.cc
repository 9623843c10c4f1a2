// SPDX-License-Identifier: Apache-2.0
#include "affinity/application_cookie.h"

#include <algorithm>
#include <cstring>
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

std::unique_ptr<cookie> tokens_if(bool wanted, const context& made_for) {
    if (!wanted) return nullptr;
    return std::make_unique<cookie>(shadow_settings(), made_for);
}

/// What a mark before a value calls its session: a hash of that very value, so that no mark means
/// anything before another one.
session_id session_of(const session_key& key) {
    session_id made;
    static_assert(sizeof made.bytes == sizeof key.hash);
    std::memcpy(made.bytes.data(), key.hash.data(), sizeof key.hash);
    return made;
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
                                : std::string(),
           .marked_cookie = given.carried_by == carrier::prefix ? given.name : std::string()}),
      settings_(given),
      pool_(made_for.pool),
      key_(made_for, given.name, given.ignore_case),
      shadow_(tokens_if(given.carried_by == carrier::shadow, made_for)),
      prefix_(tokens_if(given.carried_by == carrier::prefix, made_for)) {}

sighting application_cookie::find(const asking& who) {
    // The first one counts, as it does for servers: browsers send that of the longest path first.
    const auto value = http::find_cookie(settings_.name, who.head.fields);
    if (!value) return sighting::nothing(cause::no_key);
    if (prefix_ != nullptr) return find_marked(*value, who);
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

/// A mark that does not verify, or was another value's, only proves nothing.
sighting application_cookie::find_marked(std::string_view value, const asking& who) {
    const auto split = http::split_mark(value, token_text_size);
    auto seen = key_.of(split.value);
    if (seen.key.empty() || split.mark.empty()) return seen;
    const auto mark = prefix_->read(split.mark, who);
    if (mark.carried && mark.carried->session == session_of(seen.key))
        seen.carried = mark.carried;
    else
        seen.why = mark.carried ? cause::forged : mark.why;
    return seen;
}

/// Every value that the answer sets goes on behind a mark of its own; one that is deleted as it is.
void application_cookie::mark_all(const answering& what, reply& into) {
    for (const http::field& each : what.head.fields) {
        if (each.id != http::field_id::set_cookie ||
            http::name_set_by(each.value) != settings_.name)
            continue;
        into.replaced_cookie = settings_.name;
        into.lines.append("Set-Cookie: ");
        const auto set = http::read_set_cookie(each.value, what.now);
        const auto key = key_.of(set.value).key;
        const auto start = each.value.find('=');
        if (set.is_deleted || key.empty() || start == each.value.npos) {
            into.lines.append(each.value).append("\r\n");
            continue;
        }
        auto rest = each.value.substr(start + 1);
        rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of(" \t")));
        auto told = what.home;
        told.session = session_of(key);
        into.lines.append(settings_.name).append("=");
        prefix_->seal(told, what.now, into.lines);
        into.lines.append("~").append(rest).append("\r\n");
        into.carries_mark = true;
    }
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
    if (prefix_ != nullptr) mark_all(what, into);
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
