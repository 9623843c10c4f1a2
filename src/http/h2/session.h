// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/limits.h"
#include "http/h2/flood_guard.h"
#include "http/h2/head_builder.h"
#include "http/h2/stream.h"

struct nghttp2_session;

namespace hawser::http::h2 {

/// Why a connection as a whole has ended. `cause` is static text for the log and the counter.
struct connection_fault {
    error_code code = error_code::no_error;
    std::string_view cause;
};

/// One side of an HTTP/2 connection, without its socket: bytes in, bytes out.
///
/// `feed` takes what the peer sent and only records; afterwards `next_stirred` names, one by one,
/// the streams to look at. `produce` gives what is to be sent. Everything that waits is bounded:
/// by windows towards us, by `room` away from us. nghttp2 frames, compresses and keeps the states
/// of streams; what a head means, what is a flood and when a window opens is decided here.
class session {
  public:
    enum class role : std::uint8_t { server, client };

    explicit session(role as, const block_limits& heads);
    ~session();
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    /// Takes what the peer has sent; once `fault` says something, nothing more.
    void feed(std::span<const char> bytes, steady_time now);
    /// Writes what is to be sent into `out`; less than its size only when there is no more.
    [[nodiscard]] std::size_t produce(std::span<char> out);
    [[nodiscard]] bool wants_to_send() const;

    /// The next stream that something has happened to, or null. One without a listener is a
    /// request that has just arrived. May be asked again after anything that was done meanwhile.
    [[nodiscard]] stream* next_stirred();

    /// The connection has broken: send what `produce` still gives, then close it.
    [[nodiscard]] const std::optional<connection_fault>& fault() const noexcept { return fault_; }
    /// Ends the connection at once, whatever is under way.
    void end(error_code why, std::string_view cause);

    // Of one stream. Nothing happens to one that is closed.

    /// A request to a server: its head is HTTP/1.1 text, as `proxy` writes it. Only if `can_open`.
    [[nodiscard]] stream& open(std::string_view head, std::string_view scheme, bool is_last);
    /// An answer's head, HTTP/1.1 text; interim ones as well. `is_last`: without a body.
    void send_head(stream& to, std::string_view head, bool is_last);
    /// How many bytes `send` would take now: what is left of the bounds, shared out evenly.
    [[nodiscard]] std::size_t room(const stream& to) const noexcept;
    /// Takes as much of `payload` as there is room for, and says how much. Room that appears
    /// later stirs the stream.
    std::size_t send(stream& to, std::string_view payload);
    /// Nothing follows but these trailers, lines of HTTP/1.1 text, if there are any.
    void finish(stream& to, std::string_view trailers);
    /// `provoked`: it is the peer's fault, and counts against it (E110).
    void reset(stream& one, error_code why, bool provoked = false);
    /// Takes `count` bytes off the payload and opens the windows for as many.
    void consume(stream& from, std::size_t count);
    /// Nobody looks at this stream any more. If it is not closed it is reset.
    void release(stream& one, error_code unless_closed = error_code::cancel);

    /// Streams that are not released yet.
    [[nodiscard]] std::size_t open_streams() const noexcept { return streams_.size(); }
    /// Those that count against the limit (E107). A peer may open the next stream as soon as it has
    /// seen the end of one, before whoever serves that one has released it. One that it has reset
    /// counts until then, as work goes on for it (E109).
    [[nodiscard]] std::size_t counted_streams() const noexcept {
        return streams_.size() - complete_;
    }
    /// A client may open another stream: neither side's limit is reached, no end announced.
    [[nodiscard]] bool can_open() const;
    [[nodiscard]] bool peer_takes_websockets() const;

    // Of the connection.

    /// Tells the peer that no more streams will be taken, in two steps (E118): those that were on
    /// their way are served. The second step comes with the answer to a PING.
    void announce_end();
    /// The second step, for a peer that does not answer.
    void refuse_new_streams();
    [[nodiscard]] bool refuses_new_streams() const noexcept { return end_ == ending::refusing; }
    /// The peer has said that it takes or opens no more streams.
    [[nodiscard]] bool peer_is_leaving() const noexcept { return peer_is_leaving_; }
    /// The peer's first SETTINGS have come (E65).
    [[nodiscard]] bool has_settings() const noexcept { return has_settings_; }
    /// A head has begun and its end has not come (E111).
    [[nodiscard]] bool is_within_head() const noexcept { return guard_.is_within_head(); }

  private:
    friend struct receiving;
    friend struct sending;
    enum class ending : std::uint8_t { none, announced, refusing };

    [[nodiscard]] stream* find(std::int32_t id) const;
    stream& keep(std::int32_t id);
    stream& adopt(std::int32_t id);
    void stir(stream& one);
    void announce_settings();
    void take_block(stream& into, bool ends_stream);
    void close(stream& one, error_code with);
    void forget(stream& one);
    void resume(stream& one);
    void break_off(error_code code, std::string_view cause);
    void note_fault(error_code code);
    void lose(error_code code, std::string_view cause);
    void take_frame(std::string_view frame);
    [[nodiscard]] std::size_t take_pending(std::span<char> out);

    struct deleter {
        void operator()(nghttp2_session* dead) const noexcept;
    };

    role role_;
    block_limits heads_;
    std::unique_ptr<nghttp2_session, deleter> nghttp2_;
    flood_guard guard_;
    head_builder builder_;
    stream* building_ = nullptr;  ///< whose header block arrives; null: it is not looked at

    std::vector<std::unique_ptr<stream>> streams_;
    std::size_t complete_ = 0;  ///< of them
    std::vector<stream*> stirred_;
    std::size_t unsent_ = 0;  ///< in the outboxes of all streams

    std::string ours_;          ///< frames that we write ourselves; they go first
    std::string_view pending_;  ///< of the library's frame that did not fit
    std::span<char> out_;       ///< where `produce` writes
    std::size_t written_ = 0;   ///< of `out_`
    bool settings_are_out_ = false;
    bool is_broken_off_ = false;  ///< the library is not asked any more
    bool has_settings_ = false;
    bool peer_is_leaving_ = false;
    ending end_ = ending::none;
    std::optional<connection_fault> fault_;
};

}  // namespace hawser::http::h2
