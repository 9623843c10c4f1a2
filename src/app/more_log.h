// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "admin/operations.h"
#include "app/node.h"
#include "base/clock.h"
#include "base/result.h"

namespace hawser::app {

/// What the error log tells besides what the file says, each for a time: another level, or the
/// requests of sessions, clients and pools that are being looked into. Of the control thread.
class more_log {
  public:
    explicit more_log(node& served) : node_(served) {}

    [[nodiscard]] result<> set(const hawser::admin::log_wanted& wanted,
                               const hawser::admin::order& by);
    void lift();
    /// Ends what is over.
    void look(wall_time now);
    [[nodiscard]] hawser::admin::log_status status() const;

  private:
    [[nodiscard]] result<> set_level(const hawser::admin::log_wanted& wanted,
                                     const hawser::admin::order& by);
    [[nodiscard]] result<> add_watch(const hawser::admin::log_wanted& wanted,
                                     const hawser::admin::order& by);

    node& node_;
    std::optional<wall_time> level_until_;
    proxy::watches watches_;
};

}  // namespace hawser::app
