// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "async/task.h"
#include "async/with.h"
#include "http/h1/parser.h"
#include "io/engine.h"
#include "io/stream.h"

namespace hawser::proxy {

using answers = std::vector<std::string>;

/// A client with one connection, which sends its requests one after the other.
class visitor {
  public:
    /// GETs of these targets.
    template <typename... Target>
    void sends(const Target&... target) {
        (sends_raw("GET " + std::string(target) + " HTTP/1.1\r\nHost: shop.example\r\n\r\n"), ...);
    }
    void sends_raw(std::string request) { requests_.push_back(std::move(request)); }

    /// What came: the body of a 200, of others the code, `cut` for an answer without its end.
    [[nodiscard]] const answers& received() const { return received_; }
    /// The heads of the answers.
    [[nodiscard]] const std::vector<std::string>& heads() const { return heads_; }
    /// The proxy has ended the connection, in order.
    [[nodiscard]] bool closed() const { return closed_; }

    task<> talk(io::engine& through, io::endpoint to) {
        const auto with = through.connect(to).value();
        EXPECT_TRUE((co_await with->connected()).has_value());
        for (const auto& request : requests_) {
            if (!co_await with->write(io::pieces(request))) break;
            if (!co_await receive(*with)) break;
        }
        with->shut_down_writing();
        const auto rest = co_await with_deadline(std::chrono::seconds(5), with->read());
        closed_ = !rest && rest.error().code == errc::end_of_stream;
    }

  private:
    /// False when the connection ended before the answer did.
    task<bool> receive(io::stream& from) {
        const auto head = std::make_unique<http::response_head>();
        for (;;) {
            std::string bytes = input_;
            const auto parsed = http::h1::parse_response_head(bytes, {}, *head, {});
            if (parsed.state == http::h1::parse_state::complete) {
                const std::size_t size = parsed.consumed + head->content_length;
                if (input_.size() >= size) {
                    heads_.push_back(input_.substr(0, parsed.consumed));
                    received_.push_back(head->status == 200
                                            ? input_.substr(parsed.consumed, head->content_length)
                                            : std::to_string(head->status));
                    input_.erase(0, size);
                    co_return true;
                }
            }
            const auto more = co_await from.read();
            if (!more) {
                if (!input_.empty()) received_.emplace_back("cut");
                closed_ = more.error().code == errc::end_of_stream;
                co_return false;
            }
            input_.append(more->data(), more->size());
        }
    }

    std::vector<std::string> requests_;
    answers received_;
    std::vector<std::string> heads_;
    std::string input_;
    bool closed_ = false;
};

}  // namespace hawser::proxy
