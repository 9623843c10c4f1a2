// SPDX-License-Identifier: Apache-2.0
#include "proxy/h2_pump.h"

#include <string_view>
#include <utility>

#include "async/loop.h"
#include "async/with.h"
#include "base/limits.h"

namespace hawser::proxy {

void h2_pump::take(std::span<const char> bytes) {
    const steady_time now = loop::current().now().steady;
    const bool was_within_head = session_.is_within_head();
    session_.feed(bytes, now);
    if (!was_within_head) head_began_ = now;
    owner_.look_at_streams();
    to_send_.set();
    owner_.took_frames();
}

task<result<>> h2_pump::read_frames(stop_source& until) {
    while (!session_.fault() && !until.is_stopped()) {
        auto lent = co_await with_stop(until, with_deadline_at(owner_.due(), stream_.read()));
        if (lent)
            take(*lent);
        else if (lent.error().code == errc::timed_out)
            owner_.run_out_of_time();
        else if (!until.is_stopped())
            co_return std::unexpected(std::move(lent.error()));
    }
    co_return result<>();
}

task<result<>> h2_pump::write_frames() {
    for (;;) {
        const auto room = room_.first(limits::h2_written_max);
        const std::size_t size = session_.produce(room);
        owner_.look_at_streams();  // room has appeared, or their last byte is out
        if (size == 0) {
            if (is_finishing_ || !co_await to_send_.wait()) co_return result<>();
            continue;
        }
        auto sent = co_await with_idle_limit(
            owner_.write_patience(),
            stream_.write(io::pieces(std::string_view(room.data(), size))));
        if (sent) continue;
        if (sent.error().code == errc::timed_out) stream_.reset_on_close();
        co_return sent;
    }
}

}  // namespace hawser::proxy
