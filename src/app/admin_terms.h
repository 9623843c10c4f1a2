// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "admin/identity.h"
#include "app/configuration/admin.h"
#include "base/result.h"
#include "config/diagnostics.h"
#include "config/node.h"
#include "tls/server_context.h"

namespace hawser::app {

/// On which terms operators are served.
struct admin_terms {
    hawser::admin::access_terms access;
    std::shared_ptr<const tls::server_context> tls;  ///< null: in clear
};

/// Reads the files that `given` names, and looks its users up. All that is wrong is told, by its
/// place in what was `written`.
[[nodiscard]] admin_terms load_admin_terms(const admin& given, const config::node& written,
                                           config::diagnostics& out);
/// The same, as one error.
[[nodiscard]] result<admin_terms> load_admin_terms(const admin& given, const config::node& written);

}  // namespace hawser::app
