// SPDX-License-Identifier: Apache-2.0
#include "config/schema.h"

#include <algorithm>

#include "config/kinds.h"
#include "config/suggest.h"

namespace hawser::config {
namespace {

node either(std::vector<node> all) {
    auto listed = node::empty_list();
    for (auto& one : all) listed.add(std::move(one));
    auto made = node::empty_map();
    made.set("anyOf", std::move(listed));
    return made;
}

node constant(const std::string& word) {
    auto made = node::empty_map();
    made.set("const", node::quoted(word));
    return made;
}

node property_of(const field& one, const void* defaults) {
    auto type = one.type();
    auto made = std::move(type.schema);
    made.set("description", node::quoted(std::string(one.summary())));
    if (auto value = one.show(defaults); type.object == nullptr && !value.is_null()) {
        made.set("default", std::move(value));
    }
    return made;
}

/// What document.h reads before anything else sees it.
node include_schema() {
    auto made =
        either({codec<std::string>::type().schema, codec<std::vector<std::string>>::type().schema});
    made.set("description", node::quoted("Further files, or directories of *.yaml."));
    return made;
}

node object_schema(const description& what) {
    auto properties = node::empty_map();
    auto required = node::empty_list();
    for (const auto& one : what.all) {
        properties.set(std::string(one->key()), property_of(*one, what.defaults.get()));
        if (one->is_required()) required.add(node::quoted(std::string(one->key())));
    }
    auto made = node::empty_map();
    made.set("type", node::quoted("object"));
    made.set("properties", std::move(properties));
    if (!required.items().empty()) made.set("required", std::move(required));
    made.set("additionalProperties", node::plain("false"));
    return made;
}

}  // namespace

shape type_of_object(const description& what) {
    auto schema = object_schema(what);
    std::string words = "map";
    if (!what.shorthand.empty()) {
        const auto brief = what.find(what.shorthand)->type();
        words = brief.words + ", or map";
        schema = either({brief.schema, std::move(schema)});
    }
    return {.words = std::move(words), .schema = std::move(schema), .object = &what};
}

shape detail::type_of_choice(std::vector<shape::alternative> all) {
    std::vector<std::string_view> names;
    std::vector<node> ways;
    for (const auto& one : all) {
        names.push_back(one.name);
        ways.push_back(constant(one.name));
        auto settings = node::empty_map();
        settings.set(one.name, object_schema(*one.settings));
        auto with_settings = node::empty_map();
        with_settings.set("type", node::quoted("object"));
        with_settings.set("properties", std::move(settings));
        with_settings.set("additionalProperties", node::plain("false"));
        with_settings.set("maxProperties", node::plain("1"));
        with_settings.set("minProperties", node::plain("1"));
        ways.push_back(std::move(with_settings));
    }
    auto words = one_of(names);
    return {.words = std::move(words), .schema = either(std::move(ways)), .kinds = std::move(all)};
}

shape detail::type_of_kind(const description& settings) {
    auto made = type_of_object(settings);
    const bool needs_settings =
        std::ranges::any_of(settings.all, [](const auto& each) { return each->is_required(); });
    if (needs_settings) return made;
    made.schema = either({constant("on"), std::move(made.schema)});
    made.words = settings.all.empty() ? "`on`" : "`on`, or " + made.words;
    if (settings.all.empty()) made.object = nullptr;
    return made;
}

node schema_of(const description& what, std::string_view title) {
    auto made = node::empty_map();
    made.set("$schema", node::quoted("https://json-schema.org/draft/2020-12/schema"));
    made.set("title", node::quoted(std::string(title)));
    auto body = object_schema(what);
    for (auto& one : body.entries()) {
        if (one.key == "properties") one.value.set("include", include_schema());
    }
    // Keys that begin with `x-` are free: a place for YAML anchors.
    auto free = node::empty_map();
    free.set("^x-", node::plain("true"));
    body.entries().insert(body.entries().end() - 1, {"patternProperties", {}, std::move(free)});
    for (auto& one : body.entries()) made.set(one.key, std::move(one.value));
    return made;
}

}  // namespace hawser::config
