// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "async/task.h"
#include "base/result.h"
#include "sessions/client.h"
#include "sessions/resp/connection.h"
#include "store/resp/reply.h"

namespace hawser::sessions::resp {

/// One command under way: who has sent it, what it says, and where its answer goes.
struct call {
    connection& from;
    std::span<const std::string_view> arguments;  ///< the command's name first
    store::resp::reply& out;

    /// The namespace of who has said who it is.
    [[nodiscard]] sessions::client& records() const { return from.records(); }
    [[nodiscard]] std::string_view operator[](std::size_t at) const { return arguments[at]; }
    [[nodiscard]] std::size_t size() const { return arguments.size(); }

    /// Answers with an error; `text` begins with its code.
    void refuse(std::string_view text);
    void refuse_syntax() { refuse("ERR syntax error"); }
    /// Another number of arguments than such a command has.
    void refuse_count();
    void refuse_kind() {
        refuse("WRONGTYPE Operation against a key holding the wrong kind of value");
    }
    void refuse_number() { refuse("ERR value is not an integer or out of range"); }
    /// Answers what the store could not do.
    void refuse(const error& why);
    /// What is answered from `begin` on leaves once what was changed for it, at once, is settled.
    void hold(std::size_t begin);
    /// It was read whole, however little of it is answered.
    void note_read(const std::optional<store::record>& there) const {
        if (there) from.note_work(there->data.size());
    }
};

/// A command that is served.
struct command {
    std::string_view name;  ///< in lower case
    std::size_t least;      ///< arguments, the name included
    std::size_t most;       ///< 0: any number
    bool is_for_strangers;  ///< served before a client has said who it is
    task<> (*serve)(call& asked);
    /// The same without a wait; false, and nothing was done: this time it would have to wait. Null:
    /// it may always.
    bool (*serve_at_once)(call& asked) = nullptr;
    bool is_never_queued = false;  ///< served between MULTI and EXEC too
};

/// Whether who listens may ask it in the older form of RESP, which has no place for other answers.
[[nodiscard]] bool is_for_subscribers(const command& one);
/// Whether it is answered by as many messages as it has names: they have no place in an array.
[[nodiscard]] bool changes_subscriptions(const command& one);
/// The command of that name, in any case; null: there is none.
[[nodiscard]] const command* find_command(std::string_view name);
/// All of them, by name.
[[nodiscard]] std::span<const command> all_commands();
/// Which of them it is.
[[nodiscard]] std::size_t place_of(const command& one);

/// A whole number, as it is written everywhere: no blank, no plus, no leading zero.
[[nodiscard]] std::optional<std::int64_t> number_of(std::string_view text);
/// Whether they are the same but for the case of letters.
[[nodiscard]] bool is_word(std::string_view text, std::string_view word);

/// A word of a client's in an error: for people, short, and without what could pass for more.
[[nodiscard]] std::string shown_word(std::string_view word);

// What they do, by file.

// channel_commands.cc
task<> serve_psubscribe(call& asked);
task<> serve_publish(call& asked);
task<> serve_pubsub(call& asked);
task<> serve_punsubscribe(call& asked);
task<> serve_subscribe(call& asked);
task<> serve_unsubscribe(call& asked);

// connection_commands.cc
task<> serve_auth(call& asked);
task<> serve_client(call& asked);
task<> serve_echo(call& asked);
task<> serve_hello(call& asked);
task<> serve_ping(call& asked);
task<> serve_quit(call& asked);
task<> serve_reset(call& asked);
task<> serve_select(call& asked);

// info_commands.cc
task<> serve_command(call& asked);
task<> serve_config(call& asked);
task<> serve_info(call& asked);

// container_commands.cc
task<> serve_hscan(call& asked);
task<> serve_sscan(call& asked);
task<> serve_zscan(call& asked);

// key_commands.cc
bool expire_at_once(call& asked);
bool expireat_at_once(call& asked);
bool persist_at_once(call& asked);
bool pexpire_at_once(call& asked);
bool pexpireat_at_once(call& asked);
task<> serve_copy(call& asked);
task<> serve_dbsize(call& asked);
task<> serve_del(call& asked);
task<> serve_exists(call& asked);
task<> serve_expire(call& asked);
task<> serve_expireat(call& asked);
task<> serve_expiretime(call& asked);
task<> serve_keys(call& asked);
task<> serve_persist(call& asked);
task<> serve_pexpire(call& asked);
task<> serve_pexpireat(call& asked);
task<> serve_pexpiretime(call& asked);
task<> serve_pttl(call& asked);
task<> serve_rename(call& asked);
task<> serve_renamenx(call& asked);
task<> serve_scan(call& asked);
task<> serve_touch(call& asked);
task<> serve_ttl(call& asked);
task<> serve_type(call& asked);

// script_commands.cc
task<> serve_eval(call& asked);
task<> serve_evalsha(call& asked);
task<> serve_script(call& asked);

// string_commands.cc
bool get_at_once(call& asked);
bool psetex_at_once(call& asked);
bool set_at_once(call& asked);
bool setex_at_once(call& asked);
task<> serve_append(call& asked);
task<> serve_decr(call& asked);
task<> serve_decrby(call& asked);
task<> serve_get(call& asked);
task<> serve_getdel(call& asked);
task<> serve_getex(call& asked);
task<> serve_incr(call& asked);
task<> serve_incrby(call& asked);
/// INCRBY of what is there; null otherwise.
task<> serve_incrby_present(call& asked);
task<> serve_mget(call& asked);
task<> serve_mset(call& asked);
task<> serve_psetex(call& asked);
task<> serve_set(call& asked);
task<> serve_setex(call& asked);
task<> serve_setnx(call& asked);
task<> serve_strlen(call& asked);

// transaction_commands.cc
task<> serve_discard(call& asked);
task<> serve_exec(call& asked);
task<> serve_multi(call& asked);
task<> serve_unwatch(call& asked);
task<> serve_watch(call& asked);

}  // namespace hawser::sessions::resp
