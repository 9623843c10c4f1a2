// SPDX-License-Identifier: Apache-2.0
#include "affinity/query.h"

#include "affinity/parameter.h"
#include "http/message.h"
#include "http/uri.h"

namespace hawser::affinity {

void query::settings::describe(config::fields<settings>& field) {
    describe_parameter(field, "The parameter's name, as it stands in the query.", "&=#;% ");
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
