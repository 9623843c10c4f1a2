// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "http/server.h"
#include "sessions/api/book.h"

/// What the JSON door hears and says.
namespace hawser::sessions::api {

/// Which members a body may have.
struct members {
    bool data = false;
    bool user = false;
    bool expires_in = false;
    bool valuable = false;
};

/// What a request wishes: its body, if it may have one, and its `If-Match`. Strict: a member that
/// means nothing here is an error.
[[nodiscard]] answer<wish> read_wish(const http::served_request& asked, const members& may);

[[nodiscard]] http::served_answer tell(const problem& why);
[[nodiscard]] http::served_answer tell(const shown& one, const book& in, steady_time now,
                                       unsigned status = 200);
[[nodiscard]] http::served_answer tell(const std::vector<shown>& all, const book& in,
                                       steady_time now);
[[nodiscard]] http::served_answer tell(const std::vector<lock_table::shown>& held, steady_time now);
/// How many were ended.
[[nodiscard]] http::served_answer tell(std::size_t ended);

}  // namespace hawser::sessions::api
