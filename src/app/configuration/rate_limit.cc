// SPDX-License-Identifier: Apache-2.0
#include "app/configuration/rate_limit.h"

#include <array>
#include <charconv>
#include <string_view>
#include <utility>

#include "app/configuration/addresses.h"
#include "config/units.h"

namespace hawser::app {

std::string rate_key::text() const {
    switch (by) {
        case proxy::limit_key::client_address: break;
        case proxy::limit_key::session: return "session";
        case proxy::limit_key::header: return "header " + header;
    }
    return "client-address";
}

void rate_limit::describe(config::fields<rate_limit>& field) {
    using self = rate_limit;
    field("key", &self::key,
          "What requests are counted by: the client's address (of IPv6 the /64), its session, or a "
          "header field's value. A request without that session or field counts by its address.");
    field("rate", &self::rate,
          "How many requests of one key may come in how long; more get 429 with Retry-After.")
        .required();
    field("burst", &self::burst,
          "How many may come at once after a pause. Default: as many as `rate` names.")
        .minimum(1)
        .maximum(limits::rate_limit_requests_max);
    field("keys", &self::keys,
          "Keys that are counted at once, 16 bytes each; beyond it those that asked least lately "
          "are forgotten.")
        .minimum(1)
        .maximum(limits::rate_limit_keys_max);
    field.shorthand("rate");
}

}  // namespace hawser::app

namespace hawser::config {

namespace {

using namespace std::chrono_literals;

/// `s` is `1s`.
constexpr std::array<std::pair<std::string_view, std::chrono::milliseconds>, 4> units{
    {{"s", 1s}, {"m", 1min}, {"h", 1h}, {"d", 24h}}};

std::optional<std::chrono::milliseconds> time_of(std::string_view text) {
    for (const auto& [unit, time] : units)
        if (unit == text) return time;
    const auto parsed = parse_duration(text);
    if (!parsed) return std::nullopt;
    const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(*parsed);
    if (time != *parsed || time < 1ms || time > limits::rate_limit_time_max) return std::nullopt;
    return time;
}

}  // namespace

bool codec<app::request_rate>::read(const node& given, app::request_rate& into, diagnostics& out) {
    if (!detail::expect_scalar(given, "a rate", out)) return false;
    const std::string& text = given.text();
    const char* const end = text.data() + text.size();
    app::request_rate made;
    const auto [stop, wrong] = std::from_chars(text.data(), end, made.requests);
    const bool is_number = wrong == std::errc() && made.requests >= 1 &&
                           made.requests <= limits::rate_limit_requests_max && stop != end &&
                           *stop == '/';
    const auto per = is_number ? time_of({stop + 1, end}) : std::nullopt;
    if (!per) {
        out.error(given.at(),
                  "`" + given.text() + "` is no rate: write `10/s`, `600/m`, `1000/h` or `5/10s`");
        return false;
    }
    made.per = *per;
    into = made;
    return true;
}
node codec<app::request_rate>::show(const app::request_rate& value) {
    std::string text = std::to_string(value.requests) + "/";
    for (const auto& [unit, time] : units)
        if (time == value.per) return node::quoted(text.append(unit));
    return node::quoted(text + text_of(std::chrono::nanoseconds(value.per)));
}
shape codec<app::request_rate>::type() {
    auto made = codec<std::string>::type();
    made.words = "rate: `10/s`";
    return made;
}

bool codec<app::rate_key>::read(const node& given, app::rate_key& into, diagnostics& out) {
    if (given.is_scalar() && given.text() == "client-address") {
        into = {};
        return true;
    }
    if (given.is_scalar() && given.text() == "session") {
        into = {.by = proxy::limit_key::session};
        return true;
    }
    const node* named = given.is_map() ? given.find("header") : nullptr;
    if (named == nullptr || given.entries().size() != 1 || !named->is_scalar()) {
        out.error(given.at(), "must be `client-address`, `session` or `{header: NAME}`");
        return false;
    }
    if (!app::is_token(named->text())) {
        out.error(named->at(), "`" + named->text() + "` is no name of a header field");
        return false;
    }
    into = {.by = proxy::limit_key::header, .header = named->text()};
    return true;
}
node codec<app::rate_key>::show(const app::rate_key& value) {
    if (value.by != proxy::limit_key::header) return node::quoted(value.text());
    auto made = node::empty_map();
    made.set("header", node::quoted(value.header));
    return made;
}
shape codec<app::rate_key>::type() {
    auto name = node::empty_map();
    name.set("type", node::quoted("object"));
    auto either = node::empty_list();
    either.add(codec<std::string>::type().schema);
    either.add(std::move(name));
    shape made{.words = "`client-address`, `session` or `{header: NAME}`"};
    made.schema = node::empty_map();
    made.schema.set("anyOf", std::move(either));
    return made;
}

}  // namespace hawser::config
