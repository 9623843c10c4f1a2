// SPDX-License-Identifier: Apache-2.0
#include "affinity/header.h"

#include <span>

#include "http/cookie.h"
#include "http/message.h"

namespace hawser::affinity {

namespace {

values values_of(std::string_view name, std::span<const http::field> fields) {
    values shown;
    for (const http::field& each : fields)
        if (http::equal_ignoring_case(each.name, name)) shown.take(each.value);
    return shown;
}

}  // namespace

void header::settings::describe(config::fields<settings>& field) {
    field.shorthand("name");
    field("name", &settings::name, "The field's name.")
        .required()
        .check([](const std::string& name) {
            return http::is_token(name) ? std::string() : "must be the name of a header field";
        });
    field("learn", &settings::learn,
          "Whether an answer of the server's names the session in the same field.");
    field("shared", &settings::shared,
          "Whether many clients show one value: it leads new sessions to one server, and names a "
          "session only where nothing else does.");
    field("ignore-case", &settings::ignore_case, "Whether letter case makes no other session.");
    describe_missing(field);
}

header::header(const settings& given, const context& made_for)
    : affinity({.kind = name,
                .missing = given.missing,
                .is_of_a_crowd = given.shared,
                .scope = value_key::scope_of(made_for, given.name),
                .learns = given.learn && !given.shared}),
      settings_(given),
      key_(made_for, given.name, given.ignore_case) {}

sighting header::find(const asking& who) {
    return key_.of(values_of(settings_.name, who.head.fields));
}

void header::answer(const answering& what, reply& into) {
    if (!settings_.learn || settings_.shared) return;
    const auto said = key_.of(values_of(settings_.name, what.head.fields));
    if (!said.key.empty())
        into.learned.push_back({.key = said.key, .renames = has_led(what.found)});
}

}  // namespace hawser::affinity
