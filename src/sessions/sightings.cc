// SPDX-License-Identifier: Apache-2.0
#include "sessions/sightings.h"

#include <span>
#include <utility>

#include "base/open_addressing.h"

namespace hawser::sessions {

namespace {

constexpr std::size_t passed_over_max = 64;
constexpr std::size_t places_at_first = 16;

/// Nearby numbers are tests' only: what is looked up is a keyed hash.
std::size_t home_of(std::uint64_t key, std::size_t places) {
    return std::size_t(key * 0x9e3779b97f4a7c15U >> 32) & (places - 1);
}

}  // namespace

sightings::packed sightings::pack(const sighting& one) {
    return {.at = std::uint64_t(one.at),
            .reading = one.reading,
            .noted = std::uint64_t(one.noted.time_since_epoch().count()) & ~(1ULL << 63),
            .was_absent = one.was_absent};
}

sighting sightings::unpack(const packed& one) {
    return {.at = store::version(one.at),
            .reading = one.reading,
            .noted = steady_time(steady_time::duration(std::int64_t(one.noted))),
            .was_absent = one.was_absent != 0};
}

void sightings::expect(const store::record_id& id) const {
    if (seen_.size() < most) return;  // small as yet
    __builtin_prefetch(&places_[home_of(key_of(id), places_.size())]);
    __builtin_prefetch(&seen_[next_], 1);
}

void sightings::note(const store::record_id& id, const sighting& seen) {
    session& one = of(id, seen.noted);
    if (one.open == open_most) close(one, 0);
    if (one.open++ == 0)
        one.first = pack(seen);
    else
        more_[one.key].push_back(seen);
    await(one, seen.noted);
}

std::vector<sighting> sightings::open(const store::record_id& id) const {
    const session* one = find(id);
    if (one == nullptr || one->open == 0) return {};
    std::vector<sighting> all{unpack(one->first)};
    if (one->open > 1) {
        const auto& others = more_.at(one->key);
        all.insert(all.end(), others.begin(), others.end());
    }
    return all;
}

std::optional<sighting> sightings::oldest(const store::record_id& id) const {
    const session* one = find(id);
    return one == nullptr || one->open == 0 ? std::nullopt : std::optional(unpack(one->first));
}

std::optional<sighting> sightings::last(const store::record_id& id) const {
    const session* one = find(id);
    return one == nullptr || !one->has_last ? std::nullopt : std::optional(unpack(one->last));
}

void sightings::answer(const store::record_id& id, std::size_t which, const sighting& now) {
    session& one = of(id, now.noted);
    close(one, which);
    one.last = pack(now);
    one.has_last = true;
}

void sightings::answer(const store::record_id& id, std::size_t which) {
    if (session* one = find(id)) close(*one, which);
}

std::optional<sighting> sightings::answer_oldest(const store::record_id& id) {
    session* one = find(id);
    if (one == nullptr || one->open == 0) return std::nullopt;
    const sighting done = unpack(one->first);
    if (!one->has_last || store::version(one->last.at) < done.at) one->last = one->first;
    one->has_last = true;
    close(*one, 0);
    return done;
}

void sightings::close_before(const store::record_id& id, steady_time then) {
    for (auto first = oldest(id); first && first->noted < then; first = oldest(id))
        (void)answer_oldest(id);
}

void sightings::close(session& one, std::size_t which) {
    if (which >= one.open) return;
    if (--one.open == 0) {
        awaited_[std::size_t(&one - seen_.data())] = 0;
        return;
    }
    const auto others = more_.find(one.key);
    if (which == 0)
        one.first = pack(others->second.front());
    else
        --which;
    others->second.erase(others->second.begin() + std::ptrdiff_t(which));
    if (others->second.empty()) more_.erase(others);
}

const sightings::session* sightings::find(const store::record_id& id) const {
    if (places_.empty()) return nullptr;
    const std::uint16_t number = places_[place_of(key_of(id))];
    return number == 0 ? nullptr : &seen_[number - 1];
}

sightings::session& sightings::of(const store::record_id& id, steady_time now) {
    if (session* known = find(id)) return *known;
    const std::uint64_t key = key_of(id);
    if (seen_.size() < most) {
        if (places_.size() < 2 * (seen_.size() + 1)) grow();
        seen_.push_back({.key = key, .first = {}, .last = {}});
        awaited_.push_back(0);
        enter(key, seen_.size());
        return seen_.back();
    }
    // Whoever has been read just now will be saved; the others can wait for their turn.
    const std::uint32_t second = second_of(now);
    for (std::size_t i = 0; i < passed_over_max && awaited_[next_] >= second; ++i)
        next_ = (next_ + 1) % most;
    session& taken = seen_[next_];
    leave(taken.key);
    if (taken.open > 1) more_.erase(taken.key);
    taken = {.key = key, .first = {}, .last = {}};
    awaited_[next_] = 0;
    enter(key, next_ + 1);
    next_ = (next_ + 1) % most;
    return taken;
}

/// Where the number of its session stands, or would.
std::size_t sightings::place_of(std::uint64_t key) const {
    std::size_t at = home_of(key, places_.size());
    while (places_[at] != 0 && seen_[places_[at] - 1].key != key)
        at = (at + 1) & (places_.size() - 1);
    return at;
}

void sightings::enter(std::uint64_t key, std::size_t number) {
    std::size_t at = home_of(key, places_.size());
    while (places_[at] != 0) at = (at + 1) & (places_.size() - 1);
    places_[at] = std::uint16_t(number);
}

void sightings::leave(std::uint64_t key) {
    close_gap(std::span(places_), place_of(key), [this](std::uint16_t number) {
        return home_of(seen_[number - 1].key, places_.size());
    });
}

void sightings::grow() {
    places_.assign(places_.empty() ? places_at_first : 2 * places_.size(), 0);
    for (std::size_t i = 0; i < seen_.size(); ++i) enter(seen_[i].key, i + 1);
}

}  // namespace hawser::sessions
