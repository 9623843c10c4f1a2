// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "io/epoll/descriptor.h"
#include "state/bytes.h"

namespace hawser::state {

/// What two processes say to each other when one takes over from the other, in this order.
enum class word : std::uint8_t {
    hello = 1,    ///< new: I am here; version of the protocol, and mine for people
    sockets,      ///< old: descriptors that listen; one message each place
    sockets_end,  ///< old: those were all
    servers,      ///< old: records; at any time from here on
    sessions,     ///< old: records; at any time from here on, and after `go` new, too
    totals,       ///< old: what it has counted; just before `go`, and at any time after it
    copied,       ///< old: everything so far
    prepared,     ///< new: nothing can fail any more
    go,           ///< old: nobody answers the operator now; accept
    accepting,    ///< new: each socket has a worker
    retired,      ///< old: I accept no more, and you are the main process; a channel may come
    done,         ///< old: nothing follows
    failed,       ///< new, instead of anything: why
    overrides,    ///< new, after `accepting`: what people have set is another, in its file
    findings,     ///< both: records; old just before `go`, and both after `accepting`
    reloaded,     ///< new, after `accepting`: it serves by another file
    round,        ///< both, after `go`: a number; all was told that was bound here before it began
    known,        ///< both, after `go`: that of the other's last round that is known here
    endings,      ///< as `sessions`: of those that are over
    kept,         ///< old, over the channel that comes with `retired`: records of applications
};

/// One message, with the descriptors that came with it.
struct message {
    word what = word::hello;
    bytes text = {};
    std::vector<io::descriptor> descriptors = {};
};

/// One end of the unix socket between the two processes: messages with a length before them.
///
/// Blocks, with a deadline for each message, and so is for threads that serve nobody. Whatever a
/// peer sends: a message is at most `limits::state_block_max` long, and of a word that is known.
class channel {
  public:
    explicit channel(io::descriptor socket) : socket_(std::move(socket)) {}

    /// Both ends.
    [[nodiscard]] static result<std::pair<channel, channel>> make();

    [[nodiscard]] result<> send(word what, std::span<const std::uint8_t> text, steady_time end,
                                std::span<const int> descriptors = {});
    [[nodiscard]] result<> send(word what, steady_time end) { return send(what, {}, end); }

    /// `end_of_stream` when the other process is gone, `malformed` when it says what it must not.
    [[nodiscard]] result<message> receive(steady_time end);
    /// The next message must be `wanted`; the text of a `failed` is the error.
    [[nodiscard]] result<message> expect(word wanted, steady_time end);

    /// Ends what another thread waits for here.
    void interrupt() noexcept;

    [[nodiscard]] int descriptor() const noexcept { return socket_.number(); }

  private:
    [[nodiscard]] result<> wait(short events, steady_time end) const;
    [[nodiscard]] result<> fill(std::span<std::uint8_t> into, std::vector<io::descriptor>& passed,
                                steady_time end);

    io::descriptor socket_;
};

/// The version of what is said; a process of another one takes over nothing.
inline constexpr std::uint32_t protocol_version = 7;

}  // namespace hawser::state
