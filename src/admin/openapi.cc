// SPDX-License-Identifier: Apache-2.0
#include "admin/openapi.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "admin/schemas.h"
#include "config/settings.h"
#include "config/write.h"

namespace hawser::admin {

namespace {

using json = nlohmann::ordered_json;

json reference_to(std::string_view schema) {
    return {{"$ref", "#/components/schemas/" + std::string(schema)}};
}

json content_of(std::string_view type, json schema) {
    return {{std::string(type), {{"schema", std::move(schema)}}}};
}

/// A name for each `{...}` of a path.
void add_names(std::string_view path, json& into) {
    while (const auto begin = path.find('{') + 1) {
        const auto end = path.find('}', begin);
        into.push_back({{"name", path.substr(begin, end - begin)},
                        {"in", "path"},
                        {"required", true},
                        {"schema", {{"type", "string"}, {"pattern", "^[A-Za-z0-9_.-]{1,64}$"}}}});
        path.remove_prefix(end);
    }
}

json flag(std::string_view name, std::string_view description) {
    return {{"name", name},
            {"in", "query"},
            {"description", description},
            {"schema", {{"type", "boolean"}}}};
}

/// Each field of what the query is read as.
void add_query(const config::description& fields, json& into) {
    for (const auto& each : fields.all) {
        into.push_back({{"name", each->key()},
                        {"in", "query"},
                        {"required", each->is_required()},
                        {"description", each->summary()},
                        {"schema", json::parse(config::to_json(each->type().schema))}});
    }
}

json parameters_of(const action& what, const operations& node) {
    json all = json::array();
    add_names(what.path, all);
    if (what.query != nullptr) add_query(what.query(node), all);
    if (!what.is_change()) return all;
    all.push_back(flag("dry_run", "Only tell what it would lead to"));
    all.push_back(flag("force", "However many sessions would move"));
    all.push_back({{"name", "If-Match"},
                   {"in", "header"},
                   {"description", "The ETag of what was seen, or `*`"},
                   {"schema", {{"type", "string"}}}});
    return all;
}

json answers_of(const action& what) {
    const auto body = what.answer.empty()
                          ? content_of("text/plain", {{"type", "string"}})
                          : content_of("application/json", reference_to(what.answer));
    return {{"200", {{"description", what.summary}, {"content", body}}},
            {"default",
             {{"description", "It was not done, and why"},
              {"content", content_of("application/json", reference_to("Problem"))}}}};
}

/// `GET /v1/pools/{pool}` is `get-v1-pools-pool`.
std::string id_of(const action& what) {
    std::string id;
    for (const char each : std::string(what.method) + std::string(what.path)) {
        if (each == '/')
            id += '-';
        else if (each >= 'A' && each <= 'Z')
            id += static_cast<char>(each + ('a' - 'A'));
        else if (each != '{' && each != '}')
            id += each;
    }
    return id;
}

json operation_of(const action& what, const operations& node) {
    json made = {{"operationId", id_of(what)},
                 {"summary", what.summary},
                 {"x-level", name_of(what.least)},
                 {"parameters", parameters_of(what, node)}};
    if (what.body != nullptr) {
        auto schema = json::parse(config::to_json(config::type_of_object(what.body(node)).schema));
        made["requestBody"] = {{"required", true},
                               {"content", content_of("application/json", std::move(schema))}};
    }
    made["responses"] = answers_of(what);
    if (what.least == level::none) made["security"] = json::array();
    return made;
}

std::string lower(std::string_view method) {
    std::string made(method);
    std::ranges::transform(made, made.begin(),
                           [](char each) { return static_cast<char>(each + ('a' - 'A')); });
    return made;
}

}  // namespace

std::string openapi_document(std::span<const action> actions, const operations& node) {
    json paths = json::object();
    for (const auto& each : actions)
        paths[std::string(each.path)][lower(each.method)] = operation_of(each, node);
    json security = json::array();
    security.push_back(json::object({{"token", json::array()}}));
    security.push_back(json::object({{"certificate", json::array()}}));
    security.push_back(json::object());
    const json made = {{"openapi", "3.1.0"},
                       {"info",
                        {{"title", "Hawser's admin endpoint"},
                         {"version", "1"},
                         {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
                       {"security", std::move(security)},
                       {"paths", std::move(paths)},
                       {"components",
                        {{"securitySchemes",
                          {{"token", {{"type", "http"}, {"scheme", "bearer"}}},
                           {"certificate", {{"type", "mutualTLS"}}}}},
                         {"schemas", json::parse(answer_schemas)}}}};
    return made.dump(2) + '\n';
}

}  // namespace hawser::admin
