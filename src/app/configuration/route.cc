// SPDX-License-Identifier: Apache-2.0
#include "app/configuration/route.h"

#include <algorithm>

#include "app/configuration/list_checks.h"
#include "base/limits.h"
#include "http/field.h"
#include "http/field_settings.h"
#include "http/pattern.h"
#include "http/uri.h"

namespace hawser::app {
namespace {

using namespace std::chrono_literals;

std::string wrong_host(std::string host) {
    const auto name = host.starts_with("*.") ? host.substr(2) : host;
    const auto parts = http::split_authority(name);
    if (!parts || name.contains('*')) {
        return "`" + host + "` is no host: write `shop.example` or `*.shop.example`";
    }
    if (parts->port) return "`" + host + "` must not name a port";
    return {};
}

std::string wrong_hosts(const std::vector<std::string>& all) {
    for (const auto& one : all) {
        if (auto why = wrong_host(one); !why.empty()) return why;
    }
    return {};
}

/// Requests are compared after their slashes were merged and their dots resolved.
bool is_never_normal(std::string_view path) {
    if (path.starts_with('=')) path.remove_prefix(1);
    std::string space(path.size(), '\0');
    return http::normal_path(path, space) != path;
}

std::string wrong_path(const std::string& path) {
    if (path.empty()) return {};  // every path
    if (path.starts_with('~')) {
        const auto compiled = http::pattern::compile(std::string_view(path).substr(1));
        return compiled ? "" : "is no pattern: " + compiled.error().context;
    }
    if (!path.starts_with('/') && !path.starts_with("=/")) {
        return "must begin with `/` (a prefix), `=/` (exactly that path) or `~` (a pattern)";
    }
    if (path.find_first_of("?#% ") != path.npos) {
        return "is compared with the decoded path: it holds no `?`, `#`, `%` or blank";
    }
    if (is_never_normal(path)) {
        return "is compared with the path's normal form: it holds no `//`, `/./` or `/../`";
    }
    return {};
}

std::string wrong_new_path(const std::string& path) {
    if (path.empty()) return {};  // as it came
    if (!path.starts_with('/')) return "must begin with `/`";
    const bool is_path = std::ranges::all_of(
        path, [](char c) { return c > ' ' && c < 0x7f && c != '?' && c != '#'; });
    return is_path ? "" : "is no path: it holds no `?`, `#` or blank, which are written as `%XX`";
}

std::string wrong_methods(const std::vector<std::string>& all) {
    for (const auto& one : all) {
        if (!is_token(one)) return "`" + one + "` is no method";
        if (std::ranges::any_of(one, [](char c) { return c >= 'a' && c <= 'z'; })) {
            return "`" + one + "`: methods are written in capitals";
        }
    }
    return {};
}

std::string wrong_names(const std::vector<std::string>& all) {
    for (const auto& one : all) {
        if (!is_token(one)) return "`" + one + "` is no name of a header field";
    }
    return {};
}

std::string wrong_removal(const std::vector<std::string>& all) {
    if (auto why = wrong_names(all); !why.empty()) return why;
    for (const auto& one : all) {
        if (auto why = http::why_reserved(one); !why.empty()) return why;
    }
    return {};
}

}  // namespace

std::size_t groups_of_path(const route& one) {
    if (!one.path.starts_with('~')) return 0;
    const auto compiled = http::pattern::compile(std::string_view(one.path).substr(1));
    return compiled ? compiled->groups() : 0;
}

void route::describe(config::fields<route>& field) {
    field("pool", &route::pool, "The pool that serves what the conditions match.");
    field("redirect", &route::redirect, "Sends clients elsewhere, instead of to a pool.");
    field("respond", &route::respond, "Answers by itself, instead of a pool.");
    field("listener", &route::listener, "The listener's name.");
    field("host", &route::host, "`shop.example`, or `*.shop.example` for every name below.")
        .check(wrong_hosts);
    field("path", &route::path,
          "`/api/`: that path and all below; `=/x`: exactly that; `~^/x/[0-9]+$`: a pattern "
          "(RE2).")
        .check(wrong_path);
    field("method", &route::method, "`GET`, `POST`, ...").check(wrong_methods);
    field("header", &route::header, "Header fields and their values; an empty text: any value.")
        .check(http::wrong_fields);
    field("query", &route::query, "Query parameters and their values; an empty text: any value.");
    field("rewrite-path", &route::rewrite_path,
          "What the server sees in the place of what `path` matched: of a prefix that alone, else "
          "the whole path; `{1}` to `{9}` are groups of a pattern.")
        .check(wrong_new_path);
    field("timeout", &route::timeout, "How long the whole exchange may take (504).").minimum(1ms);
    field("max-body", &route::max_body, "Bytes of a request's body (413).");
    field("rate-limit", &route::rate_limit,
          "How often requests may come, by key; of several, each must let them through.")
        .check(no_more_than<limits::rate_limits_max>());
    field("set-request-headers", &route::set_request_headers,
          "Fields that the server gets, instead of any of that name.")
        .check(http::wrong_set);
    field("remove-request-headers", &route::remove_request_headers,
          "Fields that the server does not get.")
        .check(wrong_removal);
    field("set-response-headers", &route::set_response_headers,
          "Fields that the client gets, instead of any of that name.")
        .check(http::wrong_set);
    field("remove-response-headers", &route::remove_response_headers,
          "Fields that the client does not get.")
        .check(wrong_removal);
    field("allow", &route::allow,
          "Networks of clients that the route is for; others get 403. As with a listener, the "
          "longest network decides.")
        .check(no_more_than<limits::networks_max>());
    field("deny", &route::deny, "Networks of clients that get 403.")
        .check(no_more_than<limits::networks_max>());
    field("allow-file", &route::allow_file,
          "Files of further networks to `allow`, one a line; read again at a reload.")
        .check(list_something);
    field("deny-file", &route::deny_file,
          "Files of further networks to `deny`, one a line; read again at a reload.");
    field("error-pages", &route::error_pages,
          "Bodies of our own error answers, by status: `404`, or `5xx` for the rest of a class.")
        .check(wrong_error_pages);
    field("compress", &route::compress, "Compresses answers for clients that want it.");
    field("upgrade", &route::upgrades, "Protocols that a request may change to; `[]`: none.");
}

}  // namespace hawser::app
