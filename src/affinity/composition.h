// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "affinity/affinity.h"
#include "affinity/context.h"
#include "affinity/issuer.h"
#include "affinity/kinds.h"
#include "config/settings.h"

namespace hawser::affinity {

/// Several things at once tell the session: an address and a user agent, a tenant and a user.
///
/// All of them must be there. It is of a crowd if one of its parts is.
class composition final : public affinity {
  public:
    static constexpr std::string_view name = "composition";
    static constexpr std::string_view summary =
        "Several of these at once, all of which must be there.";

    struct settings {
        std::vector<part_choice> of = {};
        if_missing missing = if_missing::next;

        static void describe(config::fields<settings>& field);
        bool operator==(const settings&) const = default;
    };

    composition(const settings& given, const context& made_for);

    sighting find(const asking& who) override;

  private:
    using parts = std::vector<std::unique_ptr<affinity>>;
    composition(const settings& given, const context& made_for, parts made);
    static std::vector<std::string> secrets_of(const parts& all);

    parts parts_;
    std::shared_ptr<issuer> issuer_;
    std::uint64_t scope_;
};

}  // namespace hawser::affinity
