// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "store/block_heap.h"
#include "store/record.h"

namespace hawser::store {

struct entry;

/// From an entry to another one of the same heap, in four bytes: how many steps away it is.
class entry_link {
  public:
    entry_link() = default;
    entry_link(const entry_link&) = delete;
    entry_link& operator=(const entry_link&) = delete;

    entry_link& operator=(entry* to) {
        steps_ = to == nullptr
                     ? nobody
                     : std::int32_t((reinterpret_cast<std::intptr_t>(to) - here()) / step);
        return *this;
    }
    [[nodiscard]] entry* get() const {
        if (steps_ == nobody) return nullptr;
        // NOLINTNEXTLINE(performance-no-int-to-ptr): a distance between two blocks has no pointer
        return reinterpret_cast<entry*>(here() + steps_ * step);
    }
    entry* operator->() const { return get(); }
    friend bool operator==(const entry_link& one, const entry* other) { return one.get() == other; }

  private:
    static constexpr std::intptr_t step = block_heap::step;
    static constexpr std::int32_t nobody = std::numeric_limits<std::int32_t>::min();

    /// The step that it lies in: a link is part of an entry, which begins with one.
    [[nodiscard]] std::intptr_t here() const {
        return reinterpret_cast<std::intptr_t>(this) & -step;
    }

    std::int32_t steps_ = nobody;
};

/// A span of time in four bytes: to the millisecond up to 24 days, to the second beyond.
class short_span {
  public:
    short_span() = default;
    explicit short_span(std::chrono::milliseconds span) {
        const auto count = std::uint64_t(std::max<std::int64_t>(span.count(), 0));
        constexpr std::uint64_t most = in_seconds - 1;
        if (count <= most)
            value_ = std::uint32_t(count);
        else
            value_ = std::uint32_t(std::min((count + 999) / 1000, most)) | in_seconds;
    }
    [[nodiscard]] std::chrono::milliseconds get() const {
        const std::int64_t count = value_ & ~in_seconds;
        return std::chrono::milliseconds((value_ & in_seconds) != 0 ? count * 1000 : count);
    }

  private:
    static constexpr std::uint32_t in_seconds = std::uint32_t{1} << 31;
    std::uint32_t value_ = 0;
};

/// A record in memory: one block with its name and its data behind it, unless that is large: then
/// they lie in a block of their own. A tombstone is one without either.
struct entry {
    std::array<std::uint64_t, 2> hash;
    space* in;
    hawser::store::version version;
    steady_time created;
    steady_time seen;
    steady_time expires;
    std::uint64_t user;
    short_span idle;
    short_span absolute;
    std::uint32_t name_size;
    std::uint32_t data_size;

    // Circular lists: the others of its bucket, and its namespace's by when they were seen.

    entry_link next;
    entry_link previous;
    entry_link newer;
    entry_link older;

    std::uint16_t bucket;     ///< of the wheel
    std::uint16_t linked_at;  ///< when it became the last of its namespace's list, in seconds
    durability lasts;
    std::uint8_t flags;
    bool is_tombstone : 1;
    bool is_large : 1;
    bool is_stored : 1;    ///< a store outside of memory has been given it, or one before it
    bool has_changed : 1;  ///< and is to be stored
    bool is_touched : 1;   ///< what covers its touches is

    [[nodiscard]] std::string_view name() const { return {text(), name_size}; }
    [[nodiscard]] std::string_view data() const { return {text() + name_size, data_size}; }
    [[nodiscard]] std::size_t bytes() const { return bytes_for(name_size, data_size); }
    [[nodiscard]] static std::size_t bytes_for(std::size_t name, std::size_t data) {
        return sizeof(entry) + name + data;
    }

    [[nodiscard]] lifetime life() const {
        return {.expires = expires, .idle = idle.get(), .absolute = absolute.get()};
    }
    void set_life(const lifetime& life) {
        expires = life.expires;
        idle = short_span(life.idle);
        absolute = short_span(life.absolute);
    }
    [[nodiscard]] steady_time ends() const { return life().end_of(created, seen); }
    [[nodiscard]] record_view view() const {
        return {.name = name(),
                .data = data(),
                .life = life(),
                .user = user,
                .lasts = lasts,
                .flags = flags,
                .version = version,
                .created = created,
                .seen = seen};
    }

    [[nodiscard]] const char* text() const {
        const char* begin = reinterpret_cast<const char*>(this + 1);
        if (!is_large) return begin;
        const char* far = nullptr;
        std::memcpy(static_cast<void*>(&far), begin, sizeof far);
        return far;
    }
    [[nodiscard]] char* text() { return const_cast<char*>(std::as_const(*this).text()); }

    /// Whether so much text fits where this one's lies, and takes as much room there.
    [[nodiscard]] bool has_room_for(std::size_t size) const {
        const std::size_t mine = name_size + std::size_t{data_size};
        if (is_large || needs_own_block(size)) return is_large && mine == size;
        return block_heap::room_for(sizeof(entry) + mine) ==
               block_heap::room_for(sizeof(entry) + size);
    }
    /// Puts other data in the place of its own; there is room for it.
    void replace_data(std::string_view data) {
        char* const begin = text() + name_size;
        data.copy(begin, data.size());
        if (data.size() < data_size) ::explicit_bzero(begin + data.size(), data_size - data.size());
        data_size = std::uint32_t(data.size());
    }

    /// Nothing is in it any more.
    void wipe() {
        const std::unique_ptr<char[]> far(is_large ? text() : nullptr);
        ::explicit_bzero(text(), name_size + std::size_t{data_size});
        name_size = data_size = 0;
        user = 0;
        flags = 0;
        is_large = false;
    }

    struct release {
        block_heap* from = nullptr;  ///< null: it is a copy, which has come from nowhere

        /// What has ended is wiped: it may hold what logs a user in (S21).
        void operator()(entry* done) const {
            done->wipe();
            if (from != nullptr)
                from->give_back(done);
            else
                ::operator delete(done);
        }
    };
    using owner = std::unique_ptr<entry, release>;

    /// Null: the heap has no room. Without a heap: a copy that is in no list.
    [[nodiscard]] static owner make(block_heap* in, const record_id& id, std::string_view name,
                                    std::string_view data);

  private:
    [[nodiscard]] static bool needs_own_block(std::size_t text) {
        return sizeof(entry) + text > block_heap::block_max;
    }
};
static_assert(sizeof(entry) == 104);

}  // namespace hawser::store
