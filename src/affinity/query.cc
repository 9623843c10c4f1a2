// SPDX-License-Identifier: Apache-2.0
#include "affinity/query.h"

#include <algorithm>

#include "http/message.h"
#include "http/uri.h"

namespace hawser::affinity {

void query::settings::describe(config::fields<settings>& field) {
    field.shorthand("name");
    field("name", &settings::name, "The parameter's name, as it stands in the query.")
        .required()
        .check([](const std::string& name) {
            const bool fits = !name.empty() && name.find_first_of("&=#;% ") == name.npos;
            return fits ? std::string() : "must be the name of a parameter";
        });
    field("ignore-case", &settings::ignore_case, "Whether letter case makes no other session.");
    describe_missing(field);
}

query::query(const settings& given, const context& made_for)
    : affinity({.kind = name,
                .missing = given.missing,
                .scope = value_key::scope_of(made_for, given.name),
                .secret_parameters = {given.name}}),
      name_(given.name),
      key_(made_for, given.name, given.ignore_case) {}

sighting query::find(const asking& who) {
    values shown;
    std::string_view rest = who.head.query;
    while (const auto value = http::take_parameter(name_, '&', rest)) shown.take(*value);
    return key_.of_escaped(shown);
}

}  // namespace hawser::affinity
