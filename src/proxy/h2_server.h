// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "async/event.h"
#include "proxy/h2_inbox.h"
#include "proxy/h2_upstream.h"
#include "proxy/server_side.h"

namespace hawser::proxy {

/// One exchange over a stream of a shared HTTP/2 connection to a server.
///
/// What the server did not process, by its own word, fails as `unavailable` and may be sent again,
/// whatever it was (E181). Destroyed before it is over, it cancels its stream (E183).
class h2_server final : public server_side, http::h2::stream_listener {
  public:
    h2_server(std::shared_ptr<h2_upstream> over, std::string_view scheme)
        : over_(std::move(over)), scheme_(scheme) {}
    ~h2_server() override;

    [[nodiscard]] task<result<>> send(outgoing_head head, body_part first) override;
    [[nodiscard]] task<result<>> send(body_part piece) override;
    [[nodiscard]] task<result<>> next_head(http::response_head& head) override;
    [[nodiscard]] body_result take_body() override;
    [[nodiscard]] task<body_result> read_body() override;
    void hold() override {}  // it lies in the stream
    [[nodiscard]] upstream::connection give_back() override { return {}; }
    [[nodiscard]] io::stream& raw() noexcept override;
    [[nodiscard]] std::string_view unread() const noexcept override { return {}; }

  private:
    void stirred() noexcept override;
    [[nodiscard]] error why_closed() const;
    void give_back_window();

    std::shared_ptr<h2_upstream> over_;
    std::string_view scheme_;  // static text
    http::h2::stream* stream_ = nullptr;
    http::h2::received_head head_;
    h2_inbox body_;
    event incoming_;
    event outgoing_;
    bool is_head_ = false;
};

}  // namespace hawser::proxy
