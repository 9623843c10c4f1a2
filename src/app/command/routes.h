// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "app/configuration/load.h"

namespace hawser::app {

/// What `check --routes` is asked.
struct routes_question {
    bool json = false;
    std::string request = {};               ///< `GET https://shop.example/x`; empty: all routes
    std::vector<std::string> headers = {};  ///< of the request, `NAME: VALUE`
    std::string listener = {};              ///< where it comes in; empty: the first one
};

/// All routes in the order in which they are asked, or the one that a request finds and why; of a
/// valid configuration. An error says what is wrong with the question.
[[nodiscard]] result<std::string> show_routes(const loaded& from, const routes_question& asked);

}  // namespace hawser::app
