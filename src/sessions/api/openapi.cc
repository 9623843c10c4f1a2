// SPDX-License-Identifier: Apache-2.0
#include "sessions/api/openapi.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace hawser::sessions::api {

namespace {

using json = nlohmann::ordered_json;
using subject = action::subject;

json reference_to(std::string_view schema) {
    return {{"$ref", "#/components/schemas/" + std::string(schema)}};
}

json content_of(json schema) { return {{"application/json", {{"schema", std::move(schema)}}}}; }

json field(std::string_view name, std::string_view description, bool is_required) {
    return {{"name", name},
            {"in", "header"},
            {"required", is_required},
            {"description", description},
            {"schema", {{"type", "string"}}}};
}

json parameters_of(const action& what) {
    json all = json::array();
    if (what.of == subject::session)
        all.push_back(field("Session-Id", "Which session; never part of a path", true));
    if (what.of == subject::user) all.push_back(field("Session-User", "Whose sessions", true));
    if (what.name == "end-all") {
        all.push_back(field("Session-Id", "The one that stays", false));
        all.push_back(field("Session-Handle", "The only one that ends", false));
    }
    if (what.of == subject::session && what.method != "GET")
        all.push_back(field("If-Match",
                            "The ETag of what was read: of another version nothing is "
                            "changed, and the answer is 412",
                            false));
    return all;
}

json body_of(const members& takes) {
    json properties = json::object();
    if (takes.data) properties["data"] = {{"type", "object"}};
    if (takes.user)
        properties["user"] = {{"type", "string"},
                              {"maxLength", 256},
                              {"description", "Whose session it is from now on; empty: nobody's"}};
    if (takes.expires_in)
        properties["expires_in"] = {{"type", "integer"},
                                    {"minimum", 1},
                                    {"description", "Seconds; the namespace's limits hold too"}};
    if (takes.valuable)
        properties["valuable"] = {{"type", "boolean"},
                                  {"description",
                                   "Worth more than others from now on, as the namespace treats "
                                   "those; `false`: not by this word any more"}};
    return {
        {"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
}

json operation_of(const action& what) {
    json made = {
        {"operationId", what.name}, {"summary", what.summary}, {"parameters", parameters_of(what)}};
    if (what.takes.data || what.takes.user || what.takes.expires_in)
        made["requestBody"] = {{"required", what.name == "replace" || what.name == "patch"},
                               {"content", content_of(body_of(what.takes))}};
    const json schema = what.answer.empty() ? json{{"type", "object"}} : reference_to(what.answer);
    made["responses"] = {{std::to_string(what.status),
                          {{"description", what.summary}, {"content", content_of(schema)}}},
                         {"default",
                          {{"description", "It was not done, and why"},
                           {"content", content_of(reference_to("Problem"))}}}};
    return made;
}

json object_of(json properties, json required) {
    return {{"type", "object"},
            {"properties", std::move(properties)},
            {"required", std::move(required)},
            {"additionalProperties", false}};
}

json schemas() {
    const json text = {{"type", "string"}};
    const json count = {{"type", "integer"}, {"minimum", 0}};
    json session = {
        {"id", {{"type", "string"}, {"description", "Only in the answer that has drawn it"}}},
        {"handle", {{"type", "string"}, {"description", "Names it to people; is no id"}}},
        {"version", text},
        {"age", count},
        {"idle", count},
        {"expires_in", count},
        {"durability", {{"enum", {"memory", "interval", "sync"}}}},
        {"has_user", {{"type", "boolean"}}},
        {"valuable", {{"type", "boolean"}, {"description", "Worth more than others"}}}};
    json lock = object_of({{"handle", text},
                           {"connection", {{"type", "integer"}, {"description", "CLIENT ID"}}},
                           {"client", {{"type", "string"}, {"description", "CLIENT SETNAME"}}},
                           {"age", count},
                           {"expires_in", count},
                           {"waiting", count}},
                          {"handle", "connection", "client", "age", "waiting"});
    const json always = {"handle", "version", "age", "idle", "durability", "has_user", "valuable"};
    json list = object_of(session, always);
    session["data"] = json::object();
    session["data_base64url"] = {
        {"description", "What is no text: the whole, or each text of a container"}};
    session["type"] = {{"enum", {"hash", "set", "zset", "list"}},
                       {"description", "Of a container; what has none is whole"}};
    return {{"Session", object_of(std::move(session), always)},
            {"Sessions", object_of({{"sessions", {{"type", "array"}, {"items", std::move(list)}}}},
                                   json::array({"sessions"}))},
            {"Locks", object_of({{"locks", {{"type", "array"}, {"items", std::move(lock)}}}},
                                json::array({"locks"}))},
            {"Ended", object_of({{"ended", count}}, json::array({"ended"}))},
            {"Problem", object_of({{"error", text}}, json::array({"error"}))}};
}

std::string lower(std::string_view method) {
    std::string made(method);
    std::ranges::transform(made, made.begin(),
                           [](char each) { return static_cast<char>(each + ('a' - 'A')); });
    return made;
}

}  // namespace

std::string openapi_document(std::span<const action> all) {
    json paths = json::object();
    for (const auto& each : all)
        paths[std::string(each.path)][lower(each.method)] = operation_of(each);
    json security = json::array();
    security.push_back(json::object({{"token", json::array()}}));
    security.push_back(json::object());
    const json made = {
        {"openapi", "3.1.0"},
        {"info", {{"title", "Hawser sessions"}, {"version", "1"}}},
        {"paths", std::move(paths)},
        {"components",
         {{"schemas", schemas()},
          {"securitySchemes", {{"token", {{"type", "http"}, {"scheme", "bearer"}}}}}}},
        {"security", std::move(security)}};
    return made.dump(1) + "\n";
}

}  // namespace hawser::sessions::api
