// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hawser::sessions {

/// A member of a sorted set.
struct scored {
    double score = 0;
    std::string_view name;

    friend bool operator==(const scored&, const scored&) = default;
    /// By score, then by name: the order of the set.
    friend bool operator<(const scored& one, const scored& other) {
        return one.score != other.score ? one.score < other.score : one.name < other.name;
    }
};

/// Which scores are meant.
struct score_range {
    double from = 0;
    double to = 0;
    bool without_from = false;
    bool without_to = false;

    [[nodiscard]] bool is_below(double score) const {
        return without_from ? score <= from : score < from;
    }
    [[nodiscard]] bool is_above(double score) const {
        return without_to ? score >= to : score > to;
    }
};

/// Under what condition a member is set.
struct score_rule {
    bool only_new = false;
    bool only_present = false;
    bool only_greater = false;
    bool only_less = false;
};

/// A sorted set out of a record's data, and back: scores and names, one after the other, by score.
class sorted_set {
  public:
    explicit sorted_set(std::string_view data);

    /// In their order.
    [[nodiscard]] const std::vector<scored>& all() const { return all_; }
    [[nodiscard]] std::span<const scored> within(const score_range& range) const;
    [[nodiscard]] std::optional<double> find(std::string_view name) const;

    struct effect {
        std::size_t added = 0;
        std::size_t changed = 0;
    };
    /// Of those with the same name the last counts.
    effect put(std::span<const scored> given, const score_rule& by);
    /// How many of them were there.
    std::size_t remove(std::vector<std::string_view> names);
    std::size_t remove(const score_range& range);

    [[nodiscard]] std::string write() const;

  private:
    std::vector<scored> all_;
};

/// A number, `inf` or `-inf`; nothing: it is none.
[[nodiscard]] std::optional<double> score_of(std::string_view text);
/// As clients read it.
[[nodiscard]] std::string text_of(double score);

}  // namespace hawser::sessions
