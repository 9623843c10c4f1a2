// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.h"
#include "base/clock.h"
#include "io/stream.h"
#include "sessions/client.h"
#include "sessions/resp/setup.h"
#include "sessions/resp/subscriber.h"
#include "sessions/resp/transaction.h"
#include "store/resp/command_parser.h"
#include "store/resp/reply.h"

namespace hawser::sessions::resp {

class door;
struct call;
struct command;

/// One client of the RESP door, from its first byte to its last.
///
/// Answers leave in the order of the commands, together as far as the commands came together; who
/// does not take them is not read from either (R1.2). Most commands are answered where their bytes
/// lie, without a wait; what such ones have changed is settled once, before all their answers
/// leave.
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

    /// What is answered from `begin` on leaves only once what was changed for it is as safe as
    /// `as` says; if it cannot be, an error leaves in its place.
    void hold_answer(std::size_t begin, store::durability as);

    /// After each of many steps: hands over what is answered when it has become much, so that an
    /// answer of many parts needs no room for all of them, and lets others have their turn, so that
    /// nobody holds the worker for a millisecond.
    [[nodiscard]] task<> breathe();
    /// So many bytes were read, copied or written for the command under way: much of that makes a
    /// breath due as many steps do.
    void note_work(std::size_t bytes) noexcept { work_ += bytes; }

    [[nodiscard]] transaction& since_multi() noexcept { return pending_; }
    /// Serves a command of a transaction, without letting others come between if it need not wait.
    [[nodiscard]] task<> serve_queued(const transaction::queued& one);

    /// What it listens to; null: nothing so far.
    [[nodiscard]] subscriber* subscribed() noexcept { return subscriber_.get(); }
    [[nodiscard]] subscriber& subscribe();
    /// Whether it listens in the form of RESP in which it may do little else.
    [[nodiscard]] bool is_confined() const {
        return subscriber_ != nullptr && subscriber_->count() > 0 &&
               out_.form() == store::resp::protocol::resp2;
    }
    void set_protocol(store::resp::protocol form);
    /// Puts what it has heard among the answers.
    void tell_heard();

    /// As CLIENT SETNAME says.
    void set_name(std::string_view said);
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

  private:
    /// Why no further command is answered at once.
    enum class pause : std::uint8_t {
        incomplete,  ///< there is no further one
        command,     ///< the one that the parser has may have to wait
        breath,      ///< others have their turn first
    };

    [[nodiscard]] task<bool> hear();
    [[nodiscard]] bool has_news() const {
        return subscriber_ != nullptr && subscriber_->has_news();
    }
    [[nodiscard]] task<> send_heard();
    [[nodiscard]] stop_source& over() noexcept;
    [[nodiscard]] std::size_t answer_at_once(std::string_view bytes);
    [[nodiscard]] task<> answer_heard();
    [[nodiscard]] bool is_answered(call& asked);
    [[nodiscard]] const command* admit(call& asked);
    void queue(call& asked, const command& what);
    void count(const command& one);
    void note_time(const command& one, steady_time begun, unsigned many);
    [[nodiscard]] task<> settle_held();
    [[nodiscard]] bool is_turn_over() const;
    [[nodiscard]] bool is_breath_due() const;
    [[nodiscard]] task<> take_breath();
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
    std::string input_;  ///< what has to wait, and all behind it
    pause pause_ = pause::incomplete;
    const command* asked_ = nullptr;  ///< the one that may have to wait
    struct held_answer {
        std::size_t begin;
        std::size_t size;
    };
    std::vector<held_answer> held_;
    store::durability held_for_ = store::durability::memory;
    transaction pending_;
    std::optional<sessions::client> client_;  ///< none: has not said who it is
    std::unique_ptr<resp::subscriber> subscriber_;
    std::string user_;  ///< empty: nobody had to say
    std::string name_;
    steady_time greeted_by_;
    std::int64_t number_;
    std::size_t steps_ = 0;
    std::size_t work_ = 0;  ///< bytes, since others have had their turn
    bool ends_ = false;
};

}  // namespace hawser::sessions::resp
