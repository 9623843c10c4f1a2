// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "http/h1/body.h"
#include "proxy/client_side.h"
#include "proxy/h1_connection.h"

namespace hawser::proxy {

/// One request of an HTTP/1 connection.
class h1_client final : public client_side {
  public:
    /// `minor` of its version: 0 or 1.
    h1_client(h1_connection& of, unsigned minor)
        : client_side(of), connection_(of), is_http_1_0_(minor == 0) {}

    [[nodiscard]] std::string_view protocol() const noexcept override {
        return is_http_1_0_ ? "HTTP/1.0" : "HTTP/1.1";
    }
    [[nodiscard]] stop_source& gone() noexcept override { return connection_.gone(); }
    [[nodiscard]] io::stream* own_stream() noexcept override { return &connection_.stream(); }

    void begin_body(const http::request_head& head, std::uint64_t body_max) override {
        body_ = http::h1::body_reader(head, {.body = body_max});
    }
    [[nodiscard]] bool has_whole_body() const noexcept override { return body_.is_done(); }
    [[nodiscard]] std::uint64_t body_received() const noexcept override { return body_.received(); }
    [[nodiscard]] body_result take_body() override;
    [[nodiscard]] task<body_result> read_body() override;
    void hold() override { connection_.input().keep(); }

    [[nodiscard]] answer_form form_of(const http::response_head& head) override;
    [[nodiscard]] task<result<>> write_interim(std::string_view head) override;
    [[nodiscard]] task<result<>> write(std::string_view head, body_part piece) override;
    void cut() noexcept override;

    [[nodiscard]] io::stream& raw() noexcept override { return connection_.stream(); }
    [[nodiscard]] std::string_view unread() const noexcept override;
    void drop_unread() override;

    /// The server answered before the request had been read: its rest is dropped, within bounds
    /// (E74). False when it did not end within them.
    [[nodiscard]] task<bool> drain_body();

  private:
    h1_connection& connection_;
    http::h1::body_reader body_;
    bool is_http_1_0_;
    bool rechunked_ = false;
    bool ends_by_close_ = false;
};

}  // namespace hawser::proxy
