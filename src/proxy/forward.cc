// SPDX-License-Identifier: Apache-2.0
// Step 6 of a request's way: to the server, until the head of its answer has come.

#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "async/with.h"
#include "observe/log.h"
#include "proxy/exchange.h"
#include "proxy/heads.h"
#include "tls/client_context.h"

namespace hawser::proxy {

using upstream::failure;

namespace {

/// Before this, a body's rate says nothing (E60).
constexpr auto rate_grace = std::chrono::seconds(10);

failure failure_of(const error& why) {
    if (why.safe_to_retry) return failure::connect;
    return why.code == errc::timed_out ? failure::timed_out : failure::no_answer;
}

}  // namespace

/// Sends the request to `to` and reads the head of its answer into the station's room.
task<result<>> exchange::forward(server_post& to) {
    ++record_.attempts;
    if (is_logged_) {
        record_.put(observe::text::server, to.server->name());
        record_.put(observe::text::server_address, to.address_text);
    }
    mark_.emplace(to.load);

    secured_by_ = to.secured;
    if (pool_->setup->protocol == server_protocol::http1) {
        upstream::connection over = take_idle(to);
        is_fresh_ = !over;
        if (is_fresh_) {
            client_.hold();
            auto opened = co_await open(to);
            if (!opened) co_return std::unexpected(cannot_reach(to, std::move(opened.error())));
            over = std::move(*opened);
        }
        server_opened_ = over.opened();
        if (tells_ends(to)) note_ends(over->local());
        server_ = &over_http1_.emplace(std::move(over));
    } else if (auto opened = co_await open_stream(to); !opened) {
        co_return std::unexpected(cannot_reach(to, std::move(opened.error())));
    }
    if (!is_fresh_) {
        to.counters.connections_reused.add();
        record_.connect = std::chrono::microseconds(0);
    }

    auto begun = co_await send_request();
    if (begun) begun = co_await read_answer_head();
    if (!begun && begun.error().code != errc::cancelled &&
        begun.error().code != errc::unavailable &&
        (is_fresh_ || answer_begun_ || begun.error().code == errc::timed_out))
        report(to, failure_of(begun.error()));
    if (!begun) co_await drop_server();
    co_return begun;
}

/// Our own want of descriptors or ports says nothing about the server.
error exchange::cannot_reach(server_post& to, error why) {
    if (why.code != errc::cancelled && why.code != errc::exhausted && why.code != errc::invalid)
        report(to, failure::connect);
    why.safe_to_retry = why.code != errc::cancelled;
    return why;
}

/// A stream of a connection that carries other exchanges too, or of a new one.
task<result<>> exchange::open_stream(server_post& to) {
    std::erase_if(to.shared, [](const auto& each) { return each->is_over(); });
    std::shared_ptr<h2_upstream> over;
    if (!needs_fresh_) over = to.find_shared();
    is_fresh_ = over == nullptr;
    if (is_fresh_) {
        client_.hold();
        auto opened = co_await open(to);
        if (!opened) co_return std::unexpected(std::move(opened.error()));
        // Several may have opened one at the same time: those after the first are not needed.
        if (!needs_fresh_) over = to.find_shared();
        if (!over) {
            over = std::make_shared<h2_upstream>(station_, std::move(*opened),
                                                 pool_->setup->idle_connection_time);
            to.shared.push_back(over);
            station_.run(h2_upstream::run(over));
        }
    }
    server_opened_ = over->opened();
    if (tells_ends(to)) note_ends(over->local());
    over_http2_ = std::make_unique<h2_server>(std::move(over), to.secured ? "https" : "http");
    server_ = over_http2_.get();
    co_return result<>();
}

task<result<upstream::connection>> exchange::open(server_post& to) {
    const steady_time began = station_.now().steady;
    const auto from = source_towards(to);
    if (!from) co_return std::unexpected(from.error());
    auto begun = station_.worker.io().connect(to.server->address(), *from);
    if (!begun) co_return std::unexpected(std::move(begun.error()));
    upstream::connection opened(std::move(*begun), to.load, to.counters.path);
    const steady_time end = began + pool_->setup->servers->settings().timeouts.connect;
    auto stands = co_await with_deadline_at(end, opened->connected());
    if (stands) opened.note_connected();
    if (to.server->approach().is_for_one_client()) is_pinned_ = true;
    if (stands && to.server->approach().announces) {
        // Before TLS, as whoever stands before a server reads it.
        const clients::proxy_header_text told(*to.server->approach().announces,
                                              announcement_to(to));
        stands = co_await with_deadline_at(end, opened->write(io::pieces(told.view())));
    }
    if (stands && to.secured) stands = co_await secure(to, opened, end);
    if (!stands) co_return std::unexpected(std::move(stands.error()));
    record_.connect =
        std::chrono::duration_cast<std::chrono::microseconds>(station_.now().steady - began);
    co_return opened;
}

/// Nothing is said in clear to a server that is meant to speak TLS, whatever it does (E128).
task<result<>> exchange::secure(server_post& to, upstream::connection& over, steady_time end) {
    const steady_time began = station_.now().steady;
    const auto by = secured_by_ = to.secured;
    tls::stream* made = nullptr;
    over.put_on([&](std::unique_ptr<io::stream> below) {
        auto on_it = by->by->connect(std::move(below), station_.tls_room, by->name, by->sessions);
        made = on_it.get();
        return on_it;
    });
    auto stands = co_await with_deadline_at(end, made->connected());
    std::string why;
    if (stands) {
        const auto settled = made->settled();
        record_.server_tls = settled.version;
        record_.server_tls_resumed = settled.resumed;
        record_.server_handshake =
            std::chrono::duration_cast<std::chrono::microseconds>(station_.now().steady - began);
        if (by->by->wants_http2() && settled.speaks != tls::protocol::http2)
            why = "it does not agree on HTTP/2";
    } else if (stands.error().code != errc::timed_out && stands.error().code != errc::cancelled) {
        why = made->failure();
    }
    if (why.empty()) co_return stands;
    const std::string name = pool_->setup->servers->name() + "/" + to.server->name();
    observe::log_sparsely(observe::level::warn, "server-tls " + name,
                          "server " + name + ": TLS as `" + by->name + "` failed: " + why);
    co_return fail(errc::untrusted, std::move(why), true);
}

/// Where a connection to the server begins.
result<io::source> exchange::source_towards(const server_post& to) const {
    io::source from = to.server->approach().from;
    if (!from.is_foreign) return from;
    const bool is_v4 = to.server->address().domain() == AF_INET;
    if (asks_.address.is_none() || asks_.address.is_v4() != is_v4)
        return fail(errc::invalid, "the client has no address that the server could answer", true);
    from.address = asks_.address;
    return from;
}

/// The log says who was who behind our address.
bool exchange::tells_ends(const server_post& to) const noexcept {
    return is_logged_ && (edition_->what->logs_ends || to.server->approach().from != io::source());
}

void exchange::note_ends(const io::endpoint& ours) {
    const io::stream& client = client_.connection().stream();
    record_.put(observe::text::peer, client.peer().text());
    record_.put(observe::text::local, client.local().text());
    record_.put(observe::text::source, ours.text());
}

/// Whom a server is told of; none where it is told of nobody. Of a client that a proxy in front has
/// named no port is known.
clients::address_and_port exchange::named_to(const server_post& to) const {
    if (!to.server->approach().is_for_one_client()) return {};
    const client_connection& from = client_.connection();
    const bool is_there = asks_.address == from.client_address();
    return {.ip = asks_.address, .port = is_there ? from.client_port() : std::uint16_t{0}};
}

clients::proxy_header exchange::announcement_to(const server_post& to) const {
    const auto client = named_to(to);
    return {.has_addresses = !client.ip.is_none(),
            .source = client,
            .destination = client_.connection().destination()};
}

/// A kept connection. One that the server has closed meanwhile costs nobody an error (E69): what
/// could not be sent again looks at it first, the rest relies on the loop's events.
upstream::connection exchange::take_idle(server_post& to) {
    if (needs_fresh_) return {};
    auto& kept_for_client = client_.connection().pinned;
    client_.connection().drop_retired();
    if (kept_for_client && kept_for_client->to.get() == &to) {
        const auto pinned = std::move(kept_for_client);
        is_pinned_ = true;
        auto kept = pinned->kept.take();
        if (kept && pinned->named == named_to(to) && kept->is_quiet()) return kept;
    }
    if (to.server->approach().is_for_one_client()) return {};
    for (;;) {
        auto kept = to.idle.take();
        if (!kept || asked_.is_repeatable || !kept->has_input()) return kept;
    }
}

/// Head and what has come of the body, in one send; the rest follows beside the answer.
task<result<>> exchange::send_request() {
    const auto come = take_first_part();
    if (!come) {
        upload_refusal_ = come.error();
        co_return fail(errc::cancelled);
    }
    outgoing_head head{.fields = sent_head_,
                       .is_head = asked_.is_head,
                       .wants_websocket = asked_.wants_websocket,
                       .is_chunked = asked_.is_chunked};
    // Host goes behind the request line, where it is not the client's own.
    std::string host;
    if (host_is_theirs_) {
        head.line = sent_head_.substr(0, sent_head_.find("\r\n") + 2);
        head.fields.remove_prefix(head.line.size());
        // A socket in the file system has an address, but its path is no host.
        const bool has_host = !target_->address_text.starts_with("unix:");
        host = "Host: " + (has_host ? target_->address_text : "localhost") + "\r\n";
        head.host = host;
    }
    client_.hold();
    body_begun_ = asked_.is_chunked || !come->payload.empty() || !come->is_last;
    auto sent = co_await with_idle_limit(pool_->setup->servers->settings().timeouts.idle,
                                         server_->send(head, *come));
    if (!sent) co_return sent;
    upload_ended_ = station_.now().steady;
    if (!client_.has_whole_body()) {
        abort_.emplace(client_.gone());
        upload_conditions_ = {.stop = &*abort_};
        uploads_.emplace(upload_conditions_);
        uploads_->spawn(upload());
    }
    co_return result<>();
}

/// What has come of the body. A small one that is whole is held for as long as a server of HTTP/2
/// may say that it has not taken it: then it goes once more (E181).
body_result exchange::take_first_part() {
    if (whole_body_) return body_part{.payload = *whole_body_, .is_last = true};
    auto come = client_.take_body();
    if (come) come->trailers = without_claims(come->trailers);
    const bool may_be_refused = pool_->setup->protocol != server_protocol::http1;
    if (may_be_refused && come && come->is_last && !come->payload.empty() &&
        come->payload.size() <= limits::held_body_max && come->trailers.empty())
        whole_body_.emplace(come->payload);
    return come;
}

/// A server may take what comes behind a body for a part of the head (E129).
std::string_view exchange::without_claims(std::string_view trailers) {
    const auto& ours = client_.connection().settings().certificate_fields;
    if (trailers.empty() || ours.empty()) return trailers;
    trailers_.clear();
    while (!trailers.empty()) {
        const auto line = trailers.substr(0, trailers.find("\r\n") + 2);
        trailers.remove_prefix(line.size());
        const auto name = line.substr(0, line.find(':'));
        const bool is_ours = std::ranges::any_of(
            ours, [&](const std::string& each) { return http::are_names_alike(each, name); });
        if (!is_ours) trailers_.append(line);
    }
    return trailers_;
}

/// The rest of the request's body. A faulty or ended one breaks the whole exchange off, so that
/// the server can never take the request for complete (E19).
task<> exchange::upload() {
    const auto server_patience = pool_->setup->servers->settings().timeouts.idle;
    while (!client_.has_whole_body()) {
        const steady_time waits = station_.now().steady;
        auto come = co_await client_.read_body();
        waited_for_body_ += station_.now().steady - waits;
        if (!come && come.error() == nobody_waits) co_return;
        if (!come) co_return abort_upload(come.error());
        come->trailers = without_claims(come->trailers);
        if (is_too_slow()) co_return abort_upload({408, "body-rate"});
        client_.hold();
        auto sent = co_await with_idle_limit(server_patience, server_->send(*come));
        // The server may have answered before it stopped reading: who waits for that will see.
        if (!sent) co_return;
    }
    upload_ended_ = station_.now().steady;
}

void exchange::abort_upload(http::refusal why) {
    upload_refusal_ = why;
    abort_->stop();
}

bool exchange::is_too_slow() const {
    if (waited_for_body_ < rate_grace) return false;
    const double seconds = std::chrono::duration<double>(waited_for_body_).count();
    const auto least = double(client_.connection().settings().body_rate_min);
    return double(client_.body_received()) < least * seconds;
}

/// The server's connection is closed; whoever still sends over it ends before.
task<> exchange::drop_server() {
    if (uploads_) co_await end_upload();
    let_go_of_server();
}

void exchange::let_go_of_server() noexcept {
    server_ = nullptr;
    over_http1_.reset();
    over_http2_.reset();
}

task<> exchange::end_upload() {
    abort_->stop();
    co_await uploads_->join();
    uploads_.reset();
}

/// The head of the server's answer. Its time begins when the request has been sent.
task<result<>> exchange::read_answer_head() {
    const auto patience = pool_->setup->servers->settings().timeouts.response;
    for (;;) {
        server_->read_at_most(client_.room());
        const bool uploading = uploads_ && uploads_->running() != 0;
        const steady_time due = (uploading ? station_.now().steady : upload_ended_) + patience;
        auto came = co_await with_stop(
            stop(), with_deadline_at(due, server_->next_head(station_.response)));
        note_first_byte();
        if (!came) {
            const errc why = came.error().code;
            const bool still_has_time =
                uploads_ &&
                (uploads_->running() != 0 || upload_ended_ + patience > station_.now().steady);
            if (why == errc::timed_out && still_has_time) continue;
            if (answer_begun_ && why != errc::timed_out && why != errc::cancelled &&
                why != errc::malformed)
                co_return fail(errc::malformed, "the answer ended within its head");
            co_return came;
        }
        if (!station_.response.is_interim()) co_return result<>();
        if (!co_await pass_interim()) co_return fail(errc::malformed, "too many interim answers");
    }
}

void exchange::note_first_byte() {
    const steady_time came = server_->answer_began();
    if (came == no_deadline || std::exchange(answer_begun_, true)) return;
    using std::chrono::microseconds;
    record_.first_byte = std::chrono::duration_cast<microseconds>(came - began_);
    if (pool_->tools->needs.response_times) target_->load.response.note(came - upload_ended_, came);
    const auto took = std::chrono::duration_cast<microseconds>(came - upload_ended_);
    pool_->counters->upstream_duration.add(took);
    target_->load.outcomes.answered.add();
    target_->load.outcomes.answer_time.add(std::uint64_t(std::max<std::int64_t>(took.count(), 0)));
}

/// 100, 103 and unknown ones go on in order (E75).
task<bool> exchange::pass_interim() {
    if (++interims_ > limits::interim_answers_max) co_return false;
    const std::string_view told = write_interim_head(station_.response, station_.out);
    server_->hold();
    const std::uint64_t sent = client_.bytes_sent();
    (void)co_await client_.write_interim(told);
    passed_on_ |= client_.bytes_sent() != sent;
    co_return true;
}

}  // namespace hawser::proxy
