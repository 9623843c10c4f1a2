// SPDX-License-Identifier: Apache-2.0
#include "app/configuration/placement.h"

#include <algorithm>

namespace hawser::app {

upstream::first_claim_rule first_claim::wanted() const {
    const auto has = [&](client_trait one) { return std::ranges::find(by, one) != by.end(); };
    return {.by_address = has(client_trait::source_address),
            .by_agent = has(client_trait::user_agent),
            .lasting = lasting};
}

void first_claim::describe(config::fields<first_claim>& field) {
    field("by", &first_claim::by, "What such requests have in common.")
        .check([](const auto& all) -> std::string {
            return all.empty() ? "must name something that tells clients apart" : "";
        });
    field("for", &first_claim::lasting, "How long they count as sent at once.")
        .minimum(std::chrono::milliseconds(1))
        .maximum(limits::first_claim_max);
    field.shorthand("for");
}

void release::describe(config::fields<release>& field) {
    field("name", &release::name, "As servers name it in their `release`.")
        .required()
        .check([](const std::string& name) {
            return config::is_name(name) ? std::string() : "is no name";
        });
    field("weight", &release::weight,
          "Its share of new sessions beside the others'; 0: none, those that it has stay.")
        .maximum(limits::server_weight_max);
    field("discover", &release::discover, "Where the servers that run it are found.");
    field.shorthand("name");
}

}  // namespace hawser::app
