// SPDX-License-Identifier: Apache-2.0
#include "app/rate_limits.h"

#include <string_view>
#include <utility>

#include "config/write.h"

namespace hawser::app {

namespace {

std::string joined(const std::vector<std::string>& all) {
    std::string text;
    for (const auto& each : all) text.append(text.empty() ? "" : "|").append(each);
    return text;
}

/// `GET|HEAD shop.example/api/`
std::string label_of(const route& given) {
    std::string text = joined(given.method);
    if (!text.empty()) text += ' ';
    text.append(joined(given.host)).append(given.path);
    return text.empty() ? "any" : text;
}

/// No two routes of one configuration have the same conditions.
std::string conditions_of(const route& given) {
    route conditions;
    conditions.listener = given.listener;
    conditions.host = given.host;
    conditions.path = given.path;
    conditions.method = given.method;
    conditions.header = given.header;
    conditions.query = given.query;
    std::string text = config::to_yaml(config::codec<route>::show(conditions));
    // Values that are not shown count as well.
    for (const auto& [name, value] : given.header.all) text.append(name).append(value) += '\n';
    return text;
}

proxy::request_limit::settings settings_of(const rate_limit& given) {
    return {.by = given.key.by,
            .field = given.key.header,
            .allowed = {.requests = given.rate.requests,
                        .per = given.rate.per,
                        .burst = given.burst.value_or(given.rate.requests)},
            .keys = given.keys};
}

}  // namespace

rate_limits::rate_limits(observe::counters& counted)
    : counted_(counted), secret_(crypto::drawn_key()) {}

std::shared_ptr<const proxy::request_limits> rate_limits::of_listener(const std::string& name,
                                                                      const listener& given) {
    return find({.listener = name, .route = "", .identity = "listener " + name}, given.rate_limit);
}

std::shared_ptr<const proxy::request_limits> rate_limits::of_route(const route& given) {
    if (given.rate_limit.empty()) return nullptr;
    return find({.listener = "", .route = label_of(given), .identity = conditions_of(given)},
                given.rate_limit);
}

/// Those that no snapshot holds any more, once there may be as many of them as of the others.
void rate_limits::forget_former() {
    if (known_.size() < forget_at_) return;
    std::erase_if(known_, [](const auto& each) { return each.second.expired(); });
    forget_at_ = 2 * known_.size() + 16;
}

std::shared_ptr<const proxy::request_limits> rate_limits::find(
    const owner& whose, const std::vector<rate_limit>& given) {
    if (given.empty()) return nullptr;
    forget_former();
    proxy::request_limits made;
    for (std::size_t i = 0; i < given.size(); ++i) {
        const std::string name = whose.identity + std::to_string(i) + '\n' +
                                 config::to_yaml(config::codec<rate_limit>::show(given[i]));
        auto& place = known_[name];
        auto one = place.lock();
        if (!one) {
            const auto row = counted_.rate_limit(whose.listener, whose.route, given[i].key.text());
            place = one =
                std::make_shared<proxy::request_limit>(settings_of(given[i]), secret_, row);
        }
        made.push_back(std::move(one));
    }
    return std::make_shared<const proxy::request_limits>(std::move(made));
}

}  // namespace hawser::app
