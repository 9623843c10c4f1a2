// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "async/scope.h"
#include "async/stop.h"
#include "async/task.h"
#include "base/clock.h"
#include "base/result.h"
#include "io/listener.h"
#include "io/listening_socket.h"
#include "io/worker.h"
#include "sessions/audience.h"
#include "sessions/failed_logins.h"
#include "sessions/resp/hub.h"
#include "sessions/resp/paired_clocks.h"
#include "sessions/resp/setup.h"
#include "tls/work_room.h"

namespace hawser::sessions::resp {

/// One worker's RESP door: accepts, serves its clients, and ends what is over in the store. Used
/// and destroyed on its worker's thread, once it is quiet.
class door {
  public:
    door(io::worker& on, hub& with, std::shared_ptr<const setup> first);
    door(const door&) = delete;
    door& operator=(const door&) = delete;

    /// Serves by `next` from each client's next command on.
    void publish(std::shared_ptr<const setup> next) { setup_ = std::move(next); }

    /// Accepts on `socket`, bound to `place`, beside those that were opened for it before.
    [[nodiscard]] result<> open(const std::string& place, io::listening_socket socket);
    void open(const std::string& place, std::unique_ptr<io::listener> from);
    /// No further client comes in there.
    void close(const std::string& place);

    /// Accepts nobody any more; clients end with what they have sent.
    void stop();
    [[nodiscard]] bool is_quiet() const noexcept { return running_.running() == 0; }

    // For connections.

    [[nodiscard]] hub& shared() noexcept { return hub_; }
    [[nodiscard]] counters& counted() noexcept { return counters_; }
    [[nodiscard]] const std::shared_ptr<const setup>& current() const noexcept { return setup_; }
    [[nodiscard]] stop_source& leaving() noexcept { return leaving_; }
    /// Of this turn; deadlines reckoned by it are told as they were said.
    [[nodiscard]] instant now() { return clocks_.at(worker_.turns().now()); }
    /// Whether it is reckoned what the next command costs.
    [[nodiscard]] bool meters_next();
    /// Room for bytes from a client or to it, which nobody holds of whom nothing is under way.
    [[nodiscard]] std::string take_buffer();
    void give_back(std::string buffer);

    /// Those of this worker who listen to `in`'s channels; what they hear is handed out here.
    [[nodiscard]] audience& audience_of(channels& in);

    failed_logins failures;

  private:
    task<> accept_on(std::shared_ptr<stop_source> closing, std::unique_ptr<io::listener> from);
    void welcome(std::unique_ptr<io::stream> client);
    task<> serve(std::unique_ptr<io::stream> client);
    task<> tend();

    io::worker& worker_;
    hub& hub_;
    counters& counters_;
    std::shared_ptr<const setup> setup_;
    std::multimap<std::string, std::shared_ptr<stop_source>> places_;
    tls::work_room tls_room_;
    std::vector<std::string> spare_;
    std::set<audience*> audiences_;
    paired_clocks clocks_;
    unsigned until_metered_ = 1;
    stop_source leaving_;
    scope running_;
};

}  // namespace hawser::sessions::resp
