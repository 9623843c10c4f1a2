// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "async/scope.h"
#include "async/task.h"
#include "http/h2/session.h"
#include "proxy/client_connection.h"
#include "proxy/h2_pump.h"

namespace hawser::proxy {

class h2_client;

/// A client's HTTP/2 connection: its frames, and an exchange for each stream.
///
/// Whatever came for a stream is told to its listener once the frames were read; one that nobody
/// listens to is a request that has just arrived.
class h2_connection final : public client_connection, h2_pump::owner {
  public:
    /// Serves a client until its connection ends. `first_words` were read of it already.
    static task<> serve(station& at, std::shared_ptr<listener_post> through, arrival who,
                        std::string first_words);

    h2_connection(station& at, std::shared_ptr<listener_post> through, arrival who);

    using client_connection::at;

    [[nodiscard]] http::h2::session& session() noexcept { return session_; }
    void has_to_send() noexcept { pump_.has_to_send(); }

    /// No new streams from now on; without any the connection ends at once (E118, E175).
    void close_if_idle() noexcept override;
    /// New streams are taken until the client has heard of it.
    void retire() noexcept override;
    [[nodiscard]] bool is_idle() const noexcept override { return session_.open_streams() == 0; }
    [[nodiscard]] bool may_stay() const noexcept override;

  private:
    task<> run(std::string first_words);
    task<> write_frames();
    task<> serve_stream(std::unique_ptr<h2_client> asking);
    task<> insist_on_the_end();

    void look_at_streams() override;
    void took_frames() override;
    [[nodiscard]] steady_time due() const override;
    void run_out_of_time() override;
    [[nodiscard]] std::chrono::milliseconds write_patience() const override {
        return settings().write_timeout;
    }
    void note_fault();
    void end_when_over() noexcept;

    const http::h2::block_limits heads_;  ///< what the client was told of them
    http::h2::session session_;
    h2_pump pump_;
    linked_stop_source reading_;  ///< stops when nothing more is to be read
    context reading_conditions_{.stop = &reading_};
    stop_source writing_;  ///< stops where nobody waits for what is still to be written
    context writing_conditions_{.stop = &writing_};
    scope work_{reading_conditions_};
    scope writer_{writing_conditions_};
    steady_time began_;
    steady_time last_used_;
};

}  // namespace hawser::proxy
