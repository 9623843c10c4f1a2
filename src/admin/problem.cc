// SPDX-License-Identifier: Apache-2.0
#include "admin/problem.h"

#include <utility>

#include "admin/json.h"

namespace hawser::admin {

http::served_answer problem(unsigned status, std::string_view what, std::string lines) {
    return {.status = status, .body = json_of_error(what), .lines = std::move(lines)};
}

http::served_answer problem(const error& why) {
    switch (why.code) {
        case errc::not_found: return problem(404, why.context);
        case errc::unavailable: return problem(503, why.context);
        case errc::exhausted: return problem(409, why.context);
        default: return problem(422, why.context);
    }
}

}  // namespace hawser::admin
