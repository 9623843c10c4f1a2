// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "async/task.h"
#include "base/clock.h"
#include "io/stream.h"
#include "sessions/client.h"
#include "sessions/resp/setup.h"
#include "store/resp/command_parser.h"
#include "store/resp/reply.h"

namespace hawser::sessions::resp {

class door;
struct command;

/// One client of the RESP door, from its first byte to its last.
///
/// Answers leave in the order of the commands, together as far as the commands came together; who
/// does not take them is not read from either (R1.2).
class connection {
  public:
    connection(door& at, std::unique_ptr<io::stream> client);
    ~connection();
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    [[nodiscard]] task<> serve();

    // For commands.

    [[nodiscard]] sessions::client& records() { return *client_; }
    [[nodiscard]] door& at() noexcept { return door_; }
    [[nodiscard]] std::int64_t number() const noexcept { return number_; }
    /// The port that the client has connected to.
    [[nodiscard]] std::uint16_t port() const { return stream_->local().port(); }
    [[nodiscard]] const setup& settings() const noexcept { return *setup_; }

    /// Whether `name` and `password` let in; then the client is in. Counted, and slow for those
    /// who fail too often.
    enum class login : std::uint8_t { welcome, wrong, too_many };
    [[nodiscard]] login log_in(std::string_view name, std::string_view password);
    [[nodiscard]] bool is_in() const noexcept { return client_.has_value(); }
    /// As it was at its beginning.
    void reset();
    /// Closes the connection after the answers so far.
    void end() noexcept { ends_ = true; }

    void count_error(std::string_view code);

    /// After each of many steps: hands over what is answered when it has become much, so that an
    /// answer of many parts needs no room for all of them, and lets others have their turn, so that
    /// nobody holds the worker for a millisecond.
    [[nodiscard]] task<> breathe();

    /// As CLIENT SETNAME says.
    void set_name(std::string_view said);
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

  private:
    [[nodiscard]] task<bool> hear();
    [[nodiscard]] task<> answer_all();
    [[nodiscard]] task<> answer(std::span<const std::string_view> arguments);
    [[nodiscard]] task<> send();
    [[nodiscard]] task<> linger();
    void follow_setup();
    void settle();
    void enter(std::size_t tenancy, std::string_view user);

    door& door_;
    std::unique_ptr<io::stream> stream_;
    std::shared_ptr<const setup> setup_;
    store::resp::command_parser parser_;
    store::resp::reply out_;
    std::string input_;
    std::optional<sessions::client> client_;  ///< none: has not said who it is
    std::string user_;                        ///< empty: nobody had to say
    std::string name_;
    steady_time greeted_by_;
    std::int64_t number_;
    std::size_t steps_ = 0;
    bool ends_ = false;
};

}  // namespace hawser::sessions::resp
