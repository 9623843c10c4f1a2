// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "affinity/if_missing.h"
#include "config/settings.h"

namespace hawser::affinity {

/// The settings of a kind whose key is the value of a named parameter. `ends` are the bytes that
/// no such name can have where it stands.
template <typename Settings>
void describe_parameter(config::fields<Settings>& field, std::string_view summary,
                        std::string_view ends) {
    field.shorthand("name");
    field("name", &Settings::name, summary).required().check([ends](const std::string& name) {
        const bool fits = !name.empty() && name.find_first_of(ends) == name.npos;
        return fits ? std::string() : "must be the name of a parameter";
    });
    field("ignore-case", &Settings::ignore_case, "Whether letter case makes no other session.");
    describe_missing(field);
}

}  // namespace hawser::affinity
