// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

namespace hawser::registry {

/// How far another process, which serves the same sessions, knows what changes in this registry:
/// for whoever must not go on before it does, as its client may go there next.
///
/// What changes is told in rounds, by one thread; another hears from the other process how far it
/// has come. Whoever has changed something, on any thread, waits for the next round that begins.
class told_rounds {
  public:
    // Whoever has changed something.

    /// The round that tells of all that this thread has changed; 0: nobody need hear of it.
    [[nodiscard]] std::uint64_t await() noexcept;
    /// The other process knows it, or nobody waits any more.
    [[nodiscard]] bool is_known(std::uint64_t round) const noexcept;
    /// The other process is late: nobody waits for it until it has caught up.
    void give_up(std::uint64_t round) noexcept { raise(given_up_, round); }

    // Whoever tells.

    /// From now on what changes is awaited, until `close`.
    void open() noexcept;
    void close() noexcept;
    /// What changes from now on is told by the next round.
    std::uint64_t begin() noexcept { return ++begun_; }
    /// The other process is to say when it knows this round, which was told.
    [[nodiscard]] bool is_due(std::uint64_t round) noexcept;
    /// A round of the other process that is known here, if it was not told so.
    [[nodiscard]] std::optional<std::uint64_t> take_due_answer() noexcept;

    // Whoever hears.

    /// The other process knows that round; false: there was none yet.
    [[nodiscard]] bool hear(std::uint64_t round) noexcept;
    /// That round of the other process is known here.
    void owe_answer(std::uint64_t round) noexcept { owed_ = round; }

  private:
    static void raise(std::atomic<std::uint64_t>& what, std::uint64_t to) noexcept;

    std::atomic<bool> is_open_ = false;
    std::atomic<std::uint64_t> begun_ = 0;
    std::atomic<std::uint64_t> awaited_ = 0;
    std::atomic<std::uint64_t> known_ = 0;
    std::atomic<std::uint64_t> given_up_ = 0;
    std::atomic<std::uint64_t> owed_ = 0;  ///< 0: none
    std::uint64_t asked_ = 0;              ///< of whoever tells
};

}  // namespace hawser::registry
