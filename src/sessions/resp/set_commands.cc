// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "sessions/limits.h"
#include "sessions/resp/container_commands.h"

/// Sets, by which libraries know whose sessions there are and when they end; and lists (R3.4).
namespace hawser::sessions::resp {

namespace {

fields set_of(std::string_view data) { return {data, holding::set}; }

/// Items in front, the last one first, or at the end.
std::optional<plan> plan_pushing(call& asked, bool in_front) {
    const auto items = asked.arguments.subspan(2);
    if (items.size() > limits::container_fields_changed) {
        asked.refuse(too_many_fields());
        return std::nullopt;
    }
    auto by = [items, in_front](std::string_view data) {
        const std::size_t count = count_texts(data) + items.size();
        if (count > limits::container_fields) return remade{.refusal = too_many_fields()};
        std::string more;
        for (std::size_t i = 0; i < items.size(); ++i)
            append_text(more, in_front ? items[items.size() - 1 - i] : items[i]);
        remade made{.number = std::int64_t(count)};
        made.data = in_front ? more.append(data) : std::string(data).append(more);
        return made;
    };
    return plan{.by = std::move(by), .told = in_front ? events::lpush : events::rpush};
}

}  // namespace

std::optional<plan> plan_sadd(call& asked) {
    auto given = given_fields(asked, 2, false);
    if (!given) return std::nullopt;
    auto by = [given = std::move(*given)](std::string_view data) {
        auto made = set_of(data).with(given);
        const auto added = std::int64_t(made.touched);
        return remade_of(std::move(made), added);
    };
    return plan{.by = std::move(by), .told = events::sadd};
}

std::optional<plan> plan_srem(call& asked) {
    auto given = given_fields(asked, 2, false);
    if (!given) return std::nullopt;
    auto by = [given = std::move(*given)](std::string_view data) {
        auto made = set_of(data).without(given);
        const auto gone = std::int64_t(made.touched);
        return remade_of(std::move(made), gone);
    };
    return plan{.by = std::move(by), .told = events::srem};
}

void tell_smembers(call& asked, std::string_view data) {
    const auto all = texts_of(data);
    asked.out.set(all.size());
    for (const auto each : all) asked.out.bulk(each);
}

void tell_sismember(call& asked, std::string_view data) {
    asked.out.number(set_of(data).find(asked[2]) ? 1 : 0);
}

void tell_length(call& asked, std::string_view data) {
    asked.out.number(std::int64_t(count_texts(data)));
}

std::optional<plan> plan_rpush(call& asked) { return plan_pushing(asked, false); }

std::optional<plan> plan_lpush(call& asked) { return plan_pushing(asked, true); }

void tell_lrange(call& asked, std::string_view data) {
    const auto all = texts_of(data);
    const auto wanted = places_of(asked, all.size());
    if (!wanted) return;
    asked.out.array(wanted->count);
    for (std::size_t i = 0; i < wanted->count; ++i) asked.out.bulk(all[wanted->first + i]);
}

}  // namespace hawser::sessions::resp
