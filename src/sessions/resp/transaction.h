// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "store/record.h"

namespace hawser::sessions::resp {

struct command;

/// What a client has sent since MULTI, to be done in a row by EXEC, and the keys that it watches:
/// if one of them has changed by then, nothing is done.
class transaction {
  public:
    struct queued {
        const command* what;
        std::vector<std::string> arguments;
    };
    /// What a watched key was; nothing: nobody was there.
    struct state {
        store::version at;
        steady_time expires;

        friend bool operator==(const state&, const state&) = default;
    };
    struct watched {
        std::string key;
        std::optional<state> was;
    };

    [[nodiscard]] bool is_open() const { return is_open_; }
    void open() { is_open_ = true; }
    /// False: it would be too large.
    [[nodiscard]] bool add(const command& what, std::span<const std::string_view> arguments);
    /// Something of it could not be taken: EXEC refuses all of it.
    void spoil() { is_spoilt_ = is_open_; }
    [[nodiscard]] bool is_spoilt() const { return is_spoilt_; }
    /// All of it; then it is closed, and nothing is watched.
    [[nodiscard]] std::vector<queued> take();
    void close() { *this = {}; }
    /// What it was about is out of reach: nothing of it is done, and nothing is watched. One that
    /// is open stays so until its end, which is refused: half of it would be done otherwise.
    void abandon();

    /// False: too many are, or their names are too long.
    [[nodiscard]] bool watch(std::string_view key, const std::optional<state>& is);
    void unwatch() {
        watched_.clear();
        watched_bytes_ = 0;
    }
    [[nodiscard]] const std::vector<watched>& all_watched() const { return watched_; }

  private:
    std::vector<queued> commands_;
    std::vector<watched> watched_;
    std::size_t bytes_ = 0;
    std::size_t watched_bytes_ = 0;  ///< of names
    bool is_open_ = false;
    bool is_spoilt_ = false;
};

}  // namespace hawser::sessions::resp
