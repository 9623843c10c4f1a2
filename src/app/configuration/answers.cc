// SPDX-License-Identifier: Apache-2.0
#include "app/configuration/answers.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <set>
#include <string_view>

#include "base/limits.h"

namespace hawser::app {
namespace {

bool is_visible(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

std::string wrong_location(const std::string& to) {
    if (to.empty()) return "must not be empty";
    return is_visible(to) ? "" : "is no URI: blanks, controls and non-ASCII are written as `%XX`";
}

std::string wrong_redirect_status(const unsigned& status) {
    constexpr std::array<unsigned, 5> known{301, 302, 303, 307, 308};
    if (std::ranges::find(known, status) != known.end()) return {};
    return "must be 301, 302, 303, 307 or 308";
}

std::string wrong_content_type(const std::string& type) {
    const bool is_text = std::ranges::all_of(type, [](char c) { return c >= ' ' && c < 0x7f; });
    return is_text && type.contains('/') ? "" : "is no media type, such as `text/html`";
}

std::string wrong_types(const std::vector<std::string>& all) {
    for (const auto& one : all)
        if (!one.contains('/') || one.contains(';') || !is_visible(one))
            return "`" + one + "` is no media type: write `text/html` or `text/*`";
    return {};
}

std::string wrong_codings(const std::vector<http::compression::choice>& all) {
    std::set<std::string_view> seen;
    for (const auto& one : all)
        if (!seen.insert(one.name()).second) return "names `" + std::string(one.name()) + "` twice";
    return all.empty() ? "must name a coding; `off` is the way to have none" : "";
}

}  // namespace

void redirect::describe(config::fields<redirect>& field) {
    field("to", &redirect::to,
          "The Location; `{scheme}`, `{host}`, `{authority}`, `{path}`, `{rest}` (below the "
          "prefix), `{query}`, `{uri}` and `{1}` to `{9}` (groups of the pattern) are the "
          "request's.")
        .required()
        .check(wrong_location);
    field("status", &redirect::status, "301, 302, 303, 307 or 308.").check(wrong_redirect_status);
    field.shorthand("to");
}

void response::describe(config::fields<response>& field) {
    field("status", &response::status, "The status.").minimum(200).maximum(599);
    field("body", &response::body, "The body; left out, it is the status in words.");
    field("content-type", &response::content_type, "What the body is.").check(wrong_content_type);
    field.shorthand("status");
}

void error_page::describe(config::fields<error_page>& field) {
    field("html", &error_page::html, "For people, and for clients that ask for nothing.");
    field("json", &error_page::json, "For clients whose Accept rather has JSON.");
}

std::string wrong_error_pages(const error_pages& all) {
    for (const auto& [status, page] : all) {
        const bool is_one =
            status.size() == 3 && (status[0] == '4' || status[0] == '5') &&
            (status.ends_with("xx") || status.find_first_not_of("0123456789") == status.npos);
        if (!is_one) return "`" + status + "` is no status of an error: write `404` or `5xx`";
        if (page.html.text.empty() && page.json.text.empty())
            return "the page of `" + status + "` is empty: it needs `html` or `json`";
    }
    return {};
}

void compression::describe(config::fields<compression>& field) {
    field("with", &compression::with, "Codings; of those that a client wants alike, the first.")
        .check(wrong_codings);
    field("types", &compression::types, "Media types that are compressed.").check(wrong_types);
    field("minimum", &compression::minimum, "Smaller bodies stay as they are.");
    field("secrets", &compression::secrets,
          "Also answers that may hold secrets: with a cookie, `private`, `no-store`, or to an "
          "authorized request. An attacker who can see sizes may learn them.");
}

}  // namespace hawser::app

namespace hawser::config {

bool codec<app::text_or_file>::read(const node& given, app::text_or_file& into, diagnostics& out) {
    if (given.is_scalar()) {
        into = {.text = given.text(), .file = {}};
        if (into.text.size() <= limits::own_body_max) return true;
        out.error(given.at(), "is larger than " + std::to_string(limits::own_body_max) + " bytes");
        return false;
    }
    const node* named = given.is_map() ? given.find("file") : nullptr;
    if (named == nullptr || given.entries().size() != 1 || !named->is_scalar()) {
        out.error(given.at(), "must be a text, or `{file: PATH}`");
        return false;
    }
    std::filesystem::path path = named->text();
    if (path.is_relative() && named->at().file)
        path = std::filesystem::path(*named->at().file).parent_path() / path;
    std::ifstream file(path, std::ios::binary);
    std::string text(limits::own_body_max + 1, '\0');
    // A folder opens, but cannot be read.
    if (!file || (file.read(text.data(), std::streamsize(text.size())), file.bad())) {
        out.error(named->at(), "`" + path.string() + "` cannot be read");
        return false;
    }
    text.resize(std::size_t(file.gcount()));
    if (text.size() > limits::own_body_max) {
        out.error(named->at(), "`" + path.string() + "` is larger than " +
                                   std::to_string(limits::own_body_max) + " bytes");
        return false;
    }
    into = {.text = std::move(text), .file = named->text()};
    return true;
}
node codec<app::text_or_file>::show(const app::text_or_file& value) {
    if (value.file.empty()) return node::quoted(value.text);
    auto made = node::empty_map();
    made.set("file", node::quoted(value.file));
    return made;
}
shape codec<app::text_or_file>::type() {
    auto file = node::empty_map();
    file.set("type", node::quoted("object"));
    auto either = node::empty_list();
    either.add(codec<std::string>::type().schema);
    either.add(std::move(file));
    shape made{.words = "text, or `{file: PATH}`"};
    made.schema = node::empty_map();
    made.schema.set("anyOf", std::move(either));
    return made;
}

}  // namespace hawser::config
