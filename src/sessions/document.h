// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hawser::sessions {

/// A JSON value that loses nothing of how it was written but blanks: numbers keep their digits,
/// however many, and fields their order.
struct document {
    enum class kind : std::uint8_t { null, boolean, number, string, array, object };

    kind is = kind::null;
    std::string text = {};  ///< `true`, `false`, a number as written, a string's bytes
    std::vector<std::string> names = {};  ///< of an object's fields
    std::vector<document> items = {};     ///< an array's, or the fields' values

    [[nodiscard]] static document empty_object() { return {.is = kind::object}; }

    /// Nothing if it cannot be kept without loss: no JSON, a name twice in one object, bytes that
    /// are no UTF-8, half of a surrogate pair, nested too deeply.
    [[nodiscard]] static std::optional<document> read(std::string_view text);
    [[nodiscard]] std::string write() const;
};

/// Finds an object's fields by their names in about the same time, however many it has: clients
/// choose them.
class field_index {
  public:
    explicit field_index(const document& object);
    [[nodiscard]] const document* find(std::string_view name) const;

  private:
    const document& object_;
    std::vector<std::uint32_t> by_name_;  // of those with many fields: their places, sorted
};

/// Whether both mean the same: the order of fields means nothing.
[[nodiscard]] bool is_same(const document& one, const document& other);

}  // namespace hawser::sessions
