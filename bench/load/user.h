// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "answer.h"

namespace hawser::bench {

/// One simulated user: a connection, the request that it repeats, and the cookie that it learned.
struct user {
    int fd = -1;
    bool waiting = false;     ///< for an answer
    bool knows = false;       ///< has had its first answer
    bool has_cookie = false;  ///< of the proxy, and sends it
    bool unsent = false;      ///< the request waits for the connection
    char home = 0;            ///< the server that answered first
    std::uint64_t asked = 0;  ///< when the request was sent, or should have been
    std::string request;
    answer reply;
};

/// A request as a browser (~10 fields, 4 cookies) or a bare client would send it. `cookie` is the
/// proxy's, as learned. "Connection: close" comes last, where the floor looks for it.
inline std::string make_request(std::string_view target, std::string_view cookie, bool browser,
                                bool closing) {
    std::string request = fmt::format("GET {} HTTP/1.1\r\nHost: shop.example\r\n", target);
    std::string cookies(cookie);
    if (browser) {
        request +=
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
            "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
            "Accept-Language: en-US,en;q=0.5\r\n"
            "Accept-Encoding: gzip, deflate, br\r\n"
            "Referer: http://shop.example/catalogue/harbour\r\n"
            "Sec-Fetch-Dest: document\r\n"
            "Sec-Fetch-Mode: navigate\r\n"
            "Sec-Fetch-Site: same-origin\r\n";
        const std::string theirs =
            "_ga=GA1.1.1181213434.1720000000; theme=dark; consent=0.1.1720000000000.5f3a; "
            "sid=f3c1a9e2b4d5867788";
        cookies = cookies.empty() ? theirs : theirs + "; " + cookies;
    }
    if (!cookies.empty()) request += fmt::format("Cookie: {}\r\n", cookies);
    request += closing ? "Connection: close\r\n\r\n" : "\r\n";
    return request;
}

}  // namespace hawser::bench
