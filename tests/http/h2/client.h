// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "frames.h"
#include "http/h2/session.h"

namespace hawser::http::h2 {

/// A client that writes its frames by hand, and the session that serves it.
class client {
  public:
    /// Has shaken hands already.
    client() {
        say(std::string(preface) + settings());
        hear();
        say(frame(frame_type::settings, flag_ack, 0));
    }

    void say(std::string_view bytes) { served.feed({bytes.data(), bytes.size()}, now); }
    void say_bytewise(std::string_view bytes) {
        for (const char& byte : bytes) served.feed({&byte, 1}, now);
    }
    void ask(std::uint32_t stream, const fields& what, std::uint8_t flags = flag_end_stream) {
        say(out.headers(stream, what, flags));
    }

    /// All frames that the session has to send, `room` bytes at a time.
    std::vector<read_frame> hear(std::size_t room = 64 * 1024) {
        std::string bytes;
        std::string into(room, '\0');
        while (const std::size_t size = served.produce(into)) bytes.append(into, 0, size);
        return read_frames(bytes);
    }

    /// The next request that has arrived, now listened to; what else has stirred is passed over.
    stream* arrived() {
        stream* one = served.next_stirred();
        while (one != nullptr && one->listener() != nullptr) one = served.next_stirred();
        if (one != nullptr) one->listen(&nobody);
        return one;
    }

    struct : stream_listener {
        void stirred() noexcept override {}
    } nobody;

    compressor out;
    decompressor in;
    steady_time now{std::chrono::hours(1)};
    session served{session::role::server, {}};
};

inline fields get(std::string path = "/") {
    return {{":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", path}};
}
inline fields post(const fields& more = {}) {
    fields all{{":method", "POST"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/"}};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

}  // namespace hawser::http::h2
