// SPDX-License-Identifier: Apache-2.0
#include "app/demo/shop.h"

#include <array>
#include <cstdint>
#include <string_view>

#include <nlohmann/json.hpp>

#include "crypto/random.h"
#include "http/cookie.h"

namespace hawser::app::demo {

namespace {

constexpr std::string_view cookie_name = "shop-customer";
constexpr std::size_t carts_max = 100'000;
constexpr std::size_t cart_max = 100;
constexpr std::size_t item_max = 80;

std::string_view cookie_of(const http::served_request& asked) {
    const http::field cookies{
        .name = "Cookie", .value = asked.field("Cookie"), .line = {}, .id = http::field_id::cookie};
    return http::find_cookie(cookie_name, {&cookies, 1}).value_or("");
}

std::string fresh_id() {
    std::array<std::uint8_t, 16> bytes;
    crypto::random_bytes(bytes);
    std::string text;
    for (const std::uint8_t each : bytes) {
        text += "0123456789abcdef"[each >> 4];
        text += "0123456789abcdef"[each & 15];
    }
    return text;
}

}  // namespace

task<http::served_answer> shop::answer(const http::served_request& asked) {
    if (asked.path == "/")
        co_return http::served_answer{.content_type = "text/html; charset=utf-8",
                                      .body = std::string(page)};
    if (asked.path != "/cart")
        co_return http::served_answer{.status = 404, .body = "{\"error\": \"no such page\"}\n"};

    const customer who = customer_of(asked);
    http::served_answer answer;
    if (who.is_known || carts_.size() < carts_max) {
        auto& cart = carts_[who.id];
        if (asked.method == "POST" && cart.size() < cart_max)
            cart.push_back(asked.body.substr(0, item_max));
    }
    answer.body = cart_as_json(who);
    answer.lines = "Cache-Control: no-store\r\n";
    if (!who.is_known)
        answer.lines.append("Set-Cookie: ")
            .append(cookie_name)
            .append("=")
            .append(who.id)
            .append("; Path=/; HttpOnly; SameSite=Lax\r\n");
    co_return answer;
}

/// A cookie that this shop has never given is nobody's: its cart was another server's.
shop::customer shop::customer_of(const http::served_request& asked) const {
    const std::string_view shown = cookie_of(asked);
    if (carts_.contains(shown)) return {std::string(shown), true};
    return {fresh_id(), false};
}

std::string shop::cart_as_json(const customer& of) const {
    const auto found = carts_.find(of.id);
    nlohmann::json told = {
        {"server", name_},
        {"known", of.is_known},
        {"cart", found == carts_.end() ? std::vector<std::string>() : found->second}};
    return told.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace hawser::app::demo
