// SPDX-License-Identifier: Apache-2.0
#include "affinity/cookie.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include "base/ensure.h"
#include "base/hash.h"
#include "base/limits.h"
#include "http/cookie.h"
#include "http/message.h"

namespace hawser::affinity {

namespace {

using std::chrono::seconds;

constexpr std::string_view host_prefix = "__Host-";

std::string wrong_name(const std::string& name) {
    if (name.empty()) return {};
    if (!http::is_token(name)) return "holds characters that a cookie's name cannot";
    if (name.size() > limits::cookie_name_max) {
        return fmt::format("is longer than {} characters", limits::cookie_name_max);
    }
    if (name.starts_with("__")) return "must not begin with `__`: `__Host-` is added on TLS";
    return {};
}

bool is_secure(const cookie::settings& given, bool tls) {
    return tls || given.secure == secure_when::always;
}

http::same_site cross_site_of(same_site_rule given) {
    switch (given) {
        case same_site_rule::lax: return http::same_site::lax;
        case same_site_rule::strict: return http::same_site::strict;
        case same_site_rule::none: return http::same_site::none;
    }
    std::unreachable();
}

sighting seen_as(const token_memo::remembered& token) {
    return {.key = token.key, .why = cause::none, .carried = token.opened};
}

std::unique_ptr<const fingerprinting> prints_if_wanted(const cookie::settings& given,
                                                       const context& made_for) {
    const bool by_listener = given.listeners == listener_rule::own;
    if (!given.print && !by_listener) return nullptr;
    return std::make_unique<const fingerprinting>(given.print.value_or(fingerprint_settings()),
                                                  given.print.has_value(), by_listener,
                                                  made_for.with);
}

std::uint64_t next_serial() {
    static std::atomic<std::uint64_t> last = 0;
    return ++last;
}

/// Signed, so that a time before the start of a binding is a negative age.
seconds age(std::uint32_t since, wall_time now) {
    return seconds(std::int64_t{seconds_of(now)} - std::int64_t{since});
}

}  // namespace

void cookie::settings::describe(config::fields<settings>& field) {
    field("name", &settings::name,
          "The cookie's name; `hawser-` and a hash of the pool's name if left out.")
        .check(wrong_name);
    field("ttl", &settings::ttl, "How long a session stays bound without a request.")
        .minimum(seconds(1))
        .maximum(limits::binding_age_max);
    field("absolute", &settings::absolute, "How long a session stays bound at most.")
        .minimum(seconds(1))
        .maximum(limits::binding_age_max);
    field("same-site", &settings::same_site, "SameSite of the cookie.");
    field("secure", &settings::secure, "When the cookie is `Secure` and named with `__Host-`.");
    field("forward", &settings::forward, "Whether the server sees the cookie.");
    field("listeners", &settings::listeners, "Where the cookie counts.");
    field("fingerprint", &settings::print,
          "What the cookie tells of the client that it was given to; nothing if left out.");
    describe_missing(field);
}

std::string_view cookie::wrong(const settings& given, bool tls) {
    if (given.same_site == same_site_rule::none && !is_secure(given, tls)) {
        return "`same-site: none` needs `Secure`, or browsers drop the cookie: let only TLS "
               "listeners lead to the pool, or say `secure: always`";
    }
    return {};
}

std::string cookie::name_in(const settings& given, std::string_view pool, bool tls) {
    const auto plain =
        given.name.empty()
            ? fmt::format("hawser-{:08x}",
                          static_cast<std::uint32_t>(std::to_underlying(pool_id_of(pool))))
            : given.name;
    return is_secure(given, tls) ? fmt::format("{}{}", host_prefix, plain) : plain;
}

cookie::cookie(const settings& given, const context& made_for)
    : affinity({.kind = name,
                .missing = given.missing,
                .issues = true,
                .hidden_cookie =
                    given.forward ? std::string() : name_in(given, made_for.pool, made_for.tls),
                .lasts = {given.ttl, given.absolute}}),
      settings_(given),
      name_(name_in(given, made_for.pool, made_for.tls)),
      issuer_(made_for.with),
      tokens_(pool_id_of(made_for.pool), issuer_->mark_of(pool_id_of(made_for.pool)),
              issuer_->sealer()),
      prints_(prints_if_wanted(given, made_for)),
      scope_(made_for.scope()),
      serial_(next_serial()) {
    http::append_set_cookie({.name = name_,
                             .value = {},
                             .cross_site = cross_site_of(given.same_site),
                             .secure = is_secure(given, made_for.tls)},
                            line_start_);
    const auto value_at = line_start_.find('=') + 1;
    line_end_ = line_start_.substr(value_at);
    line_start_.resize(value_at);
}

sighting cookie::find(const asking& who) {
    auto seen = sighting::nothing(cause::no_key);
    std::size_t copies = 0;
    for (const auto text : http::cookies_named(name_, who.head.fields)) {
        if (++copies > limits::cookie_copies_max) break;
        const auto one = read(text, who);
        if (!one.key.empty()) return one;
        if (one.lapsed) seen.lapsed = one.lapsed;
        // Of several copies, the one that came closest to a session tells why there is none; the
        // causes stand in that order.
        seen.why = std::max(seen.why, one.why);
    }
    if (prints_) seen.like = {.now = prints_->of(who)};
    return seen;
}

sighting cookie::read(std::string_view text, const asking& who) {
    const auto token = open(text, who.memo);
    const auto why = token ? check_times((*token)->opened, who.now) : token.error();
    if (why == cause::none) return prints_ ? judge(**token, who) : seen_as(**token);
    auto seen = sighting::nothing(why);
    if (why == cause::expired && is_within_absolute((*token)->opened, who.now))
        seen.lapsed = (*token)->key;
    return seen;
}

sighting cookie::judge(const token_memo::remembered& token, const asking& who) const {
    const auto then = token.print();
    const auto now = prints_->of(who);
    const auto judged = prints_->judge(then, now);
    if (judged.is_of_another_listener) return sighting::nothing(cause::foreign_listener);
    const bool is_doubted = !judged.doubted.empty();
    if (is_doubted && prints_->then() == suspicion::unbind)
        return sighting::nothing(cause::other_client);
    auto seen = seen_as(token);
    if (is_doubted) seen.why = cause::other_client;
    seen.like = {.now = now,
                 .then = then,
                 .doubted = judged.doubted,
                 .is_outdated = judged.is_outdated,
                 .is_challenged = is_doubted && prints_->then() == suspicion::challenge};
    return seen;
}

void cookie::seal(const binding& home, wall_time now, std::string& into, const fingerprint& like) {
    ensure(home.home != no_server_id, "only a claimed binding is given to a client");
    token told{.home = home, .print = like};
    told.home.issued = seconds_of(now);
    tokens_.seal(told, now, into);
}

std::expected<const token_memo::remembered*, cause> cookie::open(std::string_view text,
                                                                 token_memo& memo) {
    if (const auto* const known = memo.recall(serial_, text)) return known;
    const auto token = tokens_.open(text);
    if (!token) return std::unexpected(token.error());
    return &memo.keep(serial_, text, issuer_->key_of(scope_, token->home.session), *token);
}

/// Clocks of nodes differ a little; a time that lies further ahead was not given by one of them.
cause cookie::check_times(const binding& carried, wall_time now) const {
    if (age(std::max(carried.born, carried.issued), now) < -limits::clock_skew_max) {
        return cause::forged;
    }
    const bool is_idle = age(carried.issued, now) > settings_.ttl;
    return is_idle || !is_within_absolute(carried, now) ? cause::expired : cause::none;
}

bool cookie::is_within_absolute(const binding& carried, wall_time now) const {
    return age(carried.born, now) <= settings_.absolute;
}

void cookie::answer(const answering& what, reply& into) {
    if (what.is_over) {
        if (what.found.carried || what.found.lapsed) take_back(into);
        return;
    }
    if (!is_due(what)) return;
    give(what.home, what.now, {}, into, print_for(what));
    into.names_session = true;
}

/// Whose server doubts it keeps what it had, until the server accepts it.
fingerprint cookie::print_for(const answering& what) {
    const auto& like = what.found.like;
    if (!like) return {};
    return like->is_challenged && !what.is_accepted ? like->then : like->now;
}

void cookie::give(const binding& home, wall_time now, const kept_for& lasting, reply& into,
                  const fingerprint& like) {
    into.lines += line_start_;
    seal(home, now, into.lines, like);
    if (!lasting.max_age.empty()) into.lines.append("; Max-Age=").append(lasting.max_age);
    if (!lasting.expires.empty()) into.lines.append("; Expires=").append(lasting.expires);
    into.lines += line_end_;
    into.carries_mark = true;
}

void cookie::take_back(reply& into) const {
    into.lines.append(line_start_).append("; Max-Age=0").append(line_end_);
}

/// Most answers stay free of Set-Cookie: only a changed home or a tenth of the ttl renews it.
bool cookie::is_due(const answering& what) const {
    const auto& carried = what.found.carried;
    if (!carried || is_overwritten_by(what.head)) return true;
    const auto& like = what.found.like;
    if (like && (like->is_outdated || (like->is_challenged && what.is_accepted))) return true;
    auto same = what.home;
    same.issued = carried->issued;
    return same != *carried ||
           age(carried->issued, what.now) >= std::max(settings_.ttl / 10, seconds(1));
}

bool cookie::is_overwritten_by(const http::response_head& answer) const {
    return std::ranges::any_of(answer.fields, [&](const http::field& each) {
        return each.id == http::field_id::set_cookie && http::name_set_by(each.value) == name_;
    });
}

}  // namespace hawser::affinity
