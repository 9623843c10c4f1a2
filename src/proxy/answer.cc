// SPDX-License-Identifier: Apache-2.0
// Step 7 of a request's way: the answer's head and body to the client.

#include <algorithm>
#include <utility>

#include "async/with.h"
#include "health/agent_report.h"
#include "http/compression/negotiation.h"
#include "http/websocket.h"
#include "observe/log.h"
#include "proxy/exchange.h"
#include "proxy/grpc.h"
#include "proxy/heads.h"
#include "proxy/tunnel.h"

namespace hawser::proxy {

namespace {

bool is_valid_upgrade(const http::response_head& head, std::string_view key) {
    const http::field* proof = head.fields.find(http::field_id::sec_websocket_accept);
    return http::equal_ignoring_case(head.upgrade, "websocket") && proof != nullptr &&
           proof->value == std::string_view(http::websocket_accept(key));
}

bool varies_by_encoding(const http::response_head& head) {
    return std::ranges::any_of(head.fields, [](const http::field& each) {
        return http::equal_ignoring_case(each.name, "vary") &&
               (http::compression::has_directive(each.value, "accept-encoding") ||
                http::compression::has_directive(each.value, "*"));
    });
}

/// Outlasts a wait.
pooled_bytes copy_of(std::string_view text) {
    pooled_bytes made(text.size());
    std::ranges::copy(text, made.bytes().begin());
    return made;
}

}  // namespace

/// The head lies in the station's room, and what came behind it with the server's side.
task<> exchange::answer(server_post& from) {
    const http::response_head& head = station_.response;
    from.counters.requests[observe::code_class(head.status)].add();
    const auto said = server_words::in(head.fields);
    note_instance(from, said.instance);
    if (!said.session.is_silent()) heed(said.session);
    note_weight(from);
    report(from, health::is_unwell(head.status) ? std::optional(upstream::failure::status)
                                                : std::nullopt);
    record_.status = std::uint16_t(head.status);
    if (head.status == 101 && !is_valid_upgrade(head, asked_.websocket_key))
        co_return co_await apologise({errc::malformed, "an upgrade that was not asked for"});

    station_.lines.clear();
    const auto told = mark_answer(said.session);
    if (pool_->setup->record != nullptr) follow_record(head);
    tell_session();
    if (marks_) station_.lines += marks_->client_lines();
    add_hsts();
    const std::string_view coding = choose_coding(told.carries_mark);
    const answer_form form = client_.form_of(head);
    const bool keeps_alive = asked_.keeps_alive && form.may_keep_alive && !upload_refusal_ &&
                             !client_.connection().takes_leave();
    outcome_ = keeps_alive ? outcome::keeps_alive : outcome::closes;
    const response_rewriting what{
        .head = head,
        .way = *way_,
        .to_http_1_0 = form.to_http_1_0,
        .keeps_alive = keeps_alive,
        .rechunked = form.rechunked,
        .is_private = told.carries_mark,
        .sets_hsts = client_.connection().has_hsts(),
        .coding = coding,
        .replaced_cookie = told.replaced_cookie,
        .weakens_tag = !coding.empty() || (way_->compressed && head.status == 304),
        .lines = station_.lines};
    pooled_bytes larger;
    std::span<char> room = station_.out;
    if (const std::size_t size = rewritten_size_max(what); size > room.size()) {
        larger = pooled_bytes(size);
        room = larger.bytes();
    }
    std::string_view written = write_response_head(what, room);
    ensure(!written.empty(), "the room for a rewritten head is reckoned to suffice");
    passed_on_ = answered_ = true;
    look_for_pinning(head);
    owes_status_ = owes_status(head);
    const bool switches = head.status == 101;
    if (must_be_known_elsewhere(told)) [[unlikely]] {
        if (larger.bytes().empty()) larger = copy_of(written);
        written = {larger.bytes().data(), written.size()};
        co_await wait_until_known_elsewhere();
    }
    if (switches) co_return co_await tunnel(written);
    is_whole_ = co_await relay_body(written);
    if (is_whole_)
        release_server(from);
    else
        co_await drop_server();
}

/// The server may say which instance of it answers. A session that was bound to another one has
/// begun anew with this very request, as nobody knew before.
void exchange::note_instance(server_post& from, std::optional<generation> mark) {
    if (!mark) return;
    from.server->announce(*mark, server_opened_);
    // A process that is finishing its last answers is no home any more.
    const bool is_present = *mark != 0 && from.server->instance() == *mark;
    if (!is_present || session_.home.home != from.server->id() || session_.home.instance == *mark)
        return;
    const bool has_forgotten = !pool_->setup->servers->settings().shares_data;
    const bool was_believed =
        verdict_ == affinity::verdict::hit || verdict_ == affinity::verdict::returned;
    if (has_forgotten && session_.home.instance != 0 && was_believed) begin_anew();
    bind(*from.server);
}

/// The server may ask for a share of its weight. By an answer nobody leaves service: what has no
/// requests could not come back.
void exchange::note_weight(server_post& from) {
    const std::string& name = pool_->setup->servers->settings().weight_field;
    if (name.empty()) return;
    for (const http::field& each : station_.response.fields) {
        if (!http::equal_ignoring_case(each.name, name)) continue;
        if (const auto percent = health::read_percent(each.value))
            from.server->weights.report(std::max(*percent, 1U));
        return;
    }
}

/// Decides whether the body goes on compressed, and tells caches that it depends on the request.
std::string_view exchange::choose_coding(bool carries_mark) {
    if (!way_->compressed) return {};
    using http::compression::verdict;
    http::response_head& head = station_.response;
    const auto judged =
        http::compression::judge(head, way_->compressed->which, wish_, carries_mark);
    // What a 304 says must be what the answer itself would have said (RFC 9110 15.4.5).
    if (judged == verdict::never && head.status != 304) return {};
    if (!varies_by_encoding(head)) station_.lines += "Vary: Accept-Encoding\r\n";
    if (judged != verdict::applies) return {};
    if (station_.compression_memory >= limits::compression_memory_max) {
        station_.counters.limits_reached.add("compression-memory");
        return {};
    }
    if (head.body != http::framing::none) {
        head.body = http::framing::chunked;  // its length is not known any more
        coding_ = std::make_unique<answer_coding>(way_->compressed->with[*wish_.coding],
                                                  station_.coded, station_.compression_memory);
    }
    return way_->compressed->names[*wish_.coding];
}

/// The debug field, where the configuration wants one.
void exchange::tell_session() {
    const std::string& name = edition_->what->debug_field;
    if (name.empty()) return;
    station_.lines.append(name).append(": ").append(affinity::name_of(verdict_));
    if (cause_ != affinity::cause::none)
        station_.lines.append("; cause=").append(affinity::name_of(cause_));
    station_.lines.append("; server=").append(target_->server->name()).append("\r\n");
}

/// The head, with it what came of the body in the same read, then the rest. False when the client
/// will not have all of it.
task<bool> exchange::relay_body(std::string_view head) {
    const auto patience = pool_->setup->servers->settings().timeouts.idle;
    auto part = server_->take_body();
    if (!part) {
        // As if it had come later: a bare close would look like no answer at all (E85).
        (void)co_await client_.write(head, {});
        lose_answer(part.error());
        co_return false;
    }
    std::optional<linked_stop_source> until;
    std::optional<leaver> leaves;
    for (;;) {
        if (part->is_last && owes_status_ && !grpc::tells_status(part->trailers)) {
            (void)co_await client_.write(head, {.payload = part->payload});
            lose_answer({502, "grpc-status-missing"});
            co_return false;
        }
        const auto told = co_await client_.write(head, coding_ ? coding_->encode(*part) : *part);
        if (!told) {
            lose_client(told.error().code);
            co_return false;
        }
        if (part->is_last) co_return true;
        head = {};
        if (!leaves) {
            until.emplace(stop());
            leaves.emplace(*until).listen_to(nullptr, &target_->answers_part);
        }
        server_->read_at_most(client_.room());
        part = co_await with_stop(*until, with_idle_limit(patience, server_->read_body()));
        if (!part) {
            if (const goodbye* why = leaves->said())
                cut(why->word);
            else
                lose_answer(part.error());
            co_return false;
        }
    }
}

/// A call of gRPC ends by a status in its trailers. Its clients take an end without one for an
/// answer of whoever is in between, or worse, for success (E184).
bool exchange::owes_status(const http::response_head& head) const {
    if (over_http2_ == nullptr || client_.protocol() != "HTTP/2" || head.status != 200)
        return false;
    const http::field* type = head.fields.find(http::field_id::content_type);
    return type != nullptr && grpc::is_grpc(type->value) &&
           std::ranges::none_of(head.fields, [](const http::field& each) {
               return http::equal_ignoring_case(each.name, "grpc-status");
           });
}

/// The answer will not become whole: through the client, or through the server.
void exchange::lose_answer(http::refusal why) {
    if (why != nobody_waits) {
        report(*target_, upstream::failure::cut);
        cut(why.cause);
    } else if (upload_refusal_) {
        cut(upload_refusal_->cause);
    } else {
        record_.status = 499;
        cut("client-left");
    }
}

void exchange::lose_client(errc why) {
    // Stopped while it waited to be taken: whoever still listens must see that it is not whole.
    cut(why == errc::timed_out ? "write-timeout" : "client-left");
}

/// The client must see that the answer is not whole: never a clean end.
void exchange::cut(std::string_view why) {
    record_.ended = why;
    outcome_ = outcome::closes;
    client_.cut();
}

/// The connection carries another request only when this exchange is over in both directions and
/// nothing is left over (E5, E70).
void exchange::release_server(server_post& from) {
    const bool is_over = client_.has_whole_body() && (!uploads_ || uploads_->running() == 0);
    if (!is_over && uploads_) return;  // whoever still sends over it ends first
    if (is_over && !from.is_retired && !station_.is_draining()) {
        // One that was opened by terms of before is used no more.
        auto kept = secured_by_ == from.secured ? server_->give_back() : upstream::connection();
        if (kept && is_pinned_)
            client_.connection().pinned = std::make_unique<client_connection::pinned_connection>(
                pool_->share(from), named_to(from), pool_->setup->idle_connection_time,
                std::move(kept));
        else if (kept)
            from.idle.keep(std::move(kept));
    }
    let_go_of_server();
}

/// NTLM and Negotiate authenticate a connection: from then on it is its client's alone (E80).
void exchange::look_for_pinning(const http::response_head& head) {
    for (const http::field& each : head.fields) {
        if (each.id != http::field_id::www_authenticate) continue;
        const std::string_view scheme = each.value.substr(0, each.value.find(' '));
        if (http::equal_ignoring_case(scheme, "NTLM") ||
            http::equal_ignoring_case(scheme, "Negotiate"))
            is_pinned_ = true;
    }
}

/// The connection changes hands. Bytes that came in the segment of a head go first (E145): the
/// server's behind its 101, the client's behind its handshake, which waited until now (E143).
task<> exchange::tunnel(std::string_view head) {
    client_.hold();
    http::websocket_frames frames;
    frames.take(server_->unread());
    const auto told = co_await client_.write(head, {.payload = server_->unread()});
    const std::string_view waited = client_.unread();
    record_.bytes_in += waited.size();
    outcome_ = outcome::closes;
    if (!told) {
        record_.ended = "reset";
        co_return co_await drop_server();
    }
    const auto delivered = co_await with_idle_limit(client_.connection().settings().write_timeout,
                                                    server_->raw().write(io::pieces(waited)));
    client_.drop_unread();

    pool_->counters->tunnels_opened.add();
    station_.sessions.begin_tunnel(session_.handle);
    stop_source due;
    leaver leaves(due);
    leaves.listen_to(&station_.tunnels_part(), &target_->tunnels_part);
    const open_tunnels::entry steered(station_.tunnels,
                                      {pool_->setup->servers->id(), session_.home.session}, leaves);
    if (station_.is_draining()) leaves.go(station_.is_retired() ? node_retires : node_stops);
    proxy::tunnel through(client_.raw(), server_->raw(),
                          pool_->setup->servers->settings().timeouts.tunnel, client_.gone());
    through.say_goodbye_at(due, leaves, frames);
    if (!delivered) through.lose_server(delivered.error().code);
    co_await through.run();
    station_.sessions.end_tunnel(session_.handle, station_.now().steady);
    pool_->counters->tunnels_closed.add();
    record_.bytes_out += through.to_client();
    record_.bytes_in += through.to_server();
    record_.ended = through.ended_by().empty() ? "reset" : through.ended_by();
    co_await drop_server();
}

/// The pool works again, or it has to wait as long once more.
void exchange::end_circuit_trial(bool has_failed) {
    tries_circuit_ = false;
    const auto& servers = *pool_->setup->servers;
    auto& circuit = servers.crowd().circuit;
    const auto open_until = station_.now().steady + servers.settings().limits.open_for;
    if (has_failed)
        circuit.end_trial(open_until);
    else if (circuit.bring_back({}, false))
        observe::log(observe::level::warn, "pool " + servers.name() + ": its circuit closes");
}

/// Tells passive health, and the error log if that changed anything.
void exchange::report(server_post& about, std::optional<upstream::failure> failed) {
    const health::outliers rules(*pool_->setup->servers);
    if (failed) about.counters.errors.add(name_of(*failed));
    // An answer that is cut was judged when it began.
    if (failed != upstream::failure::cut) about.load.outcomes.all.add();
    if (failed) about.load.outcomes.failed.add();
    if (tries_circuit_) end_circuit_trial(failed.has_value());
    const auto found = failed ? rules.failed(*about.server, *failed, station_.now())
                              : rules.succeeded(*about.server, station_.now());
    if (found.what == health::finding::change::none) return;
    if (found.what == health::finding::change::went_out)
        about.counters.ejections.add(upstream::name_of(found.why));
    std::string told = "server " + pool_->setup->servers->name() + "/" + about.server->name() + " ";
    told.append(name_of(found.what));
    if (failed)
        told.append(": ")
            .append(upstream::name_of(found.why))
            .append(", for ")
            .append(std::to_string(found.lasting.count()))
            .append(" ms");
    observe::log(observe::level::warn, told);
}

}  // namespace hawser::proxy
