// SPDX-License-Identifier: Apache-2.0
#include "proxy/error_pages.h"

#include <algorithm>
#include <initializer_list>
#include <optional>

#include "http/message.h"
#include "http/weighted_list.h"

namespace hawser::proxy {

namespace {

constexpr std::string_view plain_type = "text/plain";
constexpr std::string_view html_type = "text/html; charset=utf-8";
constexpr std::string_view json_type = "application/json";

unsigned weight_of(std::string_view accept, std::initializer_list<std::string_view> types) {
    unsigned most = 0;
    for (const auto each : types) most = std::max(most, http::weight_in(accept, each).value_or(0));
    return most;
}

const error_page* find(const error_pages& in, unsigned status) {
    if (const auto exact = in.find(status); exact != in.end()) return &exact->second;
    const auto of_class = in.find(status / 100);
    return of_class != in.end() ? &of_class->second : nullptr;
}

/// A client that asks for neither gets the page for people, if there is one.
std::optional<page> page_of(const error_page& one, page_form form) {
    const bool is_json = form == page_form::json || (form == page_form::plain && one.html.empty());
    if (is_json && !one.json.empty()) return page{json_type, one.json};
    if (!is_json && !one.html.empty()) return page{html_type, one.html};
    return std::nullopt;
}

}  // namespace

page_form wanted_form(std::string_view accept) noexcept {
    const unsigned html = weight_of(accept, {"text/html", "application/xhtml+xml"});
    const unsigned json = weight_of(accept, {"application/json", "application/problem+json"});
    if (json > html) return page_form::json;
    return html > 0 ? page_form::html : page_form::plain;
}

page page_for(unsigned status, page_form form, const std::array<const error_pages*, 3>& from,
              std::string& space) {
    for (const error_pages* each : from) {
        const error_page* found = each != nullptr ? find(*each, status) : nullptr;
        if (found == nullptr) continue;
        if (const auto made = page_of(*found, form)) return *made;
    }
    const std::string_view reason = http::reason_of(status);
    const std::string number = std::to_string(status);
    space.clear();
    switch (form) {
        case page_form::plain: space.append(reason).append("\n"); return {plain_type, space};
        case page_form::html:
            space.append("<!doctype html>\n<title>").append(number).append(" ").append(reason);
            space.append("</title>\n<h1>").append(number).append(" ").append(reason);
            space.append("</h1>\n");
            return {html_type, space};
        case page_form::json: break;
    }
    space.append("{\"status\":").append(number).append(",\"error\":\"").append(reason);
    space.append("\"}\n");
    return {json_type, space};
}

}  // namespace hawser::proxy
