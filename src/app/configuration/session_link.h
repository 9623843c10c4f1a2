// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "config/settings.h"

namespace hawser::app {

/// Where the session service has what the application of a pool keeps in its sessions.
struct session_link {
    std::string name_space;
    std::string cookie;  ///< empty: that of the pool's `application-cookie`
    std::string key_prefix = "sess:";

    static void describe(config::fields<session_link>& field) {
        using self = session_link;
        field("namespace", &self::name_space, "The application's namespace in `sessions`.")
            .required();
        field("cookie", &self::cookie,
              "The cookie with the session's id, signed as express-session does or as it is. "
              "Default: that of the pool's `application-cookie`.");
        field("key-prefix", &self::key_prefix, "What a session's name has there before its id.");
        field.shorthand("namespace");
    }
    friend bool operator==(const session_link&, const session_link&) = default;
};

}  // namespace hawser::app
