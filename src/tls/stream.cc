// SPDX-License-Identifier: Apache-2.0
#include "tls/stream.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/ensure.h"
#include "tls/certificates.h"
#include "tls/errors.h"
#include "tls/server_callbacks.h"

namespace hawser::tls {

namespace {

// ---- the BIO: OpenSSL's bytes, to and from the stream below -----------------------------------

stream& stream_of(BIO* bio) { return *static_cast<stream*>(BIO_get_data(bio)); }

int read_below(BIO* bio, char* into, int size) {
    BIO_clear_retry_flags(bio);
    const ssize_t got = stream_of(bio).take_sealed({into, std::size_t(size)});
    if (got == -EAGAIN) BIO_set_retry_read(bio);
    return got >= 0 ? int(got) : -1;
}

/// Never waits: what the peer does not take now is kept.
int write_below(BIO* bio, const char* bytes, int size) {
    stream_of(bio).keep_sealed({bytes, std::size_t(size)});
    return size;
}

long control(BIO*, int what, long, void*) { return what == BIO_CTRL_FLUSH ? 1 : 0; }

int begin(BIO* bio) {
    BIO_set_init(bio, 1);
    return 1;
}

BIO_METHOD* method() {
    static BIO_METHOD* const made = [] {
        BIO_METHOD* of = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stream");
        ensure(of != nullptr && BIO_meth_set_read(of, read_below) == 1 &&
                   BIO_meth_set_write(of, write_below) == 1 &&
                   BIO_meth_set_ctrl(of, control) == 1 && BIO_meth_set_create(of, begin) == 1,
               "OpenSSL takes a BIO of ours");
        return of;
    }();
    return made;
}

}  // namespace

stream::stream(std::unique_ptr<io::stream> below, session_handle session,
               std::shared_ptr<const void> terms, work_room& room)
    : stream(std::move(below), nullptr, std::move(terms), room, io::ip_address()) {
    begin(std::move(session));
}

stream::stream(std::unique_ptr<io::stream> below, ssl_ctx_st* context,
               std::shared_ptr<const void> terms, work_room& room, const io::ip_address& source)
    : layer(std::move(below)),
      turn_taker(source),
      context_(context),
      terms_(std::move(terms)),
      room_(room) {
    const readiness before = told_below();
    drained_ = !before.readable;
    end_is_near_ = before.peer_ended;
    is_reset_ = before.reset;
}

void stream::begin(session_handle session) noexcept {
    ensure(session != nullptr, "memory for a session");
    BIO* const bio = BIO_new(method());
    ensure(bio != nullptr, "memory for a BIO");
    BIO_set_data(bio, this);
    SSL_set_bio(session.get(), bio, bio);
    SSL_set_app_data(session.get(), this);
    session_ = std::move(session);
}

stream::~stream() {
    room_.forget(*this);
    if (!stands_ || broken_by_ != 0 || resets_) return;
    // As a kernel does with a socket: whoever closes over unread bytes has not heard them (E3).
    if (probe() > 0)
        below().reset_on_close();
    else if ((SSL_get_shutdown(session_.get()) & SSL_SENT_SHUTDOWN) == 0)
        shut_down_writing();
}

// ---- below ----------------------------------------------------------------------------------

ssize_t stream::take_sealed(std::span<char> into) noexcept {
    if (broken_by_ != 0) return -broken_by_;
    if (drained_) return -EAGAIN;
    const ssize_t got = receive_below(into);
    if (got == -EAGAIN) {
        drained_ = true;
    } else if (got < 0) {
        broken_by_ = int(-got);
    } else if (got == 0) {
        has_ended_ = true;
    } else {
        // A short read has drained the socket: the next bytes announce themselves.
        drained_ = std::size_t(got) < into.size() && !end_is_near_;
        has_taken_ = true;
        const bool is_first = !std::exchange(has_begun_, true);
        if (is_first && into[0] >= 'A' && into[0] <= 'Z') {
            heard_clear_text_ = true;
            broken_by_ = EPROTO;
            return -EPROTO;
        }
    }
    return got;
}

void stream::keep_sealed(std::string_view bytes) {
    room_.sealed.insert(room_.sealed.end(), bytes.begin(), bytes.end());
}

/// Sends what was sealed; what the peer does not take is kept, in its order.
void stream::flush() noexcept {
    auto& sealed = room_.sealed;
    if (sealed.empty()) return;
    std::string_view left(sealed.data(), sealed.size());
    if (kept_.empty() && broken_by_ == 0) {
        const ssize_t sent = send_below(io::pieces(left));
        if (sent > 0) left.remove_prefix(std::size_t(sent));
        if (sent < 0 && sent != -EAGAIN) break_off(int(-sent));
    }
    if (broken_by_ == 0) kept_.append(left);
    sealed.clear();
    // Whoever asks for answers and does not read them gets no more of our memory.
    if (kept_.size() - kept_begin_ > limits::tls_owed_max) break_off(EPROTO);
}

std::size_t stream::flush_kept() noexcept {
    const ssize_t sent = send_below(io::pieces(std::string_view(kept_).substr(kept_begin_)));
    if (sent < 0) {
        if (sent != -EAGAIN) break_off(int(-sent));
        return 0;
    }
    kept_begin_ += std::size_t(sent);
    if (kept_begin_ == kept_.size()) {
        kept_ = {};
        kept_begin_ = 0;
        end_below_when_sent();
    }
    return std::size_t(sent);
}

void stream::end_below_when_sent() noexcept {
    if (kept_.empty() && ends_when_sent_) below().shut_down_writing();
}

void stream::break_off(int number) noexcept {
    broken_by_ = number;
    kept_ = {};
    kept_begin_ = owed_ = 0;
}

void stream::take_turn() noexcept { notice({.writable = true}); }

void stream::stirred_below(readiness now) noexcept {
    if (now.readable || now.peer_ended || now.reset) drained_ = false;
    end_is_near_ |= now.peer_ended || now.reset;
    is_reset_ |= now.reset;
    if (now.writable && !kept_.empty() && (!stands_ || !has_writer())) flush_kept();
    if (!stands_) {
        // Whoever waits for the handshake waits for either.
        now.writable |= now.readable || now.peer_ended || now.reset;
        return notice(now);
    }
    // Not every record holds bytes for us: tickets come whenever the peer likes.
    if (is_watched() && now.readable && !now.peer_ended && !now.reset)
        now.readable = probe() != -EAGAIN;
    notice(now);
}

// ---- the handshake --------------------------------------------------------------------------

int stream::connect_outcome() noexcept {
    if (stands_) return 0;
    if (broken_by_ != 0) return broken_by_;
    if (const int outcome = connect_outcome_below(); outcome != 0) return outcome;
    if (is_asked_of_us() && !may_go_on()) return broken_by_ != 0 ? broken_by_ : EINPROGRESS;
    has_taken_ = false;
    forget_errors();
    const int done = SSL_do_handshake(session_.get());
    if (is_asked_of_us() && has_taken_) room_.has_shaken_hands();
    if (done == 1) {
        stands_ = true;
        flush();
        return 0;
    }
    const ssize_t outcome = judge(done);
    if (outcome == -EAGAIN) return EINPROGRESS;
    return outcome < 0 ? int(-outcome) : ENODATA;
}

/// Nothing is computed, and nothing kept, for a client that is gone or has said nothing: others
/// would wait behind it. One that has ended its side can no more answer our first flight.
bool stream::may_go_on() noexcept {
    if (is_reset_ || (end_is_near_ && session_ == nullptr)) {
        room_.forget(*this);
        take_leave_of_who_left();
        return false;
    }
    if (drained_ || !room_.may_shake_hands(*this)) return false;
    if (session_ == nullptr) {
        begin(session_handle(SSL_new(context_)));
        SSL_set_accept_state(session_.get());
    }
    return true;
}

/// A word in clear may be all that it wanted to say, and has an answer (E130).
void stream::take_leave_of_who_left() noexcept {
    if (!is_reset_) (void)take_sealed(room_.gathered);
    if (broken_by_ == 0) break_off(ECONNRESET);
}

/// What it means that OpenSSL did not do what it was asked: 0 at the peer's end, or -errno.
ssize_t stream::judge(int returned) noexcept {
    const int why = SSL_get_error(session_.get(), returned);
    flush();  // an alert, or an answer of the protocol's own
    if (broken_by_ == 0) {
        if (why == SSL_ERROR_WANT_READ) return -EAGAIN;
        if (why == SSL_ERROR_ZERO_RETURN) {
            note_end();
            return 0;
        }
        break_off(has_ended_ ? ENODATA : EPROTO);
    }
    if (!stands_ && failure_text_.empty()) note_failure(why == SSL_ERROR_SSL && !has_ended_);
    note_end();
    forget_errors();
    return -broken_by_;
}

void stream::note_failure(bool has_reason) {
    const long verified = SSL_get_verify_result(session_.get());
    if (verified != X509_V_OK)
        failure_text_ = X509_verify_cert_error_string(verified);
    else
        failure_text_ = has_reason ? take_error() : "the peer has left";
}

facts stream::settled() const {
    SSL* const session = session_.get();
    facts made;
    made.version = SSL_get_version(session);
    made.cipher = SSL_get_cipher_name(session);
    const unsigned char* agreed = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(session, &agreed, &size);
    made.has_agreed = size != 0;
    if (size == 2) made.speaks = protocol::http2;
    made.resumed = SSL_session_reused(session) == 1;
    if (const char* const named = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name))
        made.server_name = lower_case(named);
    if (const host_terms* const by = terms_of(session)) made.terms = by->digest;
    if (X509* const client = SSL_get0_peer_certificate(session)) {
        made.client_subject = subject_of(client);
        made.client_fingerprint = fingerprint_of(client);
    }
    return made;
}

