// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "affinity/affinity.h"
#include "affinity/context.h"
#include "affinity/value_key.h"
#include "config/settings.h"

namespace hawser::affinity {

/// A header field names the session: one that the client sends of itself, or one that the server
/// gave it in an answer (`Mcp-Session-Id`).
class header final : public affinity {
  public:
    static constexpr std::string_view name = "header";
    static constexpr std::string_view summary = "A header field, which the server may have given.";

    struct settings {
        std::string name = {};
        bool learn = true;
        bool shared = false;  ///< by many clients, which are no one session for that
        bool ignore_case = false;
        if_missing missing = if_missing::next;

        static void describe(config::fields<settings>& field);
        bool operator==(const settings&) const = default;
    };

    header(const settings& given, const context& made_for);

    sighting find(const asking& who) override;
    void answer(const answering& what, reply& into) override;

  private:
    settings settings_;
    value_key key_;
};

}  // namespace hawser::affinity
