// SPDX-License-Identifier: Apache-2.0
#include "sessions/api/door.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "async/loop.h"
#include "async/with.h"
#include "clients/network.h"
#include "crypto/digest.h"
#include "observe/log.h"
#include "sessions/api/openapi.h"
#include "sessions/limits.h"
#include "sessions/opening.h"

namespace hawser::sessions::api {

namespace {

using subject = action::subject;

constexpr std::size_t id_max = 128;  // bytes

/// What a path, a field and a log can hold of ids that libraries draw.
bool is_id(std::string_view text) {
    return !text.empty() && text.size() <= id_max && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.' || c == ',';
    });
}

/// Nobody has led a browser there by a name of his own (E170).
bool is_of_an_address(std::string_view host) {
    const auto name = host.substr(0, host.starts_with('[') ? host.find(']') + 1 : host.find(':'));
    if (name == "localhost" || name.starts_with('[')) return true;
    return !name.empty() &&
           std::ranges::all_of(name, [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

std::unexpected<problem> no(unsigned status, std::string why) {
    return std::unexpected(problem{.status = status, .why = std::move(why)});
}

std::string_view class_of(unsigned status) {
    static constexpr std::array<std::string_view, 6> names = {"", "", "2xx", "3xx", "4xx", "5xx"};
    return names[std::min<std::size_t>(status / 100, names.size() - 1)];
}

steady_time now() { return loop::current().now().steady; }

}  // namespace

std::span<const action> door::actions() noexcept {
    static constexpr auto all = std::to_array<action>({
        {"create",
         "POST",
         "/v1/sessions",
         "Begins a session under a new id",
         subject::nothing,
         {.data = true, .user = true, .expires_in = true, .valuable = true},
         "Session",
         201,
         false,
         &door::create},
        {"list",
         "GET",
         "/v1/sessions",
         "A user's sessions, without their ids",
         subject::user,
         {},
         "Sessions",
         200,
         false,
         &door::list},
        {"end-all",
         "DELETE",
         "/v1/sessions",
         "Ends a user's sessions: all, all but `Session-Id`, or the one of `Session-Handle`",
         subject::user,
         {},
         "Ended",
         200,
         true,
         &door::end_all},
        {"read",
         "GET",
         "/v1/session",
         "What is in a session",
         subject::session,
         {},
         "Session",
         200,
         false,
         &door::read},
        {"replace",
         "PUT",
         "/v1/session",
         "Puts data in the place of what is there",
         subject::session,
         {.data = true, .user = true, .expires_in = true, .valuable = true},
         "Session",
         200,
         false,
         &door::replace},
        {"patch",
         "PATCH",
         "/v1/session",
         "Changes fields of the data, by merge patch (RFC 7396)",
         subject::session,
         {.data = true, .user = true, .expires_in = true, .valuable = true},
         "Session",
         200,
         false,
         &door::patch},
        {"end",
         "DELETE",
         "/v1/session",
         "Ends a session, finally",
         subject::session,
         {},
         "Ended",
         200,
         true,
         &door::end},
        {"touch",
         "POST",
         "/v1/session/touch",
         "Lets the idle time begin anew",
         subject::session,
         {.expires_in = true},
         "Session",
         200,
         false,
         &door::touch},
        {"renew",
         "POST",
         "/v1/session/renew",
         "Gives a session a new id, as after a log-in; the old one is good for reads for seconds",
         subject::session,
         {.data = true, .user = true, .valuable = true},
         "Session",
         201,
         true,
         &door::renew},
        {"locks",
         "GET",
         "/v1/locks",
         "Which locks are held, by which connection, and how many wait for them",
         subject::nothing,
         {},
         "Locks",
         200,
         false,
         &door::locks},
        {"openapi",
         "GET",
         "/v1/openapi.json",
         "This document",
         subject::nothing,
         {},
         "",
         200,
         false,
         &door::openapi},
    });
    return all;
}

door::door(io::worker& on, hub& with, std::shared_ptr<const setup> first)
    : worker_(on),
      hub_(with),
      counters_(with.counted.of(on.index())),
      setup_(std::move(first)),
      server_({.body_max = limits::api_body,
               .connections_max = limits::api_connections,
               .connections_of_peer_max = limits::api_connections,
               .tls = [this] { return setup_->tls; }},
              [this](const http::served_request& asked) { return answer(asked); }) {}

result<> door::open(const std::string& place, io::listening_socket socket) {
    auto from = worker_.io().listen(std::move(socket));
    if (!from) return std::unexpected(std::move(from.error()));
    const auto opened = places_.emplace(place, std::make_shared<stop_source>());
    running_.spawn(accept_on(opened->second, std::move(*from)));
    return {};
}

void door::close(const std::string& place) {
    const auto [first, last] = places_.equal_range(place);
    for (auto each = first; each != last; ++each) each->second->stop();
    places_.erase(first, last);
}

void door::stop() {
    for (auto& [place, closing] : std::exchange(places_, {})) closing->stop();
}

task<> door::accept_on(std::shared_ptr<stop_source> closing, std::unique_ptr<io::listener> from) {
    co_await with_stop(*closing, server_.serve(std::move(from)));
}

task<http::served_answer> door::answer(const http::served_request& asked) {
    const auto method = asked.method == "HEAD" ? std::string_view("GET") : asked.method;
    const action* found = nullptr;
    bool is_place = false;
    for (const auto& each : actions()) {
        if (each.path != asked.path) continue;
        is_place = true;
        if (each.method == method) found = &each;
    }
    const auto who = admit(asked);
    http::served_answer made;
    if (!who)
        made = tell(who.error());
    else if (found == nullptr)
        made =
            tell({.status = is_place ? 405U : 404U, .why = "there is nothing of that kind here"});
    else
        made = co_await serve(*found, asked, *who);
    counters_.requests.add(found == nullptr ? "none" : found->name, class_of(made.status));
    co_return made;
}

/// Whose sessions somebody may ask for (S16).
std::expected<caller, problem> door::admit(const http::served_request& asked) {
    if (!asked.field("origin").empty() || !asked.field("sec-fetch-site").empty())
        return no(403, "this is no place for browsers");
    const auto given = asked.field("authorization");
    if (given.empty()) {
        if (!setup_->open_to) return no(401, "say who you are: `Authorization: Bearer TOKEN`");
        if (!is_of_an_address(asked.host)) return no(403, "ask by the address");
        return caller{.tenancy = *setup_->open_to, .who = {}};
    }
    const auto source = clients::counted_as(asked.peer.ip());
    if (!failures_.may_try(source, now())) return no(429, "too many wrong tokens");
    constexpr std::string_view scheme = "Bearer ";
    // By its digest, which tells nothing of how near a guess was.
    const auto known = given.starts_with(scheme)
                           ? setup_->tokens.find(crypto::sha256(given.substr(scheme.size())))
                           : setup_->tokens.end();
    if (known != setup_->tokens.end()) return known->second;
    failures_.note(source, now());
    counters_.failed_tokens.add();
    observe::log_sparsely(observe::level::warn, "session-api-token",
                          "a client of the sessions' JSON door has shown a wrong token");
    return no(401, "that is no token of anybody");
}

task<http::served_answer> door::serve(const action& what, const http::served_request& asked,
                                      const caller& who) {
    if (!asked.query.empty()) co_return tell({.status = 400, .why = "this takes no query"});
    const auto id = asked.field("session-id");
    if (what.of == subject::session && !is_id(id))
        co_return tell({.status = 400, .why = "`Session-Id` is to name the session"});
    if (!id.empty() && !is_id(id)) co_return tell({.status = 400, .why = "`Session-Id` is none"});
    if (what.of == subject::user && asked.field("session-user").empty())
        co_return tell({.status = 400, .why = "`Session-User` is to name the user"});
    auto wished = read_wish(asked, what.takes);
    if (!wished) co_return tell(wished.error());
    // A reload may replace it while somebody waits.
    const auto by = setup_;
    const auto& tenancy = by->tenancies[who.tenancy];
    const auto& space = tenancy.in->space;
    co_await await_opening(space);
    if (space.condition() == store::condition::opening)
        co_return tell({.status = 503, .why = "the store is opening"});
    book in(hub_.kept, tenancy, chance_);
    audited done{.what = what.name,
                 .name_space = std::string(tenancy.in->space.name()),
                 .who = who.who.empty() ? "local" : who.who,
                 .from = asked.peer.ip().text()};
    const auto user = wished->user.value_or(std::string(asked.field("session-user")));
    if (!user.empty()) done.user = tenancy.in->user_of(user);
    const bool is_audited = what.is_audited || wished->user.has_value();
    auto told = co_await (this->*what.serve)(in, asked, std::move(*wished));
    if (!is_audited) co_return told;
    done.status = told.status;
    audit(std::move(done), in, asked);
    co_return told;
}

/// Which session it was about, and when: it is done.
void door::audit(audited done, const book& in, const http::served_request& asked) {
    const auto id = asked.field("session-id");
    const auto handle = asked.field("session-handle");
    done.when = loop::current().now().wall;
    if (!in.last_made().empty())
        done.session = in.last_made();
    else if (handle.size() == handle_size)
        done.session = handle;
    else if (!id.empty() && done.what != "end-all")
        done.session = in.handle_of_id(id);
    done.ended = in.last_ended();
    hub_.audit.put(std::move(done));
}

task<http::served_answer> door::create(book& in, const http::served_request&, wish what) {
    const auto done = co_await in.create(std::move(what));
    if (!done) co_return tell(done.error());
    co_return tell(*done, in, now(), 201);
}

task<http::served_answer> door::read(book& in, const http::served_request& asked, wish) {
    const auto done = co_await in.read(std::string(asked.field("session-id")));
    if (!done) co_return tell(done.error());
    co_return tell(*done, in, now());
}

task<http::served_answer> door::replace(book& in, const http::served_request& asked, wish what) {
    if (!what.data) co_return tell({.status = 400, .why = "`data` is to say what is kept"});
    const auto done = co_await in.replace(std::string(asked.field("session-id")), std::move(what));
    if (!done) co_return tell(done.error());
    co_return tell(*done, in, now());
}

task<http::served_answer> door::patch(book& in, const http::served_request& asked, wish what) {
    const auto done = co_await in.patch(std::string(asked.field("session-id")), std::move(what));
    if (!done) co_return tell(done.error());
    co_return tell(*done, in, now());
}

task<http::served_answer> door::touch(book& in, const http::served_request& asked, wish what) {
    const auto done = co_await in.touch(std::string(asked.field("session-id")), std::move(what));
    if (!done) co_return tell(done.error());
    co_return tell(*done, in, now());
}

task<http::served_answer> door::renew(book& in, const http::served_request& asked, wish what) {
    const auto done = co_await in.renew(std::string(asked.field("session-id")), std::move(what));
    if (!done) co_return tell(done.error());
    co_return tell(*done, in, now(), 201);
}

task<http::served_answer> door::end(book& in, const http::served_request& asked, wish what) {
    const auto done = co_await in.end(std::string(asked.field("session-id")), std::move(what));
    if (!done) co_return tell(done.error());
    co_return tell(*done);
}

task<http::served_answer> door::list(book& in, const http::served_request& asked, wish) {
    const auto done = co_await in.list(std::string(asked.field("session-user")));
    if (!done) co_return tell(done.error());
    co_return tell(*done, in, now());
}

task<http::served_answer> door::end_all(book& in, const http::served_request& asked, wish) {
    std::string user(asked.field("session-user"));
    std::string handle(asked.field("session-handle"));
    api::answer<std::size_t> done;
    if (handle.empty())
        done = co_await in.end_all(std::move(user), std::string(asked.field("session-id")));
    else
        done = co_await in.end_by_handle(std::move(user), std::move(handle));
    if (!done) co_return tell(done.error());
    co_return tell(*done);
}

task<http::served_answer> door::locks(book& in, const http::served_request&, wish) {
    co_return tell(in.locks(), now());
}

task<http::served_answer> door::openapi(book&, const http::served_request&, wish) {
    co_return http::served_answer{.body = openapi_document(actions())};
}

}  // namespace hawser::sessions::api
