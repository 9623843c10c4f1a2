// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "affinity/affinity.h"
#include "affinity/context.h"
#include "affinity/issuer.h"

namespace hawser::affinity {

/// The values that a request shows under one name. Equal ones are one; of differing ones nobody
/// can say which the server will believe, so they name no session.
class values {
  public:
    void take(std::string_view value) {
        if (count_++ == 0)
            first_ = value;
        else if (value != first_)
            differ_ = true;
    }

    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] bool differ() const { return differ_; }
    [[nodiscard]] std::string_view first() const { return first_; }

  private:
    std::string_view first_;
    std::size_t count_ = 0;
    bool differ_ = false;
};

/// How a text under a name becomes a session's key.
///
/// The name and the text decide, not where they stand: a session id is the same one in a cookie, a
/// header and a path. Quotes around the text do not count; letter case does, unless told otherwise.
/// An empty text names no session, and one longer than `limits::session_value_max` none either.
class value_key {
  public:
    value_key(const context& made_for, std::string_view name, bool ignores_case);

    /// Of all values under one name.
    [[nodiscard]] static std::uint64_t scope_of(const context& made_for, std::string_view name);

    [[nodiscard]] sighting of(const values& shown) const;
    [[nodiscard]] sighting of(std::string_view value) const;
    /// Of values that are percent-encoded, as those of a URI are.
    [[nodiscard]] sighting of_escaped(const values& shown) const;

  private:
    std::shared_ptr<issuer> issuer_;
    std::uint64_t scope_;
    bool ignores_case_;
};

}  // namespace hawser::affinity
