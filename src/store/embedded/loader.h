// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/block_heap.h"
#include "store/embedded/dictionaries.h"
#include "store/embedded/stored_record.h"
#include "store/embedded/table.h"
#include "store/entry.h"
#include "store/space.h"

namespace hawser::store {

/// What a table has of a namespace.
struct stored_space {
    std::vector<entry::owner> records;  ///< tombstones included
    std::vector<table::item> dropped;   ///< of no use any more: to be written
    std::size_t damaged = 0;            ///< of those, what should have been of use
    std::size_t dictionaries_damaged = 0;
    std::size_t locked = 0;  ///< left where it lies: with another key file it may be opened
};

/// Reads what a namespace has kept. Used by one thread, for one namespace.
class loader {
  public:
    /// Dictionaries go into `by`, records into blocks of `heap`.
    loader(record_sealer& sealer, dictionaries& by, block_heap& heap, const instant& now)
        : sealer_(sealer), dictionaries_(by), heap_(heap), now_(now) {}

    [[nodiscard]] result<stored_space> read(const table& from, space& in);

  private:
    void take_dictionary(const space& in, std::string_view key, std::string_view sealed);
    void take(space& in, std::string_view key, std::string_view sealed);
    void drop(std::string_view key, stored_fault why);

    record_sealer& sealer_;
    dictionaries& dictionaries_;
    block_heap& heap_;
    const instant now_;
    bool is_dictionary_locked_ = false;
    stored_space found_;
};

}  // namespace hawser::store
