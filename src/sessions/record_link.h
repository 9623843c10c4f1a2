// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "async/task.h"
#include "base/clock.h"
#include "base/result.h"
#include "sessions/name_space.h"
#include "store/store.h"

namespace hawser::sessions {

/// How a pool's sessions lead to what their application keeps in them: by the cookie that carries
/// the id, which ends the record's name.
///
/// Where nobody serves the namespace any more, as another process does, it finds nothing.
class record_link {
  public:
    struct settings {
        std::string cookie;
        std::string prefix;  ///< of records' names
    };

    record_link(store::store& kept, std::shared_ptr<name_space> in,
                std::shared_ptr<const std::atomic<bool>> is_open, settings by)
        : store_(kept), in_(std::move(in)), is_open_(std::move(is_open)), by_(std::move(by)) {}

    [[nodiscard]] const std::string& cookie() const noexcept { return by_.cookie; }
    [[nodiscard]] name_space& in() const noexcept { return *in_; }

    /// Where the record lies that a cookie of that value names; nothing: it names none.
    [[nodiscard]] std::optional<store::record_id> place_of(std::string_view value) const;

    /// What is there, without being seen.
    [[nodiscard]] std::optional<store::record> look(const store::record_id& at,
                                                    steady_time now) const;

    /// Whether `set_worth` would change anything.
    [[nodiscard]] bool is_worth_changing(const store::record_id& at, bool valuable,
                                         steady_time now) const;
    /// By the word of whoever leads to it, the session is worth more than others, or no more than
    /// its data says.
    [[nodiscard]] task<> set_worth(store::record_id at, bool valuable) const;

    /// False: nobody was there.
    [[nodiscard]] task<result<bool>> end(store::record_id at) const;

  private:
    /// How it is to be kept; nothing: as it is.
    [[nodiscard]] std::optional<store::grade> due(const store::record_view& there,
                                                  bool valuable) const;

    store::store& store_;
    std::shared_ptr<name_space> in_;
    std::shared_ptr<const std::atomic<bool>> is_open_;
    settings by_;
};

}  // namespace hawser::sessions
