// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_set>
#include <vector>

#include "store/embedded/packing.h"
#include "store/record.h"
#include "store/space.h"

namespace hawser::store {

/// By which dictionary the records of each namespace are packed, and when it is time for another.
///
/// It learns from what is written: enough of different records make a first one, and when records
/// have become so unlike those that they take a quarter more than they did, another one. A
/// dictionary that has come is used once it is added, which is when it lies where the records lie.
/// For one thread; another one trains.
class dictionaries {
  public:
    using one = std::shared_ptr<const dictionary>;

    static constexpr std::size_t samples = 256;        ///< of different records
    static constexpr std::size_t sample_bytes = 4096;  ///< from the beginning of each
    static constexpr std::size_t looked_at = 4096;     ///< records, to see how well they are packed
    static constexpr std::size_t tried_again = 65'536;  ///< records, when none was worth it
    static constexpr std::size_t of_one_space = 16;     ///< until the next start

    dictionaries() = default;
    ~dictionaries();
    dictionaries(const dictionaries&) = delete;
    dictionaries& operator=(const dictionaries&) = delete;

    /// What records of `in` are packed by; null: nothing.
    [[nodiscard]] const dictionary* current(const space& in) const;
    /// What they were packed by; null: there is no such one, any more.
    [[nodiscard]] const dictionary* find(const space& in, std::uint32_t id);

    /// A record was packed from so many bytes to so many; 0: they became no fewer.
    void note(const record_id& id, std::string_view plain, std::size_t packed);

    struct trained {
        const space* in = nullptr;
        one made;
    };
    /// One that has come, once; its namespace goes on with what it has until that is added.
    [[nodiscard]] std::optional<trained> take_trained();
    /// Records of `in` are packed by it from now on. Its number is the next, or the one it had.
    std::uint32_t add(const space& in, one what, std::optional<std::uint32_t> given = {});

    /// One of that number is there that cannot be opened now: no other one takes its place.
    void reserve(const space& in, std::uint32_t number);
    /// As if there had been none.
    void forget(const space& in);

    struct numbered {
        std::uint32_t number = 0;  ///< grows: the last one is current
        one what;
    };
    [[nodiscard]] const std::vector<numbered>& all(const space& in) const {
        return states_[in.number()].all;
    }
    /// Forgets those that no `find` has asked for, but for the current one; their numbers.
    [[nodiscard]] std::vector<std::uint32_t> drop_unused(const space& in);

    /// Bytes that packing has spared so far.
    [[nodiscard]] std::uint64_t spared() const noexcept { return spared_; }

  private:
    struct state {
        std::vector<numbered> all;
        std::uint32_t last_number = 0;  ///< of any that was there
        std::unordered_set<std::uint32_t> asked_for;

        bool is_learning = true;
        std::vector<std::string> samples;
        std::unordered_set<std::uint64_t> sampled;

        // Of the records since one was looked at last.
        std::size_t records = 0;
        std::uint64_t plain = 0;
        std::uint64_t packed = 0;
        double usual = 0;  ///< what is left of them by the current one; 0: not known yet
    };

    void learn(const space& in, std::uint64_t key, std::string_view plain);
    void look(state& at);
    static void begin_anew(state& at, bool is_learning);

    std::array<state, space::numbers_max> states_;
    std::uint64_t spared_ = 0;
    const space* trained_for_ = nullptr;
    std::future<one> training_;
    std::jthread trainer_;
};

}  // namespace hawser::store
