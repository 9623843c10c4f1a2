// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "affinity/affinity.h"
#include "affinity/context.h"
#include "affinity/value_key.h"
#include "config/settings.h"

namespace hawser::affinity {

/// A parameter of the query names the session: `?sid=4711`.
class query final : public affinity {
  public:
    static constexpr std::string_view name = "query";
    static constexpr std::string_view summary = "A parameter of the query.";

    struct settings {
        std::string name = {};
        bool ignore_case = false;
        if_missing missing = if_missing::next;

        static void describe(config::fields<settings>& field);
        bool operator==(const settings&) const = default;
    };

    query(const settings& given, const context& made_for);

    sighting find(const asking& who) override;

  private:
    std::string name_;
    value_key key_;
};

}  // namespace hawser::affinity
