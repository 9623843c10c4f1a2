// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "async/stop.h"
#include "async/task.h"
#include "base/result.h"
#include "http/message.h"
#include "io/stream.h"
#include "proxy/body_part.h"
#include "proxy/client_connection.h"

namespace hawser::proxy {

/// How an answer must be written for a client.
struct answer_form {
    bool to_http_1_0 = false;
    bool rechunked = false;      ///< the body goes on in chunks of ours
    bool may_keep_alive = true;  ///< its end can be told without closing the connection
};

/// One request as its client's protocol brings it, and the way of its answer back: HTTP/1.1 on a
/// connection, or a stream of HTTP/2. All that an exchange knows of the client.
///
/// One coroutine reads the body, one writes the answer. Writes wait as long as the listener's
/// settings allow, and copy what they can't send at once.
class client_side {
  public:
    client_side(const client_side&) = delete;
    client_side& operator=(const client_side&) = delete;

    [[nodiscard]] client_connection& connection() const noexcept { return connection_; }
    /// As logs show it: static text.
    [[nodiscard]] virtual std::string_view protocol() const noexcept = 0;
    /// Stops when the client no longer wants its answer.
    [[nodiscard]] virtual stop_source& gone() noexcept = 0;

    /// The connection, if it is this request's alone; null: others share it.
    [[nodiscard]] virtual io::stream* own_stream() noexcept { return nullptr; }

    // The request's body.

    /// Before anything is taken of it; once more when its limit is known (E54).
    virtual void begin_body(const http::request_head& head, std::uint64_t body_max) = 0;
    [[nodiscard]] virtual bool has_whole_body() const noexcept = 0;
    [[nodiscard]] virtual std::uint64_t body_received() const noexcept = 0;
    /// What has come already, without waiting.
    [[nodiscard]] virtual body_result take_body() = 0;
    /// Waits for more.
    [[nodiscard]] virtual task<body_result> read_body() = 0;
    /// What has come and was not taken must outlast the next wait.
    virtual void hold() = 0;

    // The answer.

    /// How much of it may be read ahead now; never 0 after a write.
    [[nodiscard]] virtual std::size_t room() const noexcept { return limits::hot_buffer; }
    [[nodiscard]] virtual answer_form form_of(const http::response_head& head) = 0;
    [[nodiscard]] virtual task<result<>> write_interim(std::string_view head) = 0;
    /// A piece of the answer, the first one behind its head.
    [[nodiscard]] virtual task<result<>> write(std::string_view head, body_part piece) = 0;
    /// The client must see that the answer is not whole: never a clean end.
    virtual void cut() noexcept = 0;
    [[nodiscard]] std::uint64_t bytes_sent() const noexcept { return bytes_sent_; }

    // A tunnel, once the answer is a 101.

    [[nodiscard]] virtual io::stream& raw() noexcept = 0;
    /// Bytes that came behind the request.
    [[nodiscard]] virtual std::string_view unread() const noexcept = 0;
    /// They were sent on.
    virtual void drop_unread() = 0;

  protected:
    explicit client_side(client_connection& of) : connection_(of) {}
    ~client_side() = default;

    void count_sent(std::size_t bytes) noexcept { bytes_sent_ += bytes; }

  private:
    client_connection& connection_;
    std::uint64_t bytes_sent_ = 0;
};

}  // namespace hawser::proxy
