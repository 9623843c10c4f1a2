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
#include "store/entry.h"
#include "store/journal.h"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

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

/// Why bytes of a table are no record.
enum class stored_fault : std::uint8_t {
    key_gone,  ///< sealed by a key that the ring has no more: it has ended with that key
    damaged,   ///< changed, or from another place
};

/// Records as they lie outside of memory: sealed for their key, so that nothing can be read,
/// changed or moved to another name; larger ones compressed before that. Times are the wall clock's
/// there. For one thread.
class record_sealer {
  public:
    explicit record_sealer(const crypto::key_ring& ring);
    ~record_sealer();
    record_sealer(const record_sealer&) = delete;
    record_sealer& operator=(const record_sealer&) = delete;

    [[nodiscard]] std::string seal(std::string_view key, const entry& one, const instant& now);
    [[nodiscard]] std::string seal(std::string_view key, const cover& one, const instant& now);

    [[nodiscard]] std::expected<entry::owner, stored_fault> open_record(const record_id& id,
                                                                        std::string_view key,
                                                                        std::string_view sealed,
                                                                        const instant& now,
                                                                        block_heap& into);
    [[nodiscard]] std::expected<cover, stored_fault> open_touches(std::string_view key,
                                                                  std::string_view sealed,
                                                                  const instant& now);

  private:
    struct free_context {
        void operator()(ZSTD_CCtx_s* one) const;
        void operator()(ZSTD_DCtx_s* one) const;
    };

    [[nodiscard]] std::string seal(std::string_view key, const instant& now);
    [[nodiscard]] std::expected<std::string_view, stored_fault> open(std::string_view key,
                                                                     std::string_view sealed);

    crypto::sealer sealer_;
    std::unique_ptr<ZSTD_CCtx_s, free_context> compressor_;
    std::unique_ptr<ZSTD_DCtx_s, free_context> decompressor_;
    std::string plain_;
    std::string packed_;
};

}  // namespace hawser::store
