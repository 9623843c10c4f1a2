// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sessions/readings.h"
#include "store/record.h"

namespace hawser::sessions {

/// What becomes of a save that is not based on what is there.
enum class save_policy : std::uint8_t {
    last_writer,  ///< it takes its place
    merge,        ///< both changes are kept, as far as they can be
    reject,       ///< it is refused
};

/// What to do with a save.
struct settlement {
    enum class what : std::uint8_t {
        touch,        ///< nothing changes but when the session ends
        write,        ///< based on what is there, or nobody knows on what
        merge,        ///< together with what others have saved since
        overwrite,    ///< it undoes what others have saved since
        unmergeable,  ///< the same, as it cannot be merged without loss
        reject,
    };
    what is = what::write;
    std::string data = {};            ///< to keep, but for `touch` and `reject`
    std::size_t conflicts = 0;        ///< values that both had changed
    std::optional<std::size_t> by{};  ///< the reading it is based on; none: nobody knows
};

/// What a save may be based on.
struct bases {
    /// Those of whoever saves, the likeliest first. Where they differ, it is the one from which the
    /// save has changed least: what a request has read and what it makes of that are close.
    std::vector<reading> own = {};
    bool ends_with_saved = false;  ///< the last of them was saved, not read
    /// What was read lately and nothing has answered yet, wherever. A save that is closer to one of
    /// these than to any of its own was read elsewhere: reads and saves come on different
    /// connections, and nobody knows on what it is based.
    std::vector<reading> open = {};
};

/// The same where the last writer wins, of data that lies where it is: `base` is the version that
/// it is based on, if that is known, and `changes_nothing` of what was read there.
[[nodiscard]] settlement::what reconcile_last(std::optional<store::version> base,
                                              bool changes_nothing, store::version at,
                                              std::string_view there, std::string_view given);

/// Settles what a client saves over what is `there`.
[[nodiscard]] settlement reconcile(save_policy by, const bases& from, const store::record& there,
                                   std::string_view given);

}  // namespace hawser::sessions
