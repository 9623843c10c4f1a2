// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/key_ring.h"
#include "crypto/private_file.h"
#include "crypto/sealer.h"
#include "state/records.h"

namespace hawser::state {

/// What a block of the file holds.
enum class block : std::uint8_t { servers = 1, sessions = 2, end = 3, endings = 4 };

/// The file that a node leaves to its next start: sessions and server states, in sealed blocks.
///
/// In clear are only a mark, the version and a random number of this file. Each block is sealed
/// with a key of its own purpose, bound to that head and its place, so that nothing can be read,
/// changed, left out or put in from another file; the last block says how many sessions there were.
/// Layout in docs/state.md.
class snapshot_writer {
  public:
    /// Nothing changes at `path` before `finish`.
    [[nodiscard]] static result<snapshot_writer> begin(const std::filesystem::path& path,
                                                       const crypto::key_ring& ring, wall_time now);

    [[nodiscard]] result<> add(std::span<const server_record> servers);
    /// Any number of times, `limits::state_block_sessions` at the most.
    [[nodiscard]] result<> add(std::span<const registry::record> sessions);
    /// Before the sessions.
    [[nodiscard]] result<> add(std::span<const registry::ending> endings);
    [[nodiscard]] result<> finish();

  private:
    snapshot_writer(crypto::private_writer to, const crypto::key_ring& ring, wall_time now);
    template <typename Record>
    [[nodiscard]] result<> add_all(std::span<const Record> all, std::size_t size, block what);
    [[nodiscard]] result<> seal(block what);

    crypto::private_writer to_;
    std::unique_ptr<crypto::sealer> sealer_;
    wall_time now_;
    bytes associated_;  ///< the head, and the number of the next block
    std::uint32_t next_ = 0;
    std::uint64_t sessions_ = 0;
    bytes plain_;
    bytes sealed_;
};

/// What a file tells, block by block.
struct snapshot_visitor {
    std::function<void(std::span<const server_record>)> servers;
    std::function<void(std::span<const registry::record>)> sessions;
    std::function<void(std::span<const registry::ending>)> endings;
};

/// Reads the snapshot at `path`: first to its end, to see that it is whole, then once more for
/// `visit`; returns the number of sessions. `not_found` if there is none, `invalid` if it is
/// damaged, of another version, sealed with another ring or readable by others: then `visit` was
/// not called.
[[nodiscard]] result<std::uint64_t> read_snapshot(const std::filesystem::path& path,
                                                  const crypto::key_ring& ring,
                                                  const snapshot_visitor& visit);

}  // namespace hawser::state
