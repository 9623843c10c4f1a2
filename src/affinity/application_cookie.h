// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "affinity/affinity.h"
#include "affinity/context.h"
#include "affinity/cookie.h"
#include "affinity/value_key.h"
#include "config/settings.h"

namespace hawser::affinity {

/// Who carries the home of a session that the application's cookie names.
enum class carrier : std::uint8_t { learn, shadow, prefix, route };
constexpr std::array<config::word<carrier>, 4> choices(carrier) {
    return {
        {{"learn", carrier::learn, "nobody but the registry: the client gets nothing of ours"},
         {"shadow", carrier::shadow,
          "a sealed cookie of ours beside the application's, which lives and ends with it"},
         {"prefix", carrier::prefix,
          "a sealed mark of ours before the application's own value, which the server never sees"},
         {"route", carrier::route,
          "the application, behind the last dot of the value: `jvmRoute` of a servlet container "
          "is the server's name here"}}};
}

/// A cookie that the application itself sets for its sessions: `JSESSIONID`, `PHPSESSID`.
///
/// Learned from the answer that sets it. An application that gives a session another id, as it
/// should when somebody logs in, keeps it at home; one that deletes the cookie ends it.
class application_cookie final : public affinity {
  public:
    static constexpr std::string_view name = "application_cookie";
    static constexpr std::string_view summary =
        "A cookie that the application sets for its sessions.";

    struct settings {
        std::string name = {};
        carrier carried_by = carrier::learn;
        bool ignore_case = false;
        if_missing missing = if_missing::next;

        static void describe(config::fields<settings>& field);
        bool operator==(const settings&) const = default;
    };

    application_cookie(const settings& given, const context& made_for);

    sighting find(const asking& who) override;
    void answer(const answering& what, reply& into) override;

  private:
    sighting find_marked(std::string_view value, const asking& who);
    void mark_all(const answering& what, reply& into);
    [[nodiscard]] server_id route_in(std::string_view value) const;

    settings settings_;
    std::string pool_;
    value_key key_;
    std::unique_ptr<cookie> shadow_;  ///< null: there is none
    std::unique_ptr<cookie> prefix_;  ///< makes and reads marks before values; null: there are none
};

}  // namespace hawser::affinity
