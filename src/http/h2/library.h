// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

struct nghttp2_session_callbacks;

namespace hawser::http::h2 {

/// The PING whose answer ends the first step of a connection's end (E118).
inline constexpr std::array<std::uint8_t, 8> end_mark{'h', 'a', 'w', 's', 'e', 'r', ' ', 'e'};

// nghttp2 calls back while it works. Nothing acts there: it is noted in the session and its
// streams, and looked at when the library has returned.

/// Sets what is noted while bytes come.
void note_what_comes(nghttp2_session_callbacks* into);
/// Sets what is noted, and asked for, while bytes go.
void note_what_goes(nghttp2_session_callbacks* into);

}  // namespace hawser::http::h2
