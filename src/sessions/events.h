// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hawser::sessions {

/// What kinds of events there are, and at which channels they are told: what Redis calls
/// `notify-keyspace-events`, in its order.
enum class event_kind : std::uint16_t {
    none = 0,
    generic = 1 << 0,
    strings = 1 << 1,
    lists = 1 << 2,
    sets = 1 << 3,
    hashes = 1 << 4,
    sorted_sets = 1 << 5,
    expired = 1 << 6,
    evicted = 1 << 7,
    streams = 1 << 8,
    modules = 1 << 9,
    by_record = 1 << 10,  ///< at `__keyspace@0__:` and the record's name
    by_event = 1 << 11,   ///< at `__keyevent@0__:` and the event's
};

/// Some of them.
class event_kinds {
  public:
    event_kinds() = default;

    /// Of a text such as `Egx`; nothing: it has something else in it.
    [[nodiscard]] static std::optional<event_kinds> read(std::string_view text);
    /// As Redis writes it, whatever it was read from.
    [[nodiscard]] std::string write() const;

    [[nodiscard]] bool has(event_kind one) const { return (bits_ & std::uint16_t(one)) != 0; }
    /// Whether an event of any kind is told.
    [[nodiscard]] bool says_anything() const {
        return (has(event_kind::by_record) || has(event_kind::by_event)) && (bits_ & all) != 0;
    }

    friend bool operator==(const event_kinds&, const event_kinds&) = default;

  private:
    static constexpr std::uint16_t all = (1 << 10) - 1;

    std::uint16_t bits_ = 0;
};

/// What has become of a record, in Redis's words.
struct record_event {
    std::string_view name = {};
    event_kind kind = event_kind::none;  ///< that is not told
};

namespace events {

inline constexpr record_event append{"append", event_kind::strings};
inline constexpr record_event copy_to{"copy_to", event_kind::generic};
inline constexpr record_event del{"del", event_kind::generic};
inline constexpr record_event evicted{"evicted", event_kind::evicted};
inline constexpr record_event expire{"expire", event_kind::generic};
inline constexpr record_event expired{"expired", event_kind::expired};
inline constexpr record_event hdel{"hdel", event_kind::hashes};
inline constexpr record_event hincrby{"hincrby", event_kind::hashes};
inline constexpr record_event hset{"hset", event_kind::hashes};
inline constexpr record_event incrby{"incrby", event_kind::strings};
inline constexpr record_event lpush{"lpush", event_kind::lists};
inline constexpr record_event persist{"persist", event_kind::generic};
inline constexpr record_event rename_from{"rename_from", event_kind::generic};
inline constexpr record_event rename_to{"rename_to", event_kind::generic};
inline constexpr record_event rpush{"rpush", event_kind::lists};
inline constexpr record_event sadd{"sadd", event_kind::sets};
inline constexpr record_event set{"set", event_kind::strings};
inline constexpr record_event srem{"srem", event_kind::sets};
inline constexpr record_event zadd{"zadd", event_kind::sorted_sets};
inline constexpr record_event zrem{"zrem", event_kind::sorted_sets};
inline constexpr record_event zremrangebyscore{"zremrangebyscore", event_kind::sorted_sets};

}  // namespace events

}  // namespace hawser::sessions
