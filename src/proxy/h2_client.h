// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "async/event.h"
#include "async/stop.h"
#include "proxy/client_side.h"
#include "proxy/h2_connection.h"
#include "proxy/h2_inbox.h"
#include "proxy/h2_raw_stream.h"

namespace hawser::proxy {

/// One request of an HTTP/2 connection, and its stream until it is destroyed.
///
/// The stream counts against the client's limit for as long, whoever closed it (E109).
class h2_client final : public client_side, http::h2::stream_listener {
  public:
    h2_client(h2_connection& of, http::h2::stream& over);
    ~h2_client();

    [[nodiscard]] const http::h2::received_head& head() const noexcept { return head_; }
    /// The client has not taken its request back yet.
    [[nodiscard]] bool is_wanted() const noexcept { return !stream_.is_closed(); }
    /// Waits for the end of a body that was announced as empty; or why it is none.
    [[nodiscard]] task<std::optional<http::refusal>> see_empty_body();
    /// The request was malformed: what is left of its stream ends as the client's fault.
    void blame();

    [[nodiscard]] std::string_view protocol() const noexcept override { return "HTTP/2"; }
    [[nodiscard]] stop_source& gone() noexcept override { return gone_; }

    void begin_body(const http::request_head& head, std::uint64_t body_max) override;
    [[nodiscard]] bool has_whole_body() const noexcept override;
    [[nodiscard]] std::uint64_t body_received() const noexcept override;
    [[nodiscard]] body_result take_body() override;
    [[nodiscard]] task<body_result> read_body() override;
    void hold() override {}  // it lies in the stream

    [[nodiscard]] std::size_t room() const noexcept override;
    [[nodiscard]] answer_form form_of(const http::response_head&) override { return {}; }
    [[nodiscard]] task<result<>> write_interim(std::string_view head) override;
    [[nodiscard]] task<result<>> write(std::string_view head, body_part part) override;
    void cut() noexcept override;

    [[nodiscard]] io::stream& raw() noexcept override;
    [[nodiscard]] std::string_view unread() const noexcept override;
    void drop_unread() override;

  private:
    void stirred() noexcept override;
    task<result<>> write_rest(std::string rest, bool is_last, std::string trailers);
    task<std::optional<http::refusal>> wait_for_more(steady_time end);
    void give_back_window();

    h2_connection& connection_;
    http::h2::stream& stream_;
    linked_stop_source gone_;
    http::h2::received_head head_;
    h2_inbox body_;
    event incoming_;
    event outgoing_;
    std::optional<h2_raw_stream> raw_;
};

}  // namespace hawser::proxy
