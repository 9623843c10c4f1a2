// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "admin/wanted.h"
#include "app/node.h"
#include "base/result.h"
#include "proxy/explanation.h"

namespace hawser::app {

/// What would become of a request, as the node is now. Nothing is changed: no session begins, no
/// server is tried, nothing is counted. `invalid`: it would not be a request; `not_found`: there is
/// no such listener.
[[nodiscard]] result<proxy::explanation> explain(node& served,
                                                 const hawser::admin::explain_wanted& asked);

}  // namespace hawser::app
