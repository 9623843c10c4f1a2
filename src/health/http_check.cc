// SPDX-License-Identifier: Apache-2.0
#include "health/http_check.h"

#include <algorithm>
#include <utility>

#include "base/ensure.h"
#include "base/limits.h"
#include "http/cookie.h"
#include "http/field_settings.h"
#include "http/uri.h"
#include "upstream/instance.h"

namespace hawser::health {

namespace {

std::string wrong_path(const std::string& path) {
    const bool is_plain =
        std::ranges::all_of(path, [](char c) { return c > ' ' && c < 0x7f && c != '#'; });
    return path.starts_with('/') && is_plain ? "" : "must begin with `/` and hold no blanks";
}

std::string wrong_method(const std::string& method) {
    return http::is_token(method) && method != "CONNECT" ? "" : "is no method to check by";
}

std::string wrong_host(const std::string& host) {
    return host.empty() || http::split_authority(host) ? "" : "is no host";
}

std::string wrong_status(const std::vector<status_range>& all) {
    return all.empty() ? "must name a status" : "";
}

std::string wrong_pattern(const std::string& text) {
    const auto compiled = http::pattern::compile(text);
    return compiled ? "" : "is no pattern: " + compiled.error().context;
}

}  // namespace

void http_check::settings::describe(config::fields<settings>& field) {
    field("path", &settings::path, "What is asked for; it may have a query.").check(wrong_path);
    field("method", &settings::method, "How.").check(wrong_method);
    field("host", &settings::host, "The Host; left out, it is the pool's or the server's own.")
        .check(wrong_host);
    field("status", &settings::status, "Answers that show a fit server: `200`, `200-399`.")
        .check(wrong_status);
    field("contains", &settings::contains, "A text that the answer's body must hold.");
    field("matches", &settings::matches, "A regular expression (RE2) that must match the body.")
        .check(wrong_pattern);
    field("headers", &settings::headers, "Further header fields of the request.")
        .check(http::wrong_set);
    field.shorthand("path");
}

http_check::http_check(const settings& given) : settings_(given) {
    for (const auto& each : given.headers.all) lines_ += each.first + ": " + each.second + "\r\n";
    if (given.matches.empty()) return;
    auto compiled = http::pattern::compile(given.matches);
    ensure(compiled.has_value(), "the pattern was compiled when the file was checked");
    matches_ = std::move(*compiled);
}

task<outcome> http_check::run(visit at) const {
    auto connection = co_await at.open();
    if (!connection) co_return outcome::of(connection.error());
    result<http::client_answer> told;
    const std::string_view scheme = at.to().secured ? "https" : "http";
    if (at.to().speaks_h2)
        told = co_await http::ask_over_h2(**connection, request_to(at.to()), scheme);
    else
        told = co_await http::ask_over(**connection, request_to(at.to()));
    if (!told) co_return outcome::of(told.error());
    auto found = judge(*told);
    if (const auto percent = reported_weight(*told, at.to()))
        found.report.emplace().percent = percent;
    co_return found;
}

/// By a field of an answer nobody leaves service: what has no requests could not come back.
std::optional<unsigned> http_check::reported_weight(const http::client_answer& told,
                                                    const way& from) {
    if (from.weight_field.empty()) return std::nullopt;
    const auto percent = read_percent(told.field(from.weight_field));
    return percent ? std::optional(std::max(*percent, 1U)) : std::nullopt;
}

http::client_request http_check::request_to(const way& to) const {
    const bool reads_body = matches_ || !settings_.contains.empty();
    return {.method = settings_.method,
            .target = settings_.path,
            .host = settings_.host.empty() ? to.host : settings_.host,
            .lines = lines_,
            .answer_max = reads_body ? limits::checked_body_max : 0,
            .takes_begin = true};
}

outcome http_check::judge(const http::client_answer& told) const {
    const std::string text = "L7 " + std::to_string(told.status);
    const bool is_expected = std::ranges::any_of(
        settings_.status, [&](const status_range& each) { return each.contains(told.status); });
    auto made = outcome::passed(text);
    if (!is_expected)
        made = outcome::failed("status", text);
    else if (!told.body.contains(settings_.contains) || (matches_ && !matches_->matches(told.body)))
        made = outcome::failed("body", text + ", another body");
    if (const auto said = told.field(upstream::instance_field); !said.empty())
        made.mark = upstream::instance_mark(said);
    return made;
}

}  // namespace hawser::health
