// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sessions/holding.h"

/// Hashes, sets and lists as a record's data: texts one after the other, each behind its length.
///
/// What is empty is the empty data. A change reads what is there once, from the beginning to the
/// end, and writes what it has become; nothing is built in between. Data is what was written here:
/// that it is whole is ensured.
namespace hawser::sessions {

/// The texts of a container, in their order.
class texts {
  public:
    explicit texts(std::string_view data) : left_(data) {}

    [[nodiscard]] bool is_over() const { return left_.empty(); }
    /// The next one; there is one.
    std::string_view next();
    [[nodiscard]] std::string_view rest() const { return left_; }

  private:
    std::string_view left_;
};

void append_text(std::string& to, std::string_view text);
[[nodiscard]] std::vector<std::string_view> texts_of(std::string_view data);
[[nodiscard]] std::size_t count_texts(std::string_view data);

/// A field of a hash; of a set, a member without a value.
struct field {
    std::string_view name;
    std::string_view value = {};

    friend bool operator==(const field&, const field&) = default;
};

/// Sorts by name; of those with the same name the last stays.
void settle(std::vector<field>& given);

/// A container after a change.
struct changed {
    std::string data;
    std::size_t count = 0;    ///< fields that are there now
    std::size_t touched = 0;  ///< fields that have come, or gone
};

/// Hashes (with values) and sets: fields by name, in the order of their names, each once.
class fields {
  public:
    fields(std::string_view data, holding as) : from_(data), have_values_(as == holding::hash) {}

    /// The next one, in the order of names.
    std::optional<field> next();
    [[nodiscard]] std::vector<field> all();
    /// Before any was read.
    [[nodiscard]] std::optional<field> find(std::string_view name);

    /// Those that are settled take the place of their namesakes.
    [[nodiscard]] changed with(std::span<const field> given);
    [[nodiscard]] changed without(std::span<const field> given);

  private:
    void append(std::string& to, const field& one) const;

    texts from_;
    bool have_values_;
};

}  // namespace hawser::sessions
