// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "crypto/key_ring.h"
#include "crypto/sealer.h"
#include "store/embedded/dictionaries.h"
#include "store/embedded/packing.h"
#include "store/entry.h"
#include "store/journal.h"

namespace hawser::store {

/// What lies under a key of a table.
enum class stored_kind : std::uint8_t {
    record = 0,   ///< or a tombstone
    touches = 1,  ///< what covers touches of the record before it
};

/// `length of the namespace's name (1) | name | keyed hash (16) | kind (1)`
[[nodiscard]] std::string stored_key(const record_id& id, stored_kind what);
/// With it begin the keys of all that a namespace keeps.
[[nodiscard]] std::string stored_prefix(const space& in);

struct key_parts {
    record_id id;
    stored_kind what;
};
/// Of a key of that namespace; nothing: it is none of ours.
[[nodiscard]] std::optional<key_parts> parse_stored_key(space& in, std::string_view key);

/// Where a dictionary of a namespace's lies, and what the keys of all of them begin with.
[[nodiscard]] std::string dictionary_key(const space& in, std::uint32_t number);
[[nodiscard]] std::string dictionary_prefix(const space& in);
[[nodiscard]] std::optional<std::uint32_t> parse_dictionary_key(const space& in,
                                                                std::string_view key);

/// Why bytes of a table are no record.
enum class stored_fault : std::uint8_t {
    key_gone,         ///< sealed by a key that the ring has no more: it has ended with that key
    dictionary_gone,  ///< packed by a dictionary that is not known
    damaged,          ///< changed, or from another place
};

/// Records as they lie outside of memory: sealed for their key, so that nothing can be read,
/// changed or moved to another name; those that are worth it packed before that. Times are the wall
/// clock's there. For one thread.
class record_sealer {
  public:
    record_sealer(const crypto::key_ring& ring, dictionaries& by)
        : sealer_(ring, "session store"), dictionaries_(by) {}

    [[nodiscard]] std::string seal(std::string_view key, const entry& one, const instant& now);
    [[nodiscard]] std::string seal(std::string_view key, const cover& one, const instant& now);
    [[nodiscard]] std::string seal(std::string_view key, const dictionary& one, const instant& now);

    [[nodiscard]] std::expected<entry::owner, stored_fault> open_record(const record_id& id,
                                                                        std::string_view key,
                                                                        std::string_view sealed,
                                                                        const instant& now,
                                                                        block_heap& into);
    [[nodiscard]] std::expected<cover, stored_fault> open_touches(std::string_view key,
                                                                  std::string_view sealed,
                                                                  const instant& now);
    [[nodiscard]] std::expected<dictionaries::one, stored_fault> open_dictionary(
        std::string_view key, std::string_view sealed);

  private:
    void pack(const entry& one);
    [[nodiscard]] std::string seal(std::string_view key, const instant& now);
    [[nodiscard]] std::expected<std::string_view, stored_fault> open(std::string_view key,
                                                                     std::string_view sealed);
    [[nodiscard]] std::expected<std::string_view, stored_fault> unpack(const space& in,
                                                                       std::string_view plain);

    crypto::sealer sealer_;
    dictionaries& dictionaries_;
    packer packer_;
    std::string plain_;
    std::string packed_;
};

}  // namespace hawser::store
