// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "async/context.h"
#include "async/task.h"
#include "base/clock.h"
#include "base/result.h"
#include "http/message.h"
#include "io/stream.h"
#include "proxy/body_part.h"
#include "upstream/connection.h"

namespace hawser::proxy {

/// A request's head as it goes to a server: text of ours, in HTTP/1.1's form whatever the server
/// speaks (see heads.h).
struct outgoing_head {
    std::string_view line = {};    ///< the request line, where `host` goes behind it; else empty
    std::string_view host = {};    ///< a Host line of the server's own name, or empty
    std::string_view fields = {};  ///< what follows, to the empty line

    // What its answer is read by.
    bool is_head = false;
    bool wants_websocket = false;
    bool is_chunked = false;  ///< its body's length is not told
};

/// One exchange with a server, in whatever protocol the server speaks. All that an exchange knows
/// of it; destroying it breaks off what is not over.
///
/// One coroutine sends, one reads.
class server_side {
  public:
    server_side() = default;
    server_side(const server_side&) = delete;
    server_side& operator=(const server_side&) = delete;
    virtual ~server_side() = default;

    /// Head and what has come of the body, together.
    [[nodiscard]] virtual task<result<>> send(outgoing_head head, body_part first) = 0;
    [[nodiscard]] virtual task<result<>> send(body_part piece) = 0;

    /// No read brings more than this: what the client has room for.
    void read_at_most(std::size_t bytes) noexcept { read_max_ = bytes; }

    /// Waits for the next head, interim or final, and reads it into `head`, whose views are valid
    /// until the next wait. After `timed_out` it may be called again; `malformed` is an answer
    /// that is none; other failures are the connection's.
    [[nodiscard]] virtual task<result<>> next_head(http::response_head& head) = 0;
    /// When the first byte of an answer came; `no_deadline` before.
    [[nodiscard]] steady_time answer_began() const noexcept { return answer_began_; }

    /// What has come of the answer's body already, without waiting.
    [[nodiscard]] virtual body_result take_body() = 0;
    /// Waits for more; 502 or 504 with the cause when it will not become whole.
    [[nodiscard]] virtual task<body_result> read_body() = 0;
    /// What has come and was not taken must outlast the next wait.
    virtual void hold() = 0;

    /// The connection, if it may carry another request and is free now: nothing is left over (E5,
    /// E70). Empty where it is shared anyway.
    [[nodiscard]] virtual upstream::connection give_back() = 0;

    // A tunnel, once the answer is a 101.

    [[nodiscard]] virtual io::stream& raw() noexcept = 0;
    /// Bytes that came behind the answer's head.
    [[nodiscard]] virtual std::string_view unread() const noexcept = 0;

  protected:
    [[nodiscard]] std::size_t read_max() const noexcept { return read_max_; }
    void note_answer(steady_time now) noexcept {
        if (answer_began_ == no_deadline) answer_began_ = now;
    }

  private:
    steady_time answer_began_ = no_deadline;
    std::size_t read_max_ = limits::hot_buffer;
};

}  // namespace hawser::proxy
