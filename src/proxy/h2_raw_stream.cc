// SPDX-License-Identifier: Apache-2.0
#include "proxy/h2_raw_stream.h"

#include <algorithm>
#include <cerrno>

namespace hawser::proxy {

h2_raw_stream::h2_raw_stream(h2_connection& of, http::h2::stream& over)
    : stream(buffer_of(of.stream())), connection_(of), stream_(over) {
    stirred();
}

void h2_raw_stream::stirred() noexcept {
    const bool has_ended = stream_.has_ended();
    notice({.readable = has_input(),
            .writable = connection_.session().room(stream_) != 0,
            .peer_ended = has_ended,
            .reset = stream_.is_closed() && !has_ended});
}

void h2_raw_stream::shut_down_writing() noexcept {
    connection_.session().finish(stream_, {});
    connection_.has_to_send();
}

void h2_raw_stream::reset_on_close() noexcept {
    connection_.session().reset(stream_, http::h2::error_code::cancel);
    connection_.has_to_send();
}

bool h2_raw_stream::has_input() noexcept {
    return !stream_.payload().empty() || stream_.has_ended() || stream_.is_closed();
}

ssize_t h2_raw_stream::receive(std::span<char> into) noexcept {
    const auto payload = stream_.payload();
    if (payload.empty()) {
        if (stream_.has_ended()) return 0;
        return stream_.is_closed() ? -ECONNRESET : -EAGAIN;
    }
    const std::size_t size = std::min(payload.size(), into.size());
    std::copy_n(payload.data(), size, into.data());
    connection_.session().consume(stream_, size);
    connection_.has_to_send();
    return static_cast<ssize_t>(size);
}

ssize_t h2_raw_stream::send(const io::pieces& what) noexcept {
    if (stream_.is_closed()) return -EPIPE;
    std::size_t sent = 0;
    for (const std::string_view view : what.views()) {
        const std::size_t taken = connection_.session().send(stream_, view);
        sent += taken;
        if (taken < view.size()) break;
    }
    connection_.has_to_send();
    return sent != 0 || what.size() == 0 ? static_cast<ssize_t>(sent) : -EAGAIN;
}

}  // namespace hawser::proxy
