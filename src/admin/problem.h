// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "http/server.h"

namespace hawser::admin {

/// An answer that says what is wrong; `lines` are further fields of its head.
[[nodiscard]] http::served_answer problem(unsigned status, std::string_view what,
                                          std::string lines = {});
[[nodiscard]] http::served_answer problem(const error& why);

}  // namespace hawser::admin
