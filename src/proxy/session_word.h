// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/ids.h"
#include "http/field.h"

namespace hawser::proxy {

/// What a server says in an answer about the session that it belongs to: `Hawser-Session: move`.
///
/// Words in a list, in one field or several. What is not understood is passed over: the server may
/// be made for a later version. Clients neither see the field nor can send it.
struct session_word {
    static constexpr std::string_view field = "Hawser-Session";

    bool ends = false;                     ///< `end`
    std::chrono::seconds extends{0};       ///< `extend=SECONDS`; 0: not at all
    bool moves = false;                    ///< `move`, or `move=SERVER`
    std::string_view successor = {};       ///< where to; empty: to whichever server
    std::optional<bool> may_move = {};     ///< `may-move`, `may-not-move`
    std::optional<bool> is_valuable = {};  ///< `valuable`, `ordinary`
    bool accepts = false;                  ///< `accept`

    [[nodiscard]] bool is_silent() const noexcept {
        return !ends && extends.count() == 0 && !moves && !may_move && !is_valuable && !accepts;
    }

    /// One line of the field more.
    void take(std::string_view said);

  private:
    void take_word(std::string_view word);
};

/// What an answer says to Hawser alone, found in one look at its fields.
struct server_words {
    std::optional<generation> instance;  ///< the process that answers, if it says so
    session_word session;

    [[nodiscard]] static server_words in(const http::field_list& fields);
};

}  // namespace hawser::proxy
