// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "http/h1/writer.h"
#include "http/message.h"
#include "proxy/request_marks.h"
#include "proxy/snapshot.h"
#include "tls/facts.h"

namespace hawser::proxy {

/// Sending it once more can do no harm (RFC 9110 9.2.2, E68).
[[nodiscard]] bool is_repeatable(const http::request_head& head) noexcept;

/// What a request's head is written anew from. Everything is looked at before the first wait.
struct request_rewriting {
    const http::request_head& head;
    const listener_settings& listener;
    const route& way;
    const pool_setup& pool;
    std::string_view client;  ///< who is at the connection's other end; empty for a unix socket
    bool is_trusted = false;  ///< that is one of the listener's trusted proxies
    std::string_view scheme = "http";
    std::string_view stripped_cookie;     ///< name; empty: none
    std::string_view marked_cookie = {};  ///< goes on without our marks; empty: none
    std::string_view target = {};         ///< another than came; empty: as it came
    const request_marks* marks = nullptr;
    const tls::facts* secured = nullptr;  ///< null: the client speaks in clear
    std::string_view challenge = {};      ///< by what its client is doubted; empty: it is not
};

/// Bytes that the rewritten head takes at most.
[[nodiscard]] std::size_t rewritten_size_max(const request_rewriting& what);

/// Writes the head that goes to a server (E1, E88-E91, X-Forwarded-*). Host is left out where the
/// server's own name goes there: see `has_own_host`.
[[nodiscard]] std::string_view write_request_head(const request_rewriting& what,
                                                  std::span<char> out);

/// Host is not in the head: whoever sends it puts a line behind the request line.
[[nodiscard]] bool has_own_host(const request_rewriting& what);

/// What an answer's head is written anew from.
struct response_rewriting {
    const http::response_head& head;
    const route& way;
    bool to_http_1_0 = false;
    bool keeps_alive = true;
    bool rechunked = false;                 ///< the body goes on in chunks of ours
    bool is_private = false;                ///< `lines` carry a cookie of ours (E157)
    bool sets_hsts = false;                 ///< in `lines`, in the place of the server's
    std::string_view coding = {};           ///< that the body gets here; empty: none
    std::string_view replaced_cookie = {};  ///< `lines` set it, and not the server; empty: none
    bool weakens_tag = false;               ///< its validator no longer promises the server's bytes
    std::string_view lines;                 ///< ours, complete, last of all
};

[[nodiscard]] std::size_t rewritten_size_max(const response_rewriting& what);
[[nodiscard]] std::string_view write_response_head(const response_rewriting& what,
                                                   std::span<char> out);

/// An interim answer as it goes on to the client (E75).
[[nodiscard]] std::string_view write_interim_head(const http::response_head& head,
                                                  std::span<char> out);

/// A Cache-Control that no shared cache may use: `private` and what else was asked (E157).
[[nodiscard]] std::string private_cache_control(std::string_view asked);

}  // namespace hawser::proxy
