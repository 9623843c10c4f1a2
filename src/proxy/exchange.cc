// SPDX-License-Identifier: Apache-2.0
#include "proxy/exchange.h"

#include <utility>

#include "async/with.h"
#include "balance/key_source.h"
#include "base/hash.h"
#include "http/h1/writer.h"
#include "proxy/grpc.h"
#include "proxy/heads.h"
#include "tls/certificates.h"

namespace hawser::proxy {

namespace {

using http::method_id;

std::string_view value_of(const http::request_head& head, http::field_id id) {
    const http::field* found = head.fields.find(id);
    return found != nullptr ? found->value : std::string_view();
}

/// Of the head that went to a server: the client's own is gone by then. `name` ends in its colon.
std::string_view value_in(std::string_view lines, std::string_view name) {
    while (!lines.empty()) {
        const auto line = lines.substr(0, lines.find("\r\n"));
        lines.remove_prefix(std::min(lines.size(), line.size() + 2));
        if (!http::equal_ignoring_case(line.substr(0, name.size()), name)) continue;
        const auto value = line.substr(name.size());
        return value.substr(std::min(value.size(), value.find_first_not_of(' ')));
    }
    return {};
}

bool may_come(const clients::access_list* who, const io::ip_address& client) {
    return who == nullptr || who->admits(client);
}

constexpr std::string_view methods_answered = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/// What an error on the way to a server means to the client (E73).
http::refusal refusal_of(const error& why) {
    switch (why.code) {
        case errc::no_server: return {503, "no-server"};
        case errc::timed_out:
            return why.safe_to_retry ? http::refusal{503, "connect-timeout"}
                                     : http::refusal{504, "response-timeout"};
        case errc::malformed: return {502, "malformed-answer"};
        case errc::untrusted: return {502, "server-tls"};
        case errc::refused: return {503, "connect-refused"};
        case errc::exhausted: return {503, "exhausted"};
        case errc::invalid: return {503, "no-source"};
        case errc::unavailable: return {503, "stream-refused"};
        default:
            return why.safe_to_retry ? http::refusal{503, "connect-failed"}
                                     : http::refusal{502, "no-answer"};
    }
}

}  // namespace

exchange::exchange(client_side& client, station& at)
    : client_(client),
      station_(at),
      edition_(at.current()),
      began_(at.now().steady),
      is_logged_(at.access.is_open() || at.watched() != nullptr) {
    record_.started = at.now().wall;
}

exchange::~exchange() = default;

task<outcome> exchange::run(const http::request_head& head) {
    begin(head);
    auto refusal = find_route(head);
    if (!refusal) refusal = look_at_limits(head);
    if (refusal) {
        note_wishes(head);
        co_await refuse(*refusal);
        account();
        co_return outcome_;
    }
    if (way_->answer) {
        co_await answer_by_route(head);
        account();
        co_return outcome_;
    }
    enter_session();
    if (pool_->setup->record != nullptr) find_record(head);
    const auto& rules = pool_->setup->servers->settings();
    if (rules.first_claim.is_on()) look_for_companions(head);
    if (rules.valuable.looks_at_requests()) note_value(head);
    rewrite(head);

    if (way_->timeout == std::chrono::milliseconds::max())
        co_await serve();
    else
        co_await with_deadline(way_->timeout, serve());

    if (uploads_) co_await end_upload();
    account();
    // Closing over bytes that nobody reads would reset what the client has not read yet.
    const bool has_more = !client_.unread().empty() || !client_.has_whole_body();
    if (outcome_ == outcome::closes && is_whole_ && has_more) outcome_ = outcome::lingers;
    co_return outcome_;
}

/// Steps 5 to 7 of DESIGN's way of a request, once or, where that does no harm, again.
task<> exchange::serve() {
    error last{errc::no_server};
    for (;;) {
        server_post* target = choose_server();
        if (target == nullptr && may_wait()) {
            auto found = co_await wait_for_place();
            if (!found) co_return co_await apologise(std::move(found.error()));
            target = *found;
        }
        if (target == nullptr) break;
        auto answered = co_await forward(*target);
        if (answered) co_return co_await answer(*target);
        last = std::move(answered.error());
        if (!may_try_again(last)) break;
    }
    co_await apologise(std::move(last));
}

/// Copies what outlasts the head.
void exchange::begin(const http::request_head& head) {
    asked_.is_head = head.method_kind == method_id::head;
    asked_.keeps_alive = head.keep_alive && !client_.connection().takes_leave();
    asked_.is_repeatable = is_repeatable(head);
    asked_.is_chunked = head.body == http::framing::chunked;
    record_.bytes_in = head.bytes.size();
    record_.protocol = client_.protocol();
    asks_ = client_of(client_.connection(), head);
    mark(head);
    if (!is_logged_) return;
    name_client();
    note_tls();
    record_.put(observe::text::method, head.method);
    record_.put(observe::text::target, head.target);
    record_.put(observe::text::host, head.host);
    record_.put(observe::text::user_agent, value_of(head, http::field_id::user_agent));
    record_.put(observe::text::referer, value_of(head, http::field_id::referer));
    if (marks_ && !marks_->id().empty())
        record_.put(observe::text::request_id, marks_->id());
    else
        record_.put(observe::text::request_id, value_of(head, http::field_id::x_request_id));
    if (marks_) record_.put(observe::text::trace_id, marks_->trace_id());
}

void exchange::mark(const http::request_head& head) {
    const auto& wanted = client_.connection().settings().marks;
    if (!wanted) return;
    marks_ =
        std::make_unique<request_marks>(*wanted, head, asks_.is_told_by_proxy, station_.random);
}

void exchange::note_tls() {
    const tls::facts* const secured = client_.connection().secured();
    if (secured == nullptr) return;
    record_.tls_version = secured->version;
    record_.tls_cipher = secured->cipher;
    record_.tls_resumed = secured->resumed;
    record_.put(observe::text::server_name, secured->server_name);
}

void exchange::name_client() {
    const client_connection& from = client_.connection();
    record_.put(observe::text::listener, from.settings().name);
    if (asks_.address == from.client_address()) {
        record_.put(observe::text::client, from.client_text());
        record_.client_port = from.client_port();
        return;
    }
    std::array<char, io::ip_address::text_max> text;
    record_.put(observe::text::client, {text.data(), asks_.address.write(text.data())});
}

/// The host asks something else of its clients than the one that the handshake was with (E121).
bool exchange::is_misdirected(const http::request_head& head) const {
    const client_connection& from = client_.connection();
    const auto& terms = from.settings().tls;
    if (from.secured() == nullptr || terms == nullptr || !terms->has_several_terms()) return false;
    const std::string_view host = head.host.substr(0, head.host.rfind(':'));
    return terms->of(tls::lower_case(host)).digest != from.secured()->terms;
}

/// Listener, host, path, method, headers -> a route, hence a pool; or why there is none.
std::optional<http::refusal> exchange::find_route(const http::request_head& head) {
    // First of all: whoever is answered without a server may have sent a body (E17).
    client_.begin_body(head, UINT64_MAX);
    if (!may_come(client_.connection().settings().access.get(), asks_.address))
        return http::refusal{403, "client-denied"};
    if (head.method_kind == method_id::connect) return http::refusal{405, "connect"};
    if (head.method_kind == method_id::trace) return http::refusal{405, "trace"};
    if (head.method_kind == method_id::options && head.max_forwards == 0u)
        return http::refusal{200, "max-forwards"};

    if (comes_too_often(client_.connection().settings().rates.get(), head))
        return http::refusal{429, "rate-limit"};
    if (is_misdirected(head)) return http::refusal{421, "other-tls"};
    const auto found = edition_->what->routes->find(client_.connection().settings().name, head);
    if (!found) return http::refusal{400, "path"};
    way_ = *found;
    // A route that names the listener is meant for clients in clear.
    to_https_ = client_.connection().settings().to_https;
    if (to_https_ && (way_ == nullptr || way_->when.listener.empty())) way_ = to_https_.get();
    if (way_ == nullptr) return http::refusal{404, "no-route"};
    if (!may_come(way_->access.get(), asks_.address)) return http::refusal{403, "client-denied"};
    if (!way_->answer) {
        pool_ = edition_->pools[way_->pool].get();
        const bool is_secured = client_.connection().secured() != nullptr;
        affinity_ =
            is_secured ? pool_->tools->affinity_over_tls.get() : pool_->tools->affinity.get();
        pool_->tools->budget.count_request(station_.now().steady);
        record_.put(observe::text::pool, pool_->setup->servers->name());
    }

    if (head.body == http::framing::length && head.content_length > way_->body_max)
        return http::refusal{413, "body-limit"};
    client_.begin_body(head, way_->body_max);
    if (way_->answer) return std::nullopt;
    if (way_->new_path) {
        auto target = rewrite_target(head, scheme(), *way_->new_path);
        if (!target) return http::refusal{400, "path"};
        new_target_ = std::move(*target);
    }
    if (way_->compressed) wish_ = http::compression::wish_of(head, way_->compressed->names);
    asked_.wants_websocket = head.wants_websocket && way_->allows_websocket &&
                             pool_->setup->protocol == server_protocol::http1;
    if (asked_.wants_websocket)
        asked_.websocket_key = value_of(head, http::field_id::sec_websocket_key);
    return std::nullopt;
}

/// What may be asked of the process, and of the route, once it is known whose request this is.
std::optional<http::refusal> exchange::look_at_limits(const http::request_head& head) {
    if (pool_ != nullptr) find_session(head);
    if (found_.is_refused) {
        verdict_ = affinity::verdict::refused;
        cause_ = found_.why;
        return http::refusal{400, "no-session-key"};
    }
    if (found_.why == affinity::cause::unknown_key && guesses_too_often())
        return http::refusal{429, "guessed-sessions"};
    if (station_.admission.present() != pressure::none && is_newcomer())
        return http::refusal{503, overload_cause};
    if (comes_too_often(way_->rates.get(), head)) return http::refusal{429, "rate-limit"};
    return std::nullopt;
}

/// Nobody waits for this to go on: it is refused where there is no room for new work (E162). Where
/// there are no sessions, connections that were served go on in their place.
bool exchange::is_newcomer() const {
    if (pool_ == nullptr) return false;
    if (affinity_ == nullptr) return !client_.connection().has_served();
    return found_.why != affinity::cause::none;
}

/// It shows an id that only a server could have given it, that nobody knows, and one too many.
bool exchange::guesses_too_often() {
    guess_watch* const watch = pool_->setup->guesses.get();
    if (watch == nullptr || asks_.address.is_none() || !affinity_->is_of_a_server(found_))
        return false;
    const auto wait = watch->note(asks_.address, station_.now().steady);
    if (wait.count() == 0) return false;
    pool_->counters->guesses.add(watch->refuses() ? "refused" : "served");
    if (!watch->refuses()) return false;
    retry_after_ = unsigned(std::chrono::ceil<std::chrono::seconds>(wait).count());
    return true;
}

bool exchange::comes_too_often(const request_limits* rates, const http::request_head& head) {
    if (rates == nullptr) return false;
    const bool has_session = found_.why == affinity::cause::none && !found_.key.empty();
    const request_limit::asking who{
        .client = asks_.address, .head = head, .session = has_session ? &found_.key : nullptr};
    for (const auto& each : *rates) {
        const auto wait = each->take(who, station_.now().steady, station_.worker.index());
        if (wait.count() == 0) continue;
        retry_after_ = unsigned(std::chrono::ceil<std::chrono::seconds>(wait).count());
        return true;
    }
    return false;
}

/// Which session the request says it belongs to.
void exchange::find_session(const http::request_head& head) {
    const auto* wanted = pool_->tools->needs.hash;
    if (wanted != nullptr) hash_ = wanted->hash_of(head, asks_.address, pool_->setup->session_salt);
    if (affinity_ == nullptr) return;
    find_keys(head);
    if (is_logged_) mask_keys(head);
    // The same on all nodes that have the same keys, so they choose alike.
    const bool is_by_session =
        wanted != nullptr && wanted->of == balance::key_source::part::session;
    if (is_by_session && !found_.key.empty()) hash_ = found_.key.hash[0];
    if (found_.invalid != affinity::cause::none)
        pool_->counters->affinity_invalid.add(affinity::name_of(found_.invalid),
                                              found_.invalid_for);
    if (!found_.key.empty()) record_.session = found_.key.hash[0] ^ pool_->setup->session_salt;
}

void exchange::leave_session() {
    if (affinity_ == nullptr) return;
    station_.sessions.leave(session_.handle, station_.now().steady);
    session_.handle = {};
}

/// By what its server may see that the client is another one than the mark was given to.
std::string_view exchange::challenge() const {
    const bool is_told = found_.is_doubted() && found_.like->is_challenged;
    return is_told ? affinity::words_of(found_.like->doubted) : std::string_view();
}

void exchange::rewrite(const http::request_head& head) {
    const client_connection& from = client_.connection();
    const request_rewriting what{
        .head = head,
        .listener = from.settings(),
        .way = *way_,
        .pool = *pool_->setup,
        .client = from.client_text(),
        .is_trusted = asks_.is_told_by_proxy,
        .scheme = scheme(),
        .stripped_cookie = affinity_ != nullptr ? affinity_->hidden_cookie() : std::string_view(),
        .marked_cookie = affinity_ != nullptr ? affinity_->marked_cookie() : std::string_view(),
        .target = new_target_,
        .marks = marks_.get(),
        .secured = client_.connection().secured(),
        .challenge = challenge(),
    };
    sent_head_space_ = pooled_bytes(rewritten_size_max(what));
    sent_head_ = write_request_head(what, sent_head_space_.bytes());
    ensure(!sent_head_.empty(), "the room for a rewritten head is reckoned to suffice");
    host_is_theirs_ = has_own_host(what);
}

/// One more retry may be under way in its pool.
bool exchange::has_room_to_retry() {
    const auto& servers = *pool_->setup->servers;
    if (servers.settings().limits.retries == 0) return true;
    auto& all = servers.crowd().retries;
    auto& place = its_stake().of_retry;
    return place.is_of(all) || all.take(place);
}

/// A request that may have had an effect is never sent twice (E67, E68, E71, E72).
bool exchange::may_try_again(const error& why) {
    if (why.code == errc::cancelled || upload_refusal_ || passed_on_) return false;
    const bool is_unanswered =
        !why.safe_to_retry && !answer_begun_ &&
        (why.code == errc::reset || why.code == errc::truncated || why.code == errc::end_of_stream);
    const bool repeats = is_unanswered && asked_.is_repeatable;
    // Nothing may be wrong with the server but that it closed a connection it had kept. If it has
    // died, asking it anew is in vain, and another one is left to be asked.
    if (repeats && !is_fresh_) {
        needs_fresh_ = true;
        return true;
    }
    // By its own word the server has not looked at it (E181).
    const bool was_not_taken = why.code == errc::unavailable && why.safe_to_retry &&
                               (!body_begun_ || whole_body_.has_value());
    if ((repeats || was_not_taken) && std::exchange(has_repeated_, true)) return false;
    if (was_not_taken) {
        needs_fresh_ = true;
        return true;
    }
    if (target_ != nullptr) tried_.push_back(target_->server.get());
    again_ = repeats && !needs_fresh_ ? target_ : nullptr;
    // Who waits for its home tries it anew until then: that is no retry.
    if (why.safe_to_retry && !body_begun_ && target_ != nullptr && affinity_ != nullptr &&
        present_case().is_settled() && session_.home.home == target_->server->id() &&
        is_within_home_wait())
        return true;
    const bool is_harmless = why.safe_to_retry || repeats;
    const auto& settings = pool_->setup->servers->settings();
    if (!is_harmless || body_begun_ || retries_ >= settings.retries) return false;
    if (!has_room_to_retry()) {
        pool_->counters->retries_refused.add(name_of(shortage::circuit_breaker));
        return false;
    }
    retry_ = pool_->tools->budget.take(station_.now().steady, settings.retry_percent);
    if (!retry_) {
        pool_->counters->retries_refused.add("budget");
        return false;
    }
    ++retries_;
    pool_->counters->retries.add(name_of(why.code));
    return true;
}

/// The client hears of a failure only if it has not heard anything else yet; else it sees a cut.
task<> exchange::apologise(error why) {
    co_await drop_server();
    if (why.code == errc::cancelled && !upload_refusal_) {
        record_.status = 499;
        record_.ended = station_.is_draining() ? "stopped" : "client-left";
        co_return;
    }
    http::refusal told = upload_refusal_ ? *upload_refusal_ : refusal_of(why);
    const bool is_for_want = why.code == errc::no_server || crowded_ == shortage::home_down;
    if (is_for_want && crowded_ != shortage::none) {
        told = {503, name_of(crowded_)};
        retry_after_ = unsigned(pool_->setup->servers->settings().retry_after.count());
        if (waits_for_home_) verdict_ = affinity::verdict::refused;
    }
    if (answered_) co_return cut(told.cause);
    wanted_page_ = wanted_form(value_in(sent_head_, "accept:"));
    asks_by_grpc_ = grpc::is_grpc(value_in(sent_head_, "content-type:"));
    co_await refuse(told);
}

/// In which form the client wants to be told of an error.
void exchange::note_wishes(const http::request_head& head) {
    wanted_page_ = wanted_form(value_of(head, http::field_id::accept));
    asks_by_grpc_ = grpc::is_grpc(value_of(head, http::field_id::content_type));
}

/// Browsers heed it only over TLS, where nobody in between can have written it.
void exchange::add_hsts() {
    const client_connection& from = client_.connection();
    if (from.has_hsts()) station_.lines += from.settings().hsts;
}

/// An answer of our own instead of a server's.
task<> exchange::refuse(http::refusal why) {
    const bool closes = upload_refusal_ || why.status == 400 || why.status == 405 ||
                        why.status == 408 || why.status == 413 || why.cause == overload_cause;
    record_.ended = why.cause;
    // Over HTTP/1 it is no gRPC, whatever it says.
    if (asks_by_grpc_ && why.status >= 400 && client_.protocol() == "HTTP/2")
        co_return co_await refuse_by_grpc(why);
    http::h1::own_answer what{
        .status = why.status,
        .retry_after = why.status == 503 || why.status == 429 ? retry_after_ : 0,
        .allow = why.status == 405 || why.status == 200 ? methods_answered : std::string_view()};
    std::string space;
    if (why.status >= 400) {
        const auto shown = page_for(why.status, wanted_page_,
                                    {way_ != nullptr ? way_->pages.get() : nullptr,
                                     pool_ != nullptr ? pool_->setup->pages.get() : nullptr,
                                     client_.connection().settings().pages.get()},
                                    space);
        what.content_type = shown.content_type;
        what.body = shown.body;
    }
    station_.lines.clear();
    co_await answer_ourselves(what, closes);
}

/// A head alone with gRPC's own status (E184): to its clients an answer of HTTP means little.
task<> exchange::refuse_by_grpc(http::refusal why) {
    station_.lines.assign("grpc-status: ")
        .append(std::to_string(grpc::status_of(why)))
        .append("\r\ngrpc-message: ")
        .append(http::reason_of(why.status))
        .append("\r\n");
    co_await answer_ourselves({.status = 200, .content_type = "application/grpc", .body = ""},
                              false);
}

/// A redirect, or a body of the configuration.
task<> exchange::answer_by_route(const http::request_head& head) {
    const fixed_answer& fixed = *way_->answer;
    station_.lines.clear();
    if (fixed.location) {
        const auto location = location_for(head, scheme(), fixed);
        if (!location) {
            note_wishes(head);
            co_return co_await refuse({400, "path"});
        }
        station_.lines.append("Location: ").append(*location).append("\r\n");
    }
    way_->response.append_to(station_.lines);
    http::h1::own_answer what{.status = fixed.status, .body = fixed.body};
    if (fixed.body) what.content_type = fixed.content_type;
    co_await answer_ourselves(what, false);
}

/// `station_.lines` go with it. The connection lives on only if the request was read to its end.
task<> exchange::answer_ourselves(http::h1::own_answer what, bool closes) {
    closes = closes || !asked_.keeps_alive || !client_.has_whole_body();
    record_.status = std::uint16_t(what.status);
    if (marks_) station_.lines += marks_->client_lines();
    add_hsts();
    what.close = closes;
    what.without_body = asked_.is_head;
    what.extra_lines = station_.lines;
    what.date = station_.dates.text(station_.now().wall);
    const std::size_t size = http::h1::own_answer_max + station_.lines.size() +
                             what.body.value_or(std::string_view()).size();
    pooled_bytes larger;
    std::span<char> room = station_.out;
    if (size > room.size()) {
        larger = pooled_bytes(size);
        room = larger.bytes();
    }
    const auto answer = http::h1::write_answer(what, room);
    const std::size_t head_size = answer.find("\r\n\r\n") + 4;
    client_.hold();
    outcome_ = closes ? outcome::lingers : outcome::keeps_alive;
    const auto told = co_await client_.write(
        answer.substr(0, head_size), {.payload = answer.substr(head_size), .is_last = true});
    if (!told) outcome_ = outcome::closes;
}

task<> exchange::refuse_unread(http::refusal why) {
    asks_ = client_of(client_.connection());
    if (is_logged_) name_client();
    record_.bytes_in = client_.unread().size();
    co_await refuse(why);
    account();
}

/// One access-log record, counters, registry touch.
void exchange::account() {
    const instant now = station_.now();
    record_.total = std::chrono::duration_cast<std::chrono::microseconds>(now.steady - began_);
    record_.bytes_in += client_.body_received();
    record_.bytes_out += client_.bytes_sent();
    record_.verdict = affinity::name_of(verdict_);
    record_.cause = affinity::name_of(cause_);
    record_.generation = session_.home.instance;

    const std::size_t place = way_ != nullptr ? way_->pool : SIZE_MAX;
    const auto& rows = *client_.connection().listener().traffic;
    auto& traffic = rows.of(place, station_.worker.index());
    traffic.requests[observe::code_class(record_.status)].add();
    traffic.request_bytes.add(record_.bytes_in);
    traffic.response_bytes.add(record_.bytes_out);
    if (!record_.ended.empty()) traffic.ended.add(record_.ended);
    if (pool_ != nullptr) {
        if (answered_) client_.connection().note_served();
        pool_->counters->request_duration.add(record_.total);
        pool_->counters->verdicts.add(std::size_t(verdict_), std::size_t(cause_));
        if (record_at_) tell_worth();
        leave_session();
    }
    if (!is_logged_) return;
    station_.access.push(record_);
    if (const auto* watched = station_.watched()) tell_if_watched(*watched, record_, now.wall);
    if (told_) keep_explanation();
}

/// For whoever asks why (docs/admin.md).
void exchange::keep_explanation() {
    told_->when = record_.started;
    told_->request_id = record_.get(observe::text::request_id);
    told_->session = record_.session;
    told_->pool = record_.get(observe::text::pool);
    told_->status = record_.status;
    told_->ended = record_.ended;
    const auto& shelf = edition_->what->explained;
    if (shelf) shelf->put(std::move(told_));
}

}  // namespace hawser::proxy
