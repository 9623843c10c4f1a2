// SPDX-License-Identifier: Apache-2.0
#include "sessions/sorted_set.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "base/big_endian.h"
#include "base/ensure.h"
#include "sessions/containers.h"

namespace hawser::sessions {

namespace {

constexpr double whole_max = 9'007'199'254'740'992.0;  // 2^53: beyond, not each number is one

/// With both lengths.
constexpr std::size_t room_for_score = sizeof(std::uint64_t) + 2 * sizeof(std::uint32_t);

}  // namespace

sorted_set::sorted_set(std::string_view data) {
    all_.reserve(data.size() / (2 * room_for_score));
    for (texts from(data); !from.is_over();) {
        const auto score = from.next();
        ensure(score.size() == sizeof(std::uint64_t), "a score has eight bytes");
        const std::span bytes(reinterpret_cast<const std::uint8_t*>(score.data()), score.size());
        const auto bits = big_endian<std::uint64_t>(bytes.first<sizeof(std::uint64_t)>());
        all_.push_back({.score = std::bit_cast<double>(bits), .name = from.next()});
    }
}

std::span<const scored> sorted_set::within(const score_range& range) const {
    const auto first = std::ranges::partition_point(
        all_, [&](const scored& each) { return range.is_below(each.score); });
    const auto last = std::partition_point(
        first, all_.end(), [&](const scored& each) { return !range.is_above(each.score); });
    return {first, last};
}

std::optional<double> sorted_set::find(std::string_view name) const {
    const auto found = std::ranges::find(all_, name, &scored::name);
    return found == all_.end() ? std::nullopt : std::optional(found->score);
}

sorted_set::effect sorted_set::put(std::span<const scored> given, const score_rule& by) {
    struct standing {
        std::optional<double> score = {};  // none: it is not there
        bool moves = false;
    };
    std::unordered_map<std::string_view, standing> mine;
    for (const auto& each : given) mine.try_emplace(each.name);
    for (const auto& each : all_)
        if (const auto found = mine.find(each.name); found != mine.end())
            found->second.score = each.score;
    effect done;
    for (const auto& each : given) {
        auto& [score, moves] = mine.at(each.name);
        if (score ? by.only_new : by.only_present) continue;
        if (score && (each.score == *score || (by.only_greater && each.score < *score) ||
                      (by.only_less && each.score > *score)))
            continue;
        ++(score ? done.changed : done.added);
        score = each.score;
        moves = true;
    }
    std::erase_if(all_, [&](const scored& each) {
        const auto found = mine.find(each.name);
        return found != mine.end() && found->second.moves;
    });
    std::vector<scored> moved;
    for (const auto& [name, one] : mine)
        if (one.moves) moved.push_back({.score = *one.score, .name = name});
    std::sort(moved.begin(), moved.end());
    std::vector<scored> merged(all_.size() + moved.size());
    std::merge(all_.begin(), all_.end(), moved.begin(), moved.end(), merged.begin());
    all_ = std::move(merged);
    return done;
}

std::size_t sorted_set::remove(std::vector<std::string_view> names) {
    std::ranges::sort(names);
    return std::erase_if(
        all_, [&](const scored& each) { return std::ranges::binary_search(names, each.name); });
}

std::size_t sorted_set::remove(const score_range& range) {
    return std::erase_if(all_, [&](const scored& each) {
        return !range.is_below(each.score) && !range.is_above(each.score);
    });
}

std::string sorted_set::write() const {
    std::size_t room = 0;
    for (const auto& each : all_) room += each.name.size() + room_for_score;
    std::string data;
    data.reserve(room);
    std::array<std::uint8_t, sizeof(std::uint64_t)> bytes{};
    for (const auto& each : all_) {
        put_big_endian(std::span(bytes), std::bit_cast<std::uint64_t>(each.score));
        append_text(data, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
        append_text(data, each.name);
    }
    return data;
}

std::optional<double> score_of(std::string_view text) {
    if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
    double score = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, failed] = std::from_chars(text.data(), end, score);
    if (failed != std::errc() || stop != end || std::isnan(score)) return std::nullopt;
    return score + 0.0;  // there is one zero only
}

std::string text_of(double score) {
    if (std::isinf(score)) return score > 0 ? "inf" : "-inf";
    if (std::trunc(score) == score && std::abs(score) < whole_max)
        return std::to_string(std::int64_t(score));
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), score).ptr;
    return {digits.data(), end};
}

}  // namespace hawser::sessions
