// SPDX-License-Identifier: Apache-2.0
#include "affinity/composition.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/hash.h"
#include "base/limits.h"

namespace hawser::affinity {

namespace {

constexpr std::string_view scope_name = ":composition";

std::vector<std::unique_ptr<affinity>> parts_of(const std::vector<part_choice>& chosen,
                                                const context& made_for) {
    std::vector<std::unique_ptr<affinity>> made;
    for (const auto& each : chosen) made.push_back(each.make(made_for));
    return made;
}

}  // namespace

void composition::settings::describe(config::fields<settings>& field) {
    field("of", &settings::of, "The parts, in their order.")
        .required()
        .check([](const std::vector<part_choice>& all) -> std::string {
            if (all.size() >= 2 && all.size() <= limits::affinity_chain_max) return {};
            return "has two parts at least, and " + std::to_string(limits::affinity_chain_max) +
                   " at most";
        });
    describe_missing(field);
}

composition::composition(const settings& given, const context& made_for)
    : composition(given, made_for, parts_of(given.of, made_for)) {}

std::vector<std::string> composition::secrets_of(const parts& all) {
    std::vector<std::string> names;
    for (const auto& each : all)
        for (const auto& one : each->is().secret_parameters) names.push_back(one);
    return names;
}

composition::composition(const settings& given, const context& made_for, parts made)
    : affinity(
          {.kind = name,
           .missing = given.missing,
           .is_of_a_crowd =
               std::ranges::any_of(made, [](const auto& each) { return each->is().is_of_a_crowd; }),
           .proves = std::ranges::any_of(made, [](const auto& each) { return each->is().proves; }),
           .wants_destination = std::ranges::any_of(
               made, [](const auto& each) { return each->is().wants_destination; }),
           .secret_parameters = secrets_of(made)}),
      parts_(std::move(made)),
      issuer_(made_for.with),
      scope_(stable_hash(scope_name, made_for.scope())) {}

sighting composition::find(const asking& who) {
    std::array<char, limits::affinity_chain_max * sizeof(session_key)> text;
    char* end = text.data();
    for (const auto& each : parts_) {
        const auto seen = each->find(who);
        if (seen.key.empty()) return sighting::nothing(seen.why);
        std::memcpy(end, seen.key.hash.data(), sizeof seen.key.hash);
        end += sizeof seen.key.hash;
    }
    return sighting::of(issuer_->key_of(scope_, {text.data(), end}));
}

}  // namespace hawser::affinity