/// OpenSSL has answered `no_renegotiation`; whoever insists is let go (E119).
void stream::refused_renegotiation() noexcept {
    if (++renegotiations_ > 1) broken_by_ = EPROTO;
}

// ---- reading --------------------------------------------------------------------------------

/// Until `into` is full or nothing more is there, so that a short read means what it does below.
ssize_t stream::receive(std::span<char> into) noexcept {
    if (broken_by_ != 0) return -broken_by_;
    std::size_t total = 0;
    while (total < into.size()) {
        std::size_t got = 0;
        forget_errors();
        const int done =
            SSL_read_ex(session_.get(), into.data() + total, into.size() - total, &got);
        if (done != 1) {
            const ssize_t outcome = judge(done);
            return total != 0 ? ssize_t(total) : outcome;
        }
        total += got;
    }
    flush();
    return broken_by_ != 0 ? -broken_by_ : ssize_t(total);
}

/// 1: there are bytes; 0 at the peer's end; -EAGAIN: nothing; another -errno.
ssize_t stream::probe() noexcept {
    if (broken_by_ != 0) return -broken_by_;
    char byte = 0;
    std::size_t seen = 0;
    forget_errors();
    const int done = SSL_peek_ex(session_.get(), &byte, 1, &seen);
    return done == 1 ? 1 : judge(done);
}

