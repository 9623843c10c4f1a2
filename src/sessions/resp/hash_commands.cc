// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <utility>

#include "sessions/limits.h"
#include "sessions/resp/container_commands.h"

/// Hashes: who saves some fields leaves the others as they are (R3.3).
namespace hawser::sessions::resp {

namespace {

fields hash_of(std::string_view data) { return {data, holding::hash}; }

std::optional<plan> plan_setting(call& asked, bool answers_ok) {
    auto given = given_fields(asked, 2, true);
    if (!given) return std::nullopt;
    auto by = [given = std::move(*given)](std::string_view data) {
        auto made = hash_of(data).with(given);
        const auto added = std::int64_t(made.touched);
        return remade_of(std::move(made), added);
    };
    return plan{.by = std::move(by),
                .told = events::hset,
                .is_always_told = true,
                .answers_ok = answers_ok};
}

/// Names, values, or both.
void tell_parts(call& asked, std::string_view data, bool names, bool values) {
    const auto all = hash_of(data).all();
    if (names && values)
        asked.out.map(all.size());
    else
        asked.out.array(all.size());
    for (const auto& each : all) {
        if (names) asked.out.bulk(each.name);
        if (values) asked.out.bulk(each.value);
    }
}

remade add_to(std::string_view data, std::string_view name, std::int64_t more) {
    const auto there = hash_of(data).find(name);
    const auto present = there ? number_of(there->value) : 0;
    if (!present) return {.refusal = "ERR hash value is not an integer"};
    std::int64_t sum = 0;
    if (__builtin_add_overflow(*present, more, &sum))
        return {.refusal = "ERR increment or decrement would overflow"};
    const std::string text = std::to_string(sum);
    const field next{.name = name, .value = text};
    return remade_of(hash_of(data).with({&next, 1}), sum);
}

}  // namespace

std::optional<plan> plan_hset(call& asked) { return plan_setting(asked, false); }

std::optional<plan> plan_hmset(call& asked) { return plan_setting(asked, true); }

std::optional<plan> plan_hsetnx(call& asked) {
    const field wanted{.name = asked[2], .value = asked[3]};
    auto by = [wanted](std::string_view data) {
        if (hash_of(data).find(wanted.name)) return remade{.data = std::string(data)};
        return remade_of(hash_of(data).with({&wanted, 1}), 1);
    };
    return plan{.by = std::move(by), .told = events::hset};
}

std::optional<plan> plan_hdel(call& asked) {
    auto given = given_fields(asked, 2, false);
    if (!given) return std::nullopt;
    auto by = [given = std::move(*given)](std::string_view data) {
        auto made = hash_of(data).without(given);
        const auto gone = std::int64_t(made.touched);
        return remade_of(std::move(made), gone);
    };
    return plan{.by = std::move(by), .told = events::hdel};
}

std::optional<plan> plan_hincrby(call& asked) {
    const auto more = number_of(asked[3]);
    if (!more) {
        asked.refuse_number();
        return std::nullopt;
    }
    auto by = [name = asked[2], more = *more](std::string_view data) {
        return add_to(data, name, more);
    };
    return plan{.by = std::move(by), .told = events::hincrby, .is_always_told = true};
}

void tell_hget(call& asked, std::string_view data) {
    if (const auto found = hash_of(data).find(asked[2]))
        asked.out.bulk(found->value);
    else
        asked.out.null();
}

void tell_hmget(call& asked, std::string_view data) {
    if (asked.size() - 2 > limits::container_fields_changed)
        return asked.refuse(too_many_fields_at_once());
    const auto all = hash_of(data).all();
    asked.out.array(asked.size() - 2);
    for (const auto name : asked.arguments.subspan(2)) {
        const auto found = std::ranges::lower_bound(all, name, {}, &field::name);
        if (found != all.end() && found->name == name)
            asked.out.bulk(found->value);
        else
            asked.out.null();
    }
}

void tell_hgetall(call& asked, std::string_view data) { tell_parts(asked, data, true, true); }

void tell_hkeys(call& asked, std::string_view data) { tell_parts(asked, data, true, false); }

void tell_hvals(call& asked, std::string_view data) { tell_parts(asked, data, false, true); }

void tell_hlen(call& asked, std::string_view data) {
    asked.out.number(std::int64_t(count_texts(data) / 2));
}

void tell_hexists(call& asked, std::string_view data) {
    asked.out.number(hash_of(data).find(asked[2]) ? 1 : 0);
}

void tell_hstrlen(call& asked, std::string_view data) {
    const auto found = hash_of(data).find(asked[2]);
    asked.out.number(found ? std::int64_t(found->value.size()) : 0);
}

}  // namespace hawser::sessions::resp
