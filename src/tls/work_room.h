// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <vector>

#include "async/loop.h"
#include "base/limits.h"
#include "io/ip_address.h"
#include "tls/ticket_keys.h"

namespace hawser::tls {

/// Waits for its turn to shake hands.
class turn_taker {
  public:
    virtual void take_turn() noexcept = 0;

  protected:
    /// `source`: with whom it shares its turns; none: with whoever has none either.
    explicit turn_taker(const io::ip_address& source) : source_(source) {}
    ~turn_taker() = default;

  private:
    friend class work_room;
    io::ip_address source_;
    bool is_waiting_ = false;
    bool is_called_ = false;
};

/// What one worker's TLS streams share: room that each uses for a single operation, and the time
/// that handshakes may take.
///
/// A handshake costs as much as many requests. Only so many of them are worked on in a turn of the
/// loop, the others queue: whoever is in goes on meanwhile (E125). Sources take turns, so that a
/// crowd from one of them waits behind itself.
class work_room final : timer {
  public:
    std::array<char, limits::tls_record_max> gathered;  ///< short pieces on their way into a record
    std::vector<char> sealed;                           ///< what is about to be sent below
    ticket_keys::memo last_ticket_key;

    /// Whether `who` may go on with its handshake now; else it is called in a later turn.
    [[nodiscard]] bool may_shake_hands(turn_taker& who);
    void has_shaken_hands() noexcept { ++done_; }
    void forget(turn_taker& who) noexcept;

  private:
    /// Those of one source, in the order in which they came.
    struct line {
        io::ip_address source;
        std::list<turn_taker*> waiting = {};
    };

    void expired(steady_time now) override;
    void queue(turn_taker& who);
    [[nodiscard]] turn_taker& next();

    std::list<line> lines_;  ///< none is empty; the first one's turn is next
    std::uint64_t turn_ = 0;
    unsigned done_ = 0;
};

}  // namespace hawser::tls
