// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "admin/operations.h"
#include "app/kept_sessions.h"
#include "app/node.h"
#include "proxy/open_tunnels.h"
#include "registry/registry.h"

namespace hawser::app {

/// A session's hash as the access log shows it, 16 hexadecimal digits; none: it is no such text.
[[nodiscard]] std::optional<std::uint64_t> parse_session_hash(std::string_view text);

/// Lists live sessions and steers them, for operators. Of the control thread; looks at the
/// registry in slices, between which others have their turn.
class session_steering {
  public:
    using outcome = hawser::admin::outcome;

    explicit session_steering(node& served) : node_(served) {}

    [[nodiscard]] task<result<hawser::admin::session_page>> page(hawser::admin::page_wanted wanted);
    [[nodiscard]] task<result<outcome>> change(hawser::admin::session_filter which,
                                               hawser::admin::session_change what, bool is_trial);

  private:
    /// Sessions that are asked for, as the registry is asked for them.
    struct asked {
        registry::selection which;
        std::uint64_t id = 0;  ///< 0: any
        kept_link kept_in;     ///< the namespace of what is kept in them; null: any
        std::optional<std::set<record_hash>> records = {};  ///< none: any
    };
    class names;
    using kept_records = std::map<kept_link, std::vector<record_hash>>;

    [[nodiscard]] result<asked> read(const hawser::admin::session_filter& which) const;
    [[nodiscard]] static bool is_meant(const registry::session_view& one, const asked& by,
                                       names& known);
    task<> end_kept(kept_records which, outcome& told);
    [[nodiscard]] result<bool> change_one(const registry::session_view& one,
                                          const hawser::admin::session_change& what,
                                          const upstream::pool* pool, bool is_trial);
    void part(std::span<const proxy::tunnel_owner> tunnels,
              const hawser::admin::session_change& what);
    [[nodiscard]] result<bool> move_one(const registry::session_view& one, const std::string& to,
                                        const upstream::pool* pool, bool is_trial);
    [[nodiscard]] std::uint64_t count_all(pool_id pool) const;

    node& node_;
};

}  // namespace hawser::app
