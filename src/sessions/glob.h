// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace hawser::sessions {

/// Whether `text` is of the form `pattern`: `*` any bytes, `?` one, `[a-z]` `[^ab]` one of those
/// or none of those, `\` takes the next byte as it is. At most as many steps as the product of both
/// lengths, whatever the pattern.
[[nodiscard]] bool matches(std::string_view pattern, std::string_view text);

/// Patterns that every name is held against: of those that only name a beginning or an end, as
/// most do, that is known beforehand.
class name_patterns {
  public:
    name_patterns() = default;
    name_patterns(std::initializer_list<std::string> all)
        : name_patterns(std::vector<std::string>(all)) {}
    name_patterns(const std::vector<std::string>& all);  // NOLINT(*-explicit-*): they are the same

    /// Whether one of them is the name's.
    [[nodiscard]] bool match(std::string_view name) const;

    friend bool operator==(const name_patterns&, const name_patterns&) = default;

  private:
    struct form {
        enum class kind : unsigned char { whole, beginning, end, any };
        kind is;
        std::string text;  ///< of `any` the pattern, else what it names

        friend bool operator==(const form&, const form&) = default;
    };
    std::vector<form> forms_;
};

/// The same in slices, for patterns and texts that somebody else chooses. Both outlive it.
class glob_match {
  public:
    glob_match(std::string_view pattern, std::string_view text) noexcept
        : pattern_(pattern), text_(text) {}

    /// Goes on by about so many bytes of the pattern; false: there is more to do.
    [[nodiscard]] bool go(std::size_t steps);

    /// What came of it, once `go` has returned true.
    [[nodiscard]] bool has_matched() const noexcept { return has_matched_; }

  private:
    static constexpr std::size_t none = std::string_view::npos;

    std::string_view pattern_;
    std::string_view text_;
    std::size_t at_ = 0;       ///< in the pattern
    std::size_t here_ = 0;     ///< in the text
    std::size_t star_ = none;  ///< behind the last `*`
    std::size_t taken_ = 0;    ///< where that has come to in the text
    bool has_matched_ = false;
};

}  // namespace hawser::sessions
