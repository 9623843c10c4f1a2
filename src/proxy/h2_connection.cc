// SPDX-License-Identifier: Apache-2.0
#include "proxy/h2_connection.h"

#include <utility>

#include "async/sleep.h"
#include "async/with.h"
#include "proxy/exchange.h"
#include "proxy/h2_client.h"

namespace hawser::proxy {

using http::h2::error_code;

task<> h2_connection::serve(station& at, std::shared_ptr<listener_post> through, arrival who,
                            std::string first_words) {
    h2_connection served(at, std::move(through), std::move(who));
    co_await served.run(std::move(first_words));
}

h2_connection::h2_connection(station& at, std::shared_ptr<listener_post> through, arrival who)
    : client_connection(at, std::move(through), std::move(who)),
      heads_{.bytes = settings().limits.head, .fields = settings().limits.fields},
      session_(http::h2::session::role::server, heads_),
      pump_(session_, stream(), at.out, *this),
      reading_(gone()),
      began_(at.now().steady),
      last_used_(began_) {}

task<> h2_connection::run(std::string first_words) {
    writer_.spawn(write_frames());
    if (at().is_retired())
        retire();
    else if (at().is_draining())
        close_if_idle();
    pump_.take(first_words);
    // Who has ended its side of the connection opens no window any more.
    if (!co_await pump_.read_frames(reading_)) gone().stop();

    // Exchanges end with their streams: closed by a fault or by whoever has left, or served.
    if (session_.fault()) note_fault();
    reading_.stop();
    co_await work_.join();  // who has a last word (E149) writes it before that
    if (gone().is_stopped()) writing_.stop();
    pump_.finish();
    co_await writer_.join();
    if (!gone().is_stopped()) co_await linger();
}

task<> h2_connection::write_frames() {
    if (!co_await pump_.write_frames()) gone().stop();
}

void h2_connection::took_frames() {
    last_used_ = at().now().steady;
    end_when_over();
}

void h2_connection::look_at_streams() {
    while (http::h2::stream* const one = session_.next_stirred()) {
        if (one->listener() != nullptr)
            one->listener()->stirred();
        else
            work_.spawn(serve_stream(std::make_unique<h2_client>(*this, *one)));
    }
    // The library tells of a faulty frame only as it writes its last word on it.
    if (session_.fault()) reading_.stop();
}

/// One request, on the same way as any other.
task<> h2_connection::serve_stream(std::unique_ptr<h2_client> asking) {
    if (asking->is_wanted()) {
        std::optional<http::refusal> malformed;
        if (asking->head().must_end_empty)
            malformed = co_await with_stop(asking->gone(), asking->see_empty_body());
        exchange served(*asking, at());
        if (!malformed)
            malformed =
                http::h2::read_request_head(asking->head(), at().request, settings().limits);
        if (!malformed)
            (void)co_await with_stop(asking->gone(), served.run(at().request));
        else if (*malformed != nobody_waits)
            co_await with_stop(asking->gone(), served.refuse_unread(*malformed));
        if (malformed) asking->blame();
    }
    asking.reset();
    last_used_ = at().now().steady;
    has_to_send();
    end_when_over();
}

// ---- the end --------------------------------------------------------------------------------

/// Until when the next bytes must have come; where nothing presses, when to look again.
steady_time h2_connection::due() const {
    if (!session_.has_settings()) return began_ + settings().head_timeout;  // E65
    if (session_.is_within_head()) return pump_.head_began() + settings().head_timeout;
    if (session_.open_streams() != 0) return loop::current().now().steady + settings().idle_timeout;
    return last_used_ + settings().idle_timeout;
}

void h2_connection::run_out_of_time() {
    // What was due when the wait began may have come in another way, or lasts.
    if (at().now().steady < due()) return;
    if (!session_.has_settings())
        session_.end(error_code::settings_timeout, "h2-handshake-timeout");
    else if (session_.is_within_head())
        session_.end(error_code::enhance_your_calm, "h2-head-timeout");
    else
        session_.refuse_new_streams();
    look_at_streams();
    end_when_over();
}

void h2_connection::close_if_idle() noexcept {
    if (session_.open_streams() != 0) return retire();
    session_.refuse_new_streams();
    has_to_send();
    end_when_over();
}

void h2_connection::retire() noexcept {
    session_.announce_end();
    work_.spawn(insist_on_the_end());
    has_to_send();
    end_when_over();
}

bool h2_connection::may_stay() const noexcept {
    const auto& now = settings();
    return client_connection::may_stay() && now.http2 && now.limits.head == heads_.bytes &&
           now.limits.fields == heads_.fields;
}

task<> h2_connection::insist_on_the_end() {
    (void)co_await sleep_for(limits::h2_end_time);
    session_.refuse_new_streams();
    has_to_send();
    end_when_over();
}

void h2_connection::end_when_over() noexcept {
    const bool takes_no_more = session_.refuses_new_streams() || session_.peer_is_leaving();
    if (takes_no_more && session_.open_streams() == 0) reading_.stop();
}

void h2_connection::note_fault() {
    listener().counters->connections_broken.add(session_.fault()->cause);
    look_at_streams();
    has_to_send();
}

}  // namespace hawser::proxy
