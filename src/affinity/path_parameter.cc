// SPDX-License-Identifier: Apache-2.0
#include "affinity/path_parameter.h"

#include <algorithm>

#include "affinity/parameter.h"
#include "http/message.h"
#include "http/uri.h"

namespace hawser::affinity {

void path_parameter::settings::describe(config::fields<settings>& field) {
    describe_parameter(field, "The parameter's name, as it stands in the path.", "/;=?#% ");
}

path_parameter::path_parameter(const settings& given, const context& made_for)
    : affinity({.kind = "path-parameter",
                .missing = given.missing,
                .scope = value_key::scope_of(made_for, given.name),
                .secret_parameters = {given.name}}),
      name_(given.name),
      key_(made_for, given.name, given.ignore_case) {}

sighting path_parameter::find(const asking& who) {
    values shown;
    std::string_view path = who.head.path;
    while (!path.empty()) {
        auto segment = path.substr(0, path.find('/'));
        path.remove_prefix(std::min(path.size(), segment.size() + 1));
        const auto first = segment.find(';');
        if (first == segment.npos) continue;
        segment.remove_prefix(first + 1);
        while (const auto value = http::take_parameter(name_, ';', segment)) shown.take(*value);
    }
    return key_.of_escaped(shown);
}

}  // namespace hawser::affinity
