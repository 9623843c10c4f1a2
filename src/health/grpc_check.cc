// SPDX-License-Identifier: Apache-2.0
#include "health/grpc_check.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "health/grpc_message.h"

namespace hawser::health {

namespace {

std::string wrong_service(const std::string& name) {
    if (name.size() > limits::grpc_service_max)
        return "is longer than " + std::to_string(limits::grpc_service_max) + " bytes";
    const bool is_plain = std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7f; });
    return is_plain ? "" : "is no name of a service";
}

/// Only digits: whatever else a server says there is not repeated to people.
bool is_number(std::string_view text) {
    return !text.empty() && text.size() <= 2 &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

void grpc_check::settings::describe(config::fields<settings>& field) {
    field("service", &settings::service, "Which service; left out, the server as a whole.")
        .check(wrong_service);
    field.shorthand("service");
}

task<outcome> grpc_check::run(visit at) const {
    auto connection = co_await at.open();
    if (!connection) co_return outcome::of(connection.error());
    http::client_request question{.method = "POST",
                                  .target = "/grpc.health.v1.Health/Check",
                                  .host = at.to().host,
                                  .lines = "Content-Type: application/grpc\r\nTE: trailers\r\n",
                                  .body = health_question(settings_.service),
                                  .answer_max = limits::checked_body_max};
    const std::string_view scheme = at.to().secured ? "https" : "http";
    const auto told = co_await http::ask_over_h2(**connection, std::move(question), scheme);
    if (!told) co_return outcome::of(told.error());
    co_return judge(*told);
}

/// An answer without a message has its status in the head (gRPC over HTTP/2, Trailers-Only).
outcome grpc_check::judge(const http::client_answer& told) {
    if (told.status != 200) return outcome::failed("status", "L7 " + std::to_string(told.status));
    auto status = told.trailer("grpc-status");
    if (status.empty()) status = told.field("grpc-status");
    if (!is_number(status)) return outcome::failed("protocol", "no gRPC status");
    if (status != "0") return outcome::failed("status", "L7 gRPC status " + std::string(status));
    const auto found = read_health_answer(told.body);
    if (!found) return outcome::failed("protocol", "no answer of gRPC's health protocol");
    const auto text = "L7 " + std::string(name_of(*found));
    return *found == serving_status::serving ? outcome::passed(text)
                                             : outcome::failed("status", text);
}

}  // namespace hawser::health
