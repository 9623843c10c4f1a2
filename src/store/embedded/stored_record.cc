// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/stored_record.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <utility>

#include "base/big_endian.h"
#include "base/ensure.h"
#include "store/embedded/table.h"

namespace hawser::store {

namespace {

constexpr std::uint8_t plain_form = 1;
constexpr std::uint8_t packed_form = 2;  // the same, packed; its size stands before it
// The same with flags that versions before did not know: they drop it, rather than take it for
// something else.
constexpr std::uint8_t flagged = 2;
constexpr std::uint8_t flags_of_first_forms = 1;
constexpr std::size_t packed_from = 1024;
constexpr std::size_t packed_by_dictionary_from = 256;
constexpr std::size_t record_max = std::size_t{64} * 1024 * 1024;  // unpacked; no setting allows it

std::span<const std::uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
std::span<std::uint8_t> room_of(std::string& text) {
    return {reinterpret_cast<std::uint8_t*>(text.data()), text.size()};
}

template <std::unsigned_integral Number>
void put(std::string& into, Number value) {
    std::array<std::uint8_t, sizeof(Number)> text;
    put_big_endian(std::span(text), value);
    into.append(reinterpret_cast<const char*>(text.data()), text.size());
}

/// Reads numbers from what was sealed by us: that it is whole is known, and ensured.
class parts {
  public:
    explicit parts(std::string_view from) : left_(from) {}

    template <std::unsigned_integral Number>
    Number number() {
        return big_endian<Number>(bytes_of(text(sizeof(Number))).template first<sizeof(Number)>());
    }
    std::string_view text(std::size_t size) {
        ensure(left_.size() >= size, "what was sealed whole is opened whole");
        return std::exchange(left_, left_.substr(size)).substr(0, size);
    }
    [[nodiscard]] std::string_view rest() const { return left_; }

