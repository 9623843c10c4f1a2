// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <utility>

#include "http/h1/body.h"
#include "proxy/input.h"
#include "proxy/server_side.h"

namespace hawser::proxy {

/// One exchange over an HTTP/1 connection to a server.
class h1_server final : public server_side {
  public:
    explicit h1_server(upstream::connection over) : over_(std::move(over)) {}

    [[nodiscard]] task<result<>> send(outgoing_head head, body_part first) override;
    [[nodiscard]] task<result<>> send(body_part piece) override;
    [[nodiscard]] task<result<>> next_head(http::response_head& head) override;
    [[nodiscard]] body_result take_body() override;
    [[nodiscard]] task<body_result> read_body() override;
    void hold() override;
    [[nodiscard]] upstream::connection give_back() override;
    [[nodiscard]] io::stream& raw() noexcept override { return *over_; }
    [[nodiscard]] std::string_view unread() const noexcept override;

  private:
    std::string_view trailers_of(const body_part& part) const noexcept;

    upstream::connection over_;
    input input_;
    std::size_t head_size_ = 0;  ///< of the head told last, which still begins the input
    http::h1::body_reader body_;
    bool is_head_ = false;
    bool wants_websocket_ = false;
    bool is_chunked_ = false;
    bool keeps_alive_ = false;
};

}  // namespace hawser::proxy
