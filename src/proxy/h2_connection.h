// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "async/event.h"
#include "async/scope.h"
#include "async/task.h"
#include "http/h2/session.h"
#include "proxy/client_connection.h"

namespace hawser::proxy {

class h2_client;

/// A client's HTTP/2 connection: one coroutine that never stops taking frames, one that sends them,
/// and an exchange for each stream.
///
/// The session in between only holds state. Whoever changes what is to be sent says
/// `has_to_send`; whatever came for a stream is told to its listener once the frames were read.
class h2_connection final : public client_connection {
  public:
    /// Serves a client until its connection ends. `first_words` were read of it already.
    static task<> serve(station& at, std::shared_ptr<listener_post> through, arrival who,
                        std::string first_words);

    h2_connection(station& at, std::shared_ptr<listener_post> through, arrival who);

    using client_connection::at;

    [[nodiscard]] http::h2::session& session() noexcept { return session_; }
    void has_to_send() noexcept { to_send_.set(); }

    /// No new streams from now on; without any the connection ends at once (E118, E175).
    void close_if_idle() noexcept override;
    [[nodiscard]] bool is_idle() const noexcept override { return session_.open_streams() == 0; }
    [[nodiscard]] bool may_stay() const noexcept override;

  private:
    task<> run(std::string first_words);
    task<> read_frames();
    task<> write_frames();
    task<> serve_stream(std::unique_ptr<h2_client> asking);
    task<> insist_on_the_end();

    void take(std::span<const char> bytes);
    void look_at_streams();
    void note_fault();
    void end_when_over() noexcept;
    [[nodiscard]] steady_time due() const noexcept;
    void run_out_of_time();

    const http::h2::block_limits heads_;  ///< what the client was told of them
    http::h2::session session_;
    linked_stop_source reading_;  ///< stops when nothing more is to be read
    context reading_conditions_{.stop = &reading_};
    context writing_conditions_{.stop = &gone()};
    scope work_{reading_conditions_};
    scope writer_{writing_conditions_};
    event to_send_;
    bool is_ending_ = false;  ///< the writer ends when all is sent
    steady_time began_;
    steady_time head_began_;
    steady_time last_used_;
};

}  // namespace hawser::proxy
