// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "http/field.h"

namespace hawser::http {

/// Methods that somebody acts upon; an unknown one is forwarded like a known one (E30).
enum class method_id : std::uint8_t {
    other,
    connect,
    delete_,
    get,
    head,
    options,
    patch,
    post,
    put,
    trace,
};

/// The id of a method; letter case counts (RFC 9110 9.1).
[[nodiscard]] method_id method_id_of(std::string_view method) noexcept;

/// How the end of a message's body is found.
enum class framing : std::uint8_t {
    none,         ///< there is no body
    length,       ///< `content_length` bytes
    chunked,      ///< chunks, then trailers
    until_close,  ///< answers only: the body ends with the connection
};

/// A request's head as views into the bytes it was parsed from: valid as long as they are.
///
/// Filled by a parser only after every rule has held; after any other outcome its contents mean
/// nothing. Large (14 KiB): keep one per worker and reuse it.
struct request_head {
    std::string_view method;
    method_id method_kind = method_id::other;

    /// What goes to the server, bytes as sent: origin-form, or `*`, or for CONNECT the authority.
    /// From an absolute-form without a path it is `/` (`*` for OPTIONS), and from one without a
    /// path but with a query it begins with `?`: `head_writer::request_line` puts `/` before it.
    std::string_view target;
    std::string_view path;   ///< of the target, as sent; `/` where there was none; never empty
    std::string_view query;  ///< of the target, as sent, without its `?`

    /// The effective authority, as received: of an absolute-form target, else of Host. Valid by
    /// E42 (see http/uri.h). Empty only in HTTP/1.0 without either.
    std::string_view host;
    /// A Host field stands in `fields`. If not (HTTP/1.0), who forwards writes one (E43).
    bool has_host_field = false;
    /// `http` or `https`, as sent, of an absolute-form target; else empty.
    std::string_view scheme;

    unsigned minor = 1;  ///< HTTP/1.`minor`: 0 or 1
    framing body = framing::none;
    std::uint64_t content_length = 0;  ///< with framing::length

    bool keep_alive = false;       ///< what the client's version and Connection say (E81)
    bool expect_continue = false;  ///< `Expect: 100-continue`, in HTTP/1.1, with a body (E77)
    /// An upgrade to WebSocket that may go on (E90, E142): GET, HTTP/1.1, no body,
    /// `Connection: upgrade` and `Upgrade: websocket` alone. Connection and Upgrade are
    /// hop-by-hop: who forwards the upgrade writes both anew.
    bool wants_websocket = false;
    bool te_trailers = false;  ///< TE lists `trailers`; TE itself is hop-by-hop
    /// Max-Forwards, where it has a meaning: TRACE and OPTIONS (E35).
    std::optional<std::uint32_t> max_forwards;

    std::string_view bytes;  ///< the whole head, its empty line included
    field_list fields;

    [[nodiscard]] bool is_absolute_form() const noexcept { return !scheme.empty(); }

    /// Bytes follow the head: a length of 0 is none.
    [[nodiscard]] bool has_body() const noexcept {
        return body == framing::chunked || content_length > 0;
    }
};

/// An answer's head as views into the bytes it was parsed from; the same rules of use.
struct response_head {
    unsigned status = 0;  ///< 100-599
    unsigned minor = 1;
    std::string_view reason;
    framing body = framing::none;
    std::uint64_t content_length = 0;
    bool keep_alive = false;   ///< the server's connection may carry another request
    std::string_view upgrade;  ///< value of Upgrade; empty if there is none
    std::string_view bytes;
    field_list fields;

    /// An interim answer (E75): another one follows. 101 is final: a tunnel begins.
    [[nodiscard]] bool is_interim() const noexcept { return status < 200 && status != 101; }
};

/// Why a message was refused. `cause` is static text for the log and the counter, e.g.
/// `duplicate-host`; it never holds bytes of the message (E4, E6).
struct refusal {
    unsigned status = 400;
    std::string_view cause;

    friend bool operator==(const refusal&, const refusal&) = default;
};

/// The phrase that belongs to a status code, or `Unknown`.
[[nodiscard]] std::string_view reason_of(unsigned status) noexcept;

}  // namespace hawser::http
