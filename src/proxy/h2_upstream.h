// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>

#include "async/stop.h"
#include "async/task.h"
#include "base/clock.h"
#include "http/h2/session.h"
#include "proxy/h2_pump.h"
#include "upstream/connection.h"

namespace hawser::proxy {

class station;

/// One HTTP/2 connection of a worker to a server, which the exchanges on their way there share.
///
/// `run` carries its frames; it ends, and the connection with it, when the server ends it, when it
/// was idle too long, or when it was told to leave and its last stream is over. What is left of its
/// streams then is closed.
class h2_upstream final : h2_pump::owner {
  public:
    h2_upstream(station& at, upstream::connection over, std::chrono::milliseconds idle_max);
    h2_upstream(const h2_upstream&) = delete;
    h2_upstream& operator=(const h2_upstream&) = delete;

    static task<> run(std::shared_ptr<h2_upstream> self);

    /// Another exchange may go this way now.
    [[nodiscard]] bool can_open() const { return !is_leaving_ && session_.can_open(); }
    /// It will never carry another exchange.
    [[nodiscard]] bool is_over() const { return is_leaving_ || !!session_.fault(); }

    /// When its connection was begun.
    [[nodiscard]] steady_time opened() const noexcept { return over_.opened(); }
    [[nodiscard]] http::h2::session& session() noexcept { return session_; }
    [[nodiscard]] io::endpoint local() const { return over_->local(); }
    void has_to_send() noexcept { pump_.has_to_send(); }
    /// An exchange has let go of its stream; `cancelled`: before it was over.
    void released(bool cancelled) noexcept;

    /// No new streams: it ends with those that it has.
    void leave() noexcept;
    void cancel() noexcept { gone_.stop(); }

  private:
    task<> write_frames();
    void look_at_streams() override;
    void took_frames() override;
    [[nodiscard]] steady_time due() const override;
    void run_out_of_time() override;
    [[nodiscard]] std::chrono::milliseconds write_patience() const override { return idle_max_; }

    station& station_;
    upstream::connection over_;
    http::h2::session session_;
    h2_pump pump_;
    std::chrono::milliseconds idle_max_;
    stop_source gone_;
    context conditions_{.stop = &gone_};
    steady_time last_used_;
    unsigned cancelled_ = 0;
    unsigned completed_ = 0;
    bool is_leaving_ = false;
};

}  // namespace hawser::proxy
