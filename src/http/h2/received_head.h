// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "http/h1/parser.h"
#include "http/message.h"

/// Heads that came as HTTP/2 fields, and their meaning.
///
/// What a peer's fields say is written down as the HTTP/1.1 head that says the same, and that text
/// is read by the parser of HTTP/1.1 heads. So there is one judge of hosts, lengths, targets and
/// names for both versions, a forwarder finds the same views whatever brought them, and nothing
/// that the strict parser would refuse can reach a server by way of HTTP/2 (E93-E102).
namespace hawser::http::h2 {

/// One head, or the trailers of a body, as it was received.
struct received_head {
    /// The head as HTTP/1.1 text with its empty line; of trailers, lines that may go on (E26).
    std::string text;
    bool is_last = false;  ///< END_STREAM: nothing follows
    /// A length of 0 was announced, but the end has not come: whoever writes the head on must see
    /// the end first, or the head alone would be a whole request (E99).
    bool must_end_empty = false;
    bool is_interim = false;  ///< of an answer: 1xx
    /// Extended CONNECT to a WebSocket (RFC 8441): the text is the upgrade that means the same,
    /// and its 101 will be told as 200.
    bool is_websocket = false;
    std::optional<refusal> why;  ///< it was malformed: the text means nothing
};

/// Reads a request's head; views point into `from.text`. Says why where it must be refused.
[[nodiscard]] std::optional<refusal> read_request_head(const received_head& from,
                                                       request_head& into,
                                                       const h1::request_limits& limits);

/// Reads an answer's head, each refusal of which has the status 502 (E182). It is not const: the
/// parser joins folded lines in place, though there are none here.
[[nodiscard]] std::optional<refusal> read_response_head(received_head& from,
                                                        const h1::response_expectation& expected,
                                                        response_head& into,
                                                        const h1::response_limits& limits);

}  // namespace hawser::http::h2