bool stream::has_input() noexcept {
    if (broken_by_ != 0) return true;
    if (!stands_) return false;
    drained_ = false;  // what has not been announced yet counts too (E69)
    return probe() != -EAGAIN;
}

// ---- writing --------------------------------------------------------------------------------

/// A record that was sealed can't be taken back. Where the peer takes only a part of what was, the
/// writer is told of less, and what it then sends again is known to be sealed already: `owed_`.
ssize_t stream::send(const io::pieces& what) noexcept {
    if (broken_by_ != 0) return -broken_by_;
    if (unsent() == 0) owed_ = 0;  // a new write: nobody asks any more for what is owed to another
    if (!kept_.empty()) {
        const std::size_t moved = flush_kept();
        if (broken_by_ != 0) return -broken_by_;
        if (!kept_.empty()) {
            const std::size_t told = owed_ == 0 ? 0 : std::min(moved, owed_ - 1);
            owed_ -= told;
            return told != 0 ? ssize_t(told) : -EAGAIN;
        }
    }
    io::pieces left = what;
    std::size_t told = std::exchange(owed_, 0);
    left.advance(told);
    while (left.size() != 0) {
        const std::size_t sealed = seal(left);
        flush();
        if (broken_by_ != 0) return -broken_by_;
        if (!kept_.empty()) {
            owed_ = std::clamp<std::size_t>(kept_.size() - kept_begin_, 1, sealed);
            told += sealed - owed_;
            return told != 0 ? ssize_t(told) : -EAGAIN;
        }
        told += sealed;
    }
    return ssize_t(told);
}

/// As much as is sent at once; takes it off `what` and says how much it was.
std::size_t stream::seal(io::pieces& what) noexcept {
    std::size_t total = 0;
    while (what.size() != 0 && room_.sealed.size() < limits::tls_sealed_max && broken_by_ == 0) {
        const std::size_t done = seal_next(what);
        what.advance(done);
        total += done;
    }
    return total;
}

/// One record: of the next piece if that fills it, else of as many as do.
std::size_t stream::seal_next(io::pieces& what) noexcept {
    std::string_view run;
    std::size_t size = 0;
    for (const auto view : what.views()) {
        if (view.empty()) continue;
        if (run.empty() && (view.size() >= limits::tls_record_max || view.size() == what.size())) {
            run = view.substr(0, limits::tls_record_max);
            break;
        }
        const auto taken = view.substr(0, limits::tls_record_max - size);
        std::ranges::copy(taken, room_.gathered.data() + size);
        size += taken.size();
        run = {room_.gathered.data(), size};
        if (size == limits::tls_record_max) break;
    }
    std::size_t written = 0;
    forget_errors();
    if (SSL_write_ex(session_.get(), run.data(), run.size(), &written) == 1) return written;
    break_off(EPROTO);
    forget_errors();
    return 0;
}

// ---- the end --------------------------------------------------------------------------------

void stream::shut_down_writing() noexcept {
    if (stands_ && broken_by_ == 0) {
        forget_errors();
        (void)SSL_shutdown(session_.get());
        flush();
        forget_errors();
    }
    ends_when_sent_ = true;
    end_below_when_sent();
}

std::unique_ptr<io::stream> stream::give_back() noexcept {
    broken_by_ = ECANCELED;
    return release_below();
}

void stream::reset_on_close() noexcept {
    resets_ = true;
    below().reset_on_close();
}

}  // namespace hawser::tls
