// SPDX-License-Identifier: Apache-2.0
#include "sessions/api/messages.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <limits>
#include <utility>

#include "crypto/base64url.h"
#include "sessions/containers.h"
#include "sessions/sorted_set.h"

namespace hawser::sessions::api {

namespace {

using kind = document::kind;

constexpr std::size_t user_max = 256;  // bytes of a user's key
constexpr std::int64_t expires_in_max = 100LL * 365 * 24 * 3600;

std::unexpected<problem> no(unsigned status, std::string why) {
    return std::unexpected(problem{.status = status, .why = std::move(why)});
}

document text(std::string_view said) { return {.is = kind::string, .text = std::string(said)}; }
document number(std::int64_t said) { return {.is = kind::number, .text = std::to_string(said)}; }

document truth(bool said) { return {.is = kind::boolean, .text = said ? "true" : "false"}; }

void put(document& into, std::string_view name, document value) {
    into.names.emplace_back(name);
    into.items.push_back(std::move(value));
}

std::int64_t seconds_of(std::chrono::nanoseconds span) {
    return std::max<std::int64_t>(std::chrono::round<std::chrono::seconds>(span).count(), 0);
}

std::string_view name_of(store::durability lasts) {
    switch (lasts) {
        case store::durability::memory: return "memory";
        case store::durability::interval: return "interval";
        case store::durability::sync: break;
    }
    return "sync";
}

std::string etag_of(store::version at) {
    return "\"" + std::to_string(std::to_underlying(at)) + "\"";
}

/// One strong tag of ours; `*` is any, and weak ones never match (RFC 9110, 13.1.1).
answer<std::optional<store::version>> read_if_match(std::string_view field) {
    if (field.empty() || field == "*") return std::nullopt;
    std::uint64_t at = 0;
    const bool is_quoted = field.size() > 2 && field.starts_with('"') && field.ends_with('"');
    if (!is_quoted) return no(400, "`If-Match` takes one ETag of ours, or `*`");
    const auto digits = field.substr(1, field.size() - 2);
    const auto* end = digits.data() + digits.size();
    const auto [stop, failed] = std::from_chars(digits.data(), end, at);
    if (failed != std::errc() || stop != end)
        return no(412, "the session has another version by now");
    return store::version{at};
}

/// Puts a member of the body into the wish; what is wrong with it, or nothing.
std::optional<problem> read_member(const std::string& name, document& value, const members& may,
                                   wish& into) {
    const auto wrong = [](std::string why) {
        return problem{.status = 400, .why = std::move(why)};
    };
    if (name == "data" && may.data) {
        if (value.is != kind::object) return wrong("`data` is an object");
        into.data = std::move(value);
    } else if (name == "user" && may.user) {
        if (value.is != kind::string || value.text.size() > user_max)
            return wrong("`user` is a text of at most " + std::to_string(user_max) + " bytes");
        into.user = std::move(value.text);
    } else if (name == "expires_in" && may.expires_in) {
        std::int64_t seconds = 0;
        const auto* end = value.text.data() + value.text.size();
        const auto [stop, failed] = std::from_chars(value.text.data(), end, seconds);
        const bool is_whole = value.is == kind::number && failed == std::errc() && stop == end;
        if (!is_whole || seconds < 1 || seconds > expires_in_max)
            return wrong("`expires_in` is a whole number of seconds, at least 1");
        into.expires_in = std::chrono::seconds(seconds);
    } else if (name == "valuable" && may.valuable) {
        if (value.is != kind::boolean) return wrong("`valuable` is `true` or `false`");
        into.valuable = value.text == "true";
    } else {
        return wrong("a member of the body means nothing here");
    }
    return std::nullopt;
}

document describe(const shown& one, const book& in, steady_time now) {
    const auto& record = one.record;
    document made = document::empty_object();
    if (!one.id.empty()) put(made, "id", text(one.id));
    put(made, "handle", text(in.handle_of(record)));
    put(made, "version", text(std::to_string(std::to_underlying(record.version))));
    put(made, "age", number(seconds_of(now - record.created)));
    put(made, "idle", number(seconds_of(now - record.seen)));
    if (const auto end = record.ends(); end != no_deadline)
        put(made, "expires_in", number(seconds_of(end - now)));
    put(made, "durability", text(name_of(record.lasts)));
    put(made, "has_user", truth(record.user != 0));
    put(made, "valuable", truth((record.flags & is_valuable) != 0));
    return made;
}

std::string encoded(std::string_view bytes) {
    std::string made;
    crypto::append_base64url({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()},
                             made);
    return made;
}

/// The texts of a container: as they are, if all of them can be, else each in base64url.
std::vector<std::string> readable(std::string_view data, bool& is_encoded) {
    std::vector<std::string> all;
    for (const auto each : texts_of(data)) all.emplace_back(each);
    is_encoded = !std::ranges::all_of(all, [](std::string_view each) {
        return document::read(document{.is = kind::string, .text = std::string(each)}.write())
            .has_value();
    });
    if (is_encoded)
        for (auto& each : all) each = encoded(each);
    return all;
}

/// A hash is an object of texts, a sorted set one of scores; the others are arrays.
void put_container(document& into, holding as, std::string_view data) {
    bool is_encoded = false;
    document made{.is = kind::array};
    if (as == holding::sorted_set) {
        std::string names;
        const sorted_set there(data);
        for (const auto& each : there.all()) append_text(names, each.name);
        const auto readables = readable(names, is_encoded);
        made = document::empty_object();
        for (std::size_t i = 0; i < readables.size(); ++i)
            put(made, readables[i], text(text_of(there.all()[i].score)));
    } else if (const auto all = readable(data, is_encoded); as == holding::hash) {
        made = document::empty_object();
        for (std::size_t i = 0; i + 1 < all.size(); i += 2) put(made, all[i], text(all[i + 1]));
    } else {
        for (const auto& each : all) made.items.push_back(text(each));
    }
    put(into, is_encoded ? "data_base64url" : "data", std::move(made));
}

/// What another door has put in may be anything.
void put_data(document& into, const store::record& record) {
    const auto as = holding_of(record.flags);
    if (as != holding::string) {
        put(into, "type", text(name_of(as)));
        return put_container(into, as, record.data);
    }
    if (auto data = document::read(record.data)) return put(into, "data", std::move(*data));
    put(into, "data_base64url", text(encoded(record.data)));
}

constexpr std::string_view not_stored = "Cache-Control: no-store\r\n";

}  // namespace

answer<wish> read_wish(const http::served_request& asked, const members& may) {
    wish made;
    auto if_match = read_if_match(asked.field("if-match"));
    if (!if_match) return std::unexpected(std::move(if_match.error()));
    made.if_match = *if_match;
    const bool takes_body = may.data || may.user || may.expires_in;
    if (asked.body.empty()) return made;
    if (!takes_body) return no(400, "this takes no body");
    const auto type = asked.field("content-type");
    const auto media = type.substr(0, type.find(';'));
    if (media != "application/json" && media != "application/merge-patch+json")
        return no(415, "the body is to be `application/json`");
    auto body = document::read(asked.body);
    if (!body || body->is != kind::object)
        return no(400, "the body is no JSON object, or none that could be kept without loss");
    for (std::size_t i = 0; i < body->names.size(); ++i)
        if (auto wrong = read_member(body->names[i], body->items[i], may, made))
            return std::unexpected(std::move(*wrong));
    return made;
}

http::served_answer tell(const problem& why) {
    document made = document::empty_object();
    put(made, "error", text(why.why));
    return {.status = why.status, .body = made.write() + "\n", .lines = std::string(not_stored)};
}

http::served_answer tell(const shown& one, const book& in, steady_time now, unsigned status) {
    auto made = describe(one, in, now);
    put_data(made, one.record);
    std::string lines(not_stored);
    lines += "ETag: " + etag_of(one.record.version) + "\r\n";
    if (one.is_renewed) lines += "Session-Renewed: true\r\n";
    return {.status = status, .body = made.write() + "\n", .lines = std::move(lines)};
}

http::served_answer tell(const std::vector<shown>& all, const book& in, steady_time now) {
    document list{.is = kind::array};
    for (const auto& each : all) list.items.push_back(describe(each, in, now));
    document made = document::empty_object();
    put(made, "sessions", std::move(list));
    return {.body = made.write() + "\n", .lines = std::string(not_stored)};
}

http::served_answer tell(const std::vector<lock_table::shown>& held, steady_time now) {
    document list{.is = kind::array};
    for (const auto& each : held) {
        document one = document::empty_object();
        put(one, "handle", text(handle_of_place(each.lock)));
        put(one, "connection", number(each.by.connection));
        put(one, "client", text(each.by.who));
        put(one, "age", number(seconds_of(now - each.by.since)));
        if (each.by.ends != no_deadline)
            put(one, "expires_in", number(seconds_of(each.by.ends - now)));
        put(one, "waiting", number(std::int64_t(each.waiting)));
        list.items.push_back(std::move(one));
    }
    document made = document::empty_object();
    put(made, "locks", std::move(list));
    return {.body = made.write() + "\n", .lines = std::string(not_stored)};
}

http::served_answer tell(std::size_t ended) {
    document made = document::empty_object();
    put(made, "ended", number(std::int64_t(ended)));
    return {.body = made.write() + "\n", .lines = std::string(not_stored)};
}

}  // namespace hawser::sessions::api
