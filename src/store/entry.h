// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>

#include "base/clock.h"
#include "store/record.h"

namespace hawser::store {

/// A record in memory: one block with its name and its data behind it. A tombstone is one without
/// either.
struct entry {
    std::array<std::uint64_t, 2> hash;
    space* in;
    hawser::store::version version;
    steady_time created;
    steady_time seen;
    lifetime life;
    std::uint64_t user;
    std::uint32_t name_size;
    std::uint32_t data_size;
    std::uint16_t bucket;  ///< of the wheel
    durability lasts;
    std::uint8_t flags;
    bool is_tombstone;
    bool is_stored;    ///< a store outside of memory has been given it, or one before it
    bool has_changed;  ///< and is to be stored
    bool is_touched;   ///< what covers its touches is

    // Circular lists: the others of its bucket, and its namespace's by when they were seen.

    entry* next;
    entry* previous;
    entry* newer;
    entry* older;

    [[nodiscard]] std::string_view name() const { return {text(), name_size}; }
    [[nodiscard]] std::string_view data() const { return {text() + name_size, data_size}; }
    [[nodiscard]] std::size_t bytes() const { return bytes_for(name_size, data_size); }
    [[nodiscard]] static std::size_t bytes_for(std::size_t name, std::size_t data) {
        return sizeof(entry) + name + data;
    }

    [[nodiscard]] steady_time ends() const { return life.end_of(created, seen); }

    [[nodiscard]] char* text() { return reinterpret_cast<char*>(this + 1); }
    [[nodiscard]] const char* text() const { return reinterpret_cast<const char*>(this + 1); }

    struct release {
        /// What has ended is wiped: it may hold what logs a user in (S21).
        void operator()(entry* done) const {
            const std::size_t size = done->bytes();
            ::explicit_bzero(done->text(), size - sizeof(entry));
            ::operator delete(done, size);
        }
    };
    using owner = std::unique_ptr<entry, release>;

    [[nodiscard]] static owner make(const record_id& id, std::string_view name,
                                    std::string_view data) {
        auto* made = new (::operator new(bytes_for(name.size(), data.size())))
            entry{.hash = id.hash,
                  .in = id.in,
                  .version = no_version,
                  .created = {},
                  .seen = {},
                  .life = {},
                  .user = 0,
                  .name_size = std::uint32_t(name.size()),
                  .data_size = std::uint32_t(data.size()),
                  .bucket = 0,
                  .lasts = durability::memory,
                  .flags = 0,
                  .is_tombstone = false,
                  .is_stored = false,
                  .has_changed = false,
                  .is_touched = false,
                  .next = nullptr,
                  .previous = nullptr,
                  .newer = nullptr,
                  .older = nullptr};
        name.copy(made->text(), name.size());
        data.copy(made->text() + name.size(), data.size());
        return owner(made);
    }
};

}  // namespace hawser::store