  private:
    std::string_view left_;
};

constexpr std::uint64_t never = ~std::uint64_t{0};

/// The wall clock's time, rounded up, and by what was cut off when it was read: nothing ends too
/// early by it.
std::uint64_t wall_of(steady_time when, const instant& now) {
    if (when == no_deadline) return never;
    constexpr auto cut = std::chrono::milliseconds(1);
    const auto away = std::chrono::ceil<std::chrono::milliseconds>(when - now.steady) + cut;
    return std::uint64_t((now.wall + away).time_since_epoch().count());
}

steady_time steady_of(std::uint64_t wall, const instant& now) {
    if (wall == never) return no_deadline;
    const auto away = std::chrono::milliseconds(std::int64_t(wall)) - now.wall.time_since_epoch();
    // So far away that the clocks cannot say it: as good as never, or long ago.
    constexpr auto farthest = std::chrono::hours(200 * 365 * 24);
    if (away > farthest) return no_deadline;
    return now.steady + std::max<std::chrono::milliseconds>(away, -farthest);
}

void put_record(std::string& into, const entry& one, const instant& now) {
    put(into, std::uint8_t(one.is_tombstone));
    put(into, std::uint8_t(one.lasts));
    put(into, one.flags);
    put(into, one.user);
    put(into, std::uint64_t(one.version));
    put(into, wall_of(one.created, now));
    put(into, wall_of(one.seen, now));
    put(into, wall_of(one.expires, now));
    put(into, std::uint64_t(one.idle.get().count()));
    put(into, std::uint64_t(one.absolute.get().count()));
    put(into, one.name_size);
    into.append(one.name()).append(one.data());
}

entry::owner record_of(const record_id& id, std::string_view plain, const instant& now,
                       block_heap& into) {
    parts from(plain);
    const bool is_tombstone = from.number<std::uint8_t>() != 0;
    const auto lasts = durability(from.number<std::uint8_t>());
    const auto flags = from.number<std::uint8_t>();
    const auto user = from.number<std::uint64_t>();
    const auto version = from.number<std::uint64_t>();
    const steady_time created = steady_of(from.number<std::uint64_t>(), now);
    const steady_time seen = steady_of(from.number<std::uint64_t>(), now);
    lifetime life;
    life.expires = steady_of(from.number<std::uint64_t>(), now);
    life.idle = std::chrono::milliseconds(std::int64_t(from.number<std::uint64_t>()));
    life.absolute = std::chrono::milliseconds(std::int64_t(from.number<std::uint64_t>()));
    const std::string_view name = from.text(from.number<std::uint32_t>());
    auto made = entry::make(&into, id, name, from.rest());
    ensure(made != nullptr, "what was in memory once is so again");
    made->is_tombstone = is_tombstone;
    made->lasts = lasts;
    made->flags = flags;
    made->user = user;
    made->version = hawser::store::version(version);
    // A clock that was set back makes nobody younger than now.
    made->created = std::min(created, now.steady);
    made->seen = std::min(seen, now.steady);
    made->set_life(life);
    return made;
}

}  // namespace

std::string stored_prefix(const space& in) {
    ensure(in.name().size() < 256, "names of namespaces are short");
    std::string made(1, char(in.name().size()));
    return made.append(in.name());
}

std::string stored_key(const record_id& id, stored_kind what) {
    std::string made = stored_prefix(*id.in);
    for (const auto half : id.hash) put(made, half);
    put(made, std::uint8_t(what));
    return made;
}

std::optional<key_parts> parse_stored_key(space& in, std::string_view key) {
    const std::size_t prefix = 1 + in.name().size();
    if (key.size() != prefix + 2 * sizeof(std::uint64_t) + 1) return std::nullopt;
    parts from(key.substr(prefix));
    key_parts made{.id = {.in = &in}, .what = {}};
    for (auto& half : made.id.hash) half = from.number<std::uint64_t>();
    const auto what = from.number<std::uint8_t>();
    if (what > std::uint8_t(stored_kind::touches)) return std::nullopt;
    made.what = stored_kind(what);
    return made;
}

std::string dictionary_prefix(const space& in) {
    return table::own_key("dictionary ").append(stored_prefix(in));
}

std::string dictionary_key(const space& in, std::uint32_t number) {
    std::string made = dictionary_prefix(in);
    put(made, number);
    return made;
}

std::optional<std::uint32_t> parse_dictionary_key(const space& in, std::string_view key) {
    const std::size_t prefix = dictionary_prefix(in).size();
    if (key.size() != prefix + sizeof(std::uint32_t)) return std::nullopt;
    return parts(key.substr(prefix)).number<std::uint32_t>();
}

std::string record_sealer::seal(std::string_view key, const entry& one, const instant& now) {
    const std::uint8_t more = one.flags > flags_of_first_forms ? flagged : 0;
    plain_.assign(1, char(plain_form + more));
    put_record(plain_, one, now);
    pack(one);
    return seal(key, now);
}

void record_sealer::pack(const entry& one) {
    const auto body = std::string_view(plain_).substr(1);
    if (body.size() < packed_by_dictionary_from) return;
    const dictionary* with = dictionaries_.current(*one.in);
    packed_.assign(1, char(packed_form + (std::uint8_t(plain_[0]) - plain_form)));
    put(packed_, std::uint32_t(body.size()));
    const std::size_t head = packed_.size();
    const bool is_smaller =
        (with != nullptr || body.size() >= packed_from) && packer_.pack(body, with, packed_);
    dictionaries_.note({.in = one.in, .hash = one.hash}, body,
                       is_smaller ? packed_.size() - head : 0);
    if (is_smaller) plain_.swap(packed_);
}

std::string record_sealer::seal(std::string_view key, const dictionary& one, const instant& now) {
    plain_.assign(1, char(plain_form)).append(one.bytes());
    return seal(key, now);
}

std::string record_sealer::seal(std::string_view key, const cover& one, const instant& now) {
    plain_.assign(1, char(plain_form));
    put(plain_, wall_of(one.seen, now));
    put(plain_, wall_of(one.expires, now));
    put(plain_, std::uint64_t(one.version));
    return seal(key, now);
}

std::string record_sealer::seal(std::string_view key, const instant& now) {
    std::string sealed(plain_.size() + crypto::sealer::overhead, '\0');
    sealer_.seal(bytes_of(plain_), bytes_of(key), now.wall, room_of(sealed));
    return sealed;
}

std::expected<std::string_view, stored_fault> record_sealer::open(std::string_view key,
                                                                  std::string_view sealed) {
    if (sealed.size() <= crypto::sealer::overhead) return std::unexpected(stored_fault::damaged);
    plain_.resize(sealed.size() - crypto::sealer::overhead);
    const auto opened = sealer_.open(bytes_of(sealed), bytes_of(key), room_of(plain_));
    if (!opened)
        return std::unexpected(opened.error() == crypto::seal_fault::unknown_key
                                   ? stored_fault::key_gone
                                   : stored_fault::damaged);
    return std::string_view(plain_);
}

std::expected<std::string_view, stored_fault> record_sealer::unpack(const space& in,
                                                                    std::string_view plain) {
    const auto form = std::uint8_t(plain[0]);
    if (form == plain_form || form == plain_form + flagged) return plain.substr(1);
    // A later version of ours has written it, or what follows is not what we write.
    if (form != packed_form && form != packed_form + flagged)
        return std::unexpected(stored_fault::damaged);
    parts from(plain.substr(1));
    packed_.resize(from.number<std::uint32_t>());
    ensure(packed_.size() <= record_max, "no setting allows a larger record");
    const auto id = packer::dictionary_of(from.rest());
    const dictionary* with = id != 0 ? dictionaries_.find(in, id) : nullptr;
    if (id != 0 && with == nullptr) return std::unexpected(stored_fault::dictionary_gone);
    if (!packer_.unpack(from.rest(), with, packed_)) return std::unexpected(stored_fault::damaged);
    return std::string_view(packed_);
}

std::expected<entry::owner, stored_fault> record_sealer::open_record(const record_id& id,
                                                                     std::string_view key,
                                                                     std::string_view sealed,
                                                                     const instant& now,
                                                                     block_heap& into) {
    const auto opened = open(key, sealed);
    if (!opened) return std::unexpected(opened.error());
    const auto plain = unpack(*id.in, *opened);
    if (!plain) return std::unexpected(plain.error());
    return record_of(id, *plain, now, into);
}

std::expected<dictionaries::one, stored_fault> record_sealer::open_dictionary(
    std::string_view key, std::string_view sealed) {
    const auto plain = open(key, sealed);
    if (!plain) return std::unexpected(plain.error());
    auto made =
        std::uint8_t(plain->front()) == plain_form ? dictionary::of(plain->substr(1)) : nullptr;
    if (made == nullptr) return std::unexpected(stored_fault::damaged);
    return made;
}

std::expected<cover, stored_fault> record_sealer::open_touches(std::string_view key,
                                                               std::string_view sealed,
                                                               const instant& now) {
    const auto plain = open(key, sealed);
    if (!plain) return std::unexpected(plain.error());
    parts from(plain->substr(1));
    cover made{};
    made.seen = steady_of(from.number<std::uint64_t>(), now);
    made.expires = steady_of(from.number<std::uint64_t>(), now);
    made.version = hawser::store::version(from.number<std::uint64_t>());
    return made;
}

}  // namespace hawser::store
