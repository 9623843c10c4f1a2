// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "async/task.h"
#include "http/h1/body.h"
#include "http/h1/parser.h"
#include "io/stream.h"

namespace hawser::proxy {

/// Reads messages from a connection, for the scripted ends of tests: heads and whole bodies.
template <typename Head>
class message_reader {
  public:
    explicit message_reader(io::stream& from) : from_(from) {}

    /// The next head as text, or nothing when the connection ended before. `fields` is its parsed
    /// form until the next call.
    task<std::optional<std::string>> head() {
        for (;;) {
            text_ = input_;
            if (const auto size = parse()) {
                text_.resize(*size);
                input_.erase(0, *size);
                body_ = http::h1::body_reader(*fields);
                co_return text_;
            }
            if (!co_await more()) co_return std::nullopt;
        }
    }

    /// Appends to `body` what comes of it, to its end. False when it has not come whole.
    task<bool> read_body(std::string& body) {
        for (;;) {
            if (body_.is_done()) co_return true;
            auto bytes = std::exchange(input_, {});
            const auto step = body_.decode(std::span(bytes));
            if (step.why) co_return false;
            body.append(step.payload.data(), step.payload.size());
            input_ = bytes.substr(step.consumed);
            if (step.done) co_return true;
            if (!co_await more()) co_return !was_reset_ && body_.completes_at_end_of_stream();
        }
    }

    /// Takes what was read beyond the last message.
    [[nodiscard]] std::string take_rest() { return std::exchange(input_, {}); }
    [[nodiscard]] bool has_rest() const { return !input_.empty(); }
    [[nodiscard]] bool was_reset() const { return was_reset_; }

    std::unique_ptr<Head> fields = std::make_unique<Head>();

  private:
    std::optional<std::size_t> parse() {
        using http::h1::parse_state;
        http::h1::parse_result parsed;
        if constexpr (std::is_same_v<Head, http::request_head>)
            parsed = http::h1::parse_request_head(text_, *fields, {});
        else
            parsed = http::h1::parse_response_head(text_, {.websocket = true}, *fields, {});
        if (parsed.state == parse_state::complete) return parsed.consumed;
        return std::nullopt;
    }

    task<bool> more() {
        const auto lent = co_await from_.read();
        if (!lent) {
            was_reset_ = lent.error().code != errc::end_of_stream;
            co_return false;
        }
        input_.append(lent->data(), lent->size());
        co_return true;
    }

    io::stream& from_;
    std::string input_;
    std::string text_;  ///< what `fields` points into
    http::h1::body_reader body_;
    bool was_reset_ = false;
};

}  // namespace hawser::proxy
