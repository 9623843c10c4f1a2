// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "http/h2/byte_queue.h"
#include "http/h2/error_code.h"
#include "http/h2/received_head.h"

namespace hawser::http::h2 {

/// Whoever deals with one stream; told that something has happened to it, never what.
class stream_listener {
  public:
    virtual void stirred() noexcept = 0;

  protected:
    ~stream_listener() = default;
};

/// One stream of a session: what has come and was not taken yet, and what waits to be sent.
///
/// Owned by its session until it is released; what is done with it is done through the session.
class stream {
  public:
    explicit stream(std::int32_t id) noexcept : id_(id) {}
    stream(const stream&) = delete;
    stream& operator=(const stream&) = delete;

    [[nodiscard]] std::int32_t id() const noexcept { return id_; }

    void listen(stream_listener* who) noexcept { listener_ = who; }
    [[nodiscard]] stream_listener* listener() const noexcept { return listener_; }

    // What came.
    [[nodiscard]] bool has_head() const noexcept { return !heads_.empty(); }
    [[nodiscard]] received_head take_head() {
        received_head first = std::move(heads_.front());
        heads_.pop_front();
        return first;
    }
    /// Bytes of the body that lie here; `session::consume` takes them off.
    [[nodiscard]] std::span<char> payload() const noexcept { return inbox_.bytes(); }
    /// All of the body has come, trailers included; what is left of it lies in `payload`.
    [[nodiscard]] bool has_ended() const noexcept { return ended_; }
    [[nodiscard]] std::string_view trailers() const noexcept { return trailers_; }
    /// The trailers were malformed: the message is not whole.
    [[nodiscard]] const std::optional<refusal>& fault() const noexcept { return fault_; }

    /// Nothing can be sent any more, and nothing will come: reset, or the connection has broken,
    /// or both sides have ended.
    [[nodiscard]] bool is_closed() const noexcept { return closed_; }
    /// How it was closed; `no_error` where both sides have ended.
    [[nodiscard]] error_code closed_with() const noexcept { return closed_with_; }
    /// Closed because both sides have said all: to the peer it exists no more (RFC 9113, 5.1.2).
    [[nodiscard]] bool is_complete() const noexcept { return complete_; }

    // What goes out.
    [[nodiscard]] std::size_t unsent() const noexcept { return outbox_.size(); }
    /// The end was said, and all before it.
    [[nodiscard]] bool is_sent() const noexcept { return sent_; }

  private:
    friend class session;
    friend struct receiving;
    friend struct sending;

    std::int32_t id_;
    stream_listener* listener_ = nullptr;
    std::size_t place_ = 0;  ///< in the session's list
    bool is_stirred_ = false;

    std::deque<received_head> heads_;
    bool has_final_head_ = false;  ///< what follows are trailers
    byte_queue inbox_;
    std::string trailers_;
    std::optional<refusal> fault_;
    bool ended_ = false;
    bool closed_ = false;
    bool complete_ = false;
    error_code closed_with_ = error_code::no_error;

    byte_queue outbox_;
    std::string trailers_out_;
    bool is_deferred_ = false;  ///< it had nothing when it was asked
    bool last_out_ = false;     ///< nothing is put into the outbox any more
    bool sent_ = false;
};

}  // namespace hawser::http::h2
