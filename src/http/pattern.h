// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace re2 {
class RE2;  // NOLINT(readability-identifier-naming): the library's
}

namespace hawser::http {

/// A regular expression in RE2's language, which always ends in time linear in the text (E165).
///
/// It matches anywhere in a text, unless `^` and `$` tie it down. Cheap to copy, shared by threads.
class pattern {
  public:
    /// `invalid`, with what is wrong, for a text that is no pattern or would take more memory than
    /// `limits::pattern_memory_max`.
    [[nodiscard]] static result<pattern> compile(std::string_view text);

    [[nodiscard]] bool matches(std::string_view text) const;
    /// The same; `into[0]` is what matched and `into[n]` its n-th group, empty if that took no
    /// part.
    [[nodiscard]] bool match(std::string_view text, std::span<std::string_view> into) const;

    [[nodiscard]] std::size_t groups() const;
    [[nodiscard]] const std::string& text() const;

  private:
    explicit pattern(std::shared_ptr<const re2::RE2> compiled) : compiled_(std::move(compiled)) {}

    std::shared_ptr<const re2::RE2> compiled_;
};

/// Patterns in an order, asked all at once where there are many.
class pattern_list {
  public:
    pattern_list();
    ~pattern_list();
    pattern_list(pattern_list&&) noexcept;
    pattern_list& operator=(pattern_list&&) noexcept;

    /// Adds one behind the others; only before `compile`.
    void add(pattern one);
    /// Once all are there.
    void compile();

    /// The places of those that match, lowest first.
    [[nodiscard]] std::vector<int> matches_of(std::string_view text) const;

    [[nodiscard]] bool empty() const noexcept { return all_.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return all_.size(); }
    [[nodiscard]] const pattern& operator[](std::size_t place) const { return all_[place]; }

  private:
    struct set;

    std::vector<pattern> all_;
    std::unique_ptr<set> at_once_;  ///< null: each is asked in turn
};

}  // namespace hawser::http
