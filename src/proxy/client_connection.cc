// SPDX-License-Identifier: Apache-2.0
#include "proxy/client_connection.h"

#include <utility>

#include "async/with.h"
#include "base/limits.h"

namespace hawser::proxy {

client_connection::client_connection(station& at, std::shared_ptr<listener_post> through,
                                     arrival who)
    : station_(at),
      listener_(std::move(through)),
      stream_(std::move(who.stream)),
      announced_(std::move(who.announced)),
      secured_(std::move(who.secured)),
      place_(std::move(who.place)),
      client_(who.client) {
    client_text_size_ = std::uint8_t(client_.ip.write(client_text_.data()));
    stream_->stop_on_reset(&gone_);

    ++listener_->open;
    ++station_.connection_count_;
    next_ = station_.first_connection_;
    if (next_ != nullptr) next_->previous_ = this;
    station_.first_connection_ = this;
}

client_connection::~client_connection() {
    if (stream_ != nullptr) {
        stream_->stop_on_reset(nullptr);
        listener_->counters->connections_closed.add();
    }
    (previous_ != nullptr ? previous_->next_ : station_.first_connection_) = next_;
    if (next_ != nullptr) next_->previous_ = previous_;
    --station_.connection_count_;
    --listener_->open;
}

clients::address_and_port client_connection::destination() const {
    if (announced_ != nullptr && announced_->has_addresses) return announced_->destination;
    const io::endpoint ours = stream_->local();
    return {.ip = ours.ip(), .port = ours.port()};
}

task<> client_connection::linger() {
    stream().shut_down_writing();
    const steady_time end = at().now().steady + limits::linger_time;
    std::size_t dropped = 0;
    while (dropped < limits::linger_bytes_max) {
        auto lent = co_await with_stop(gone(), with_deadline_at(end, stream().read()));
        if (!lent) break;
        dropped += lent->size();
    }
}

arrival client_connection::hand_over() noexcept {
    stream_->stop_on_reset(nullptr);
    return {.stream = std::move(stream_),
            .client = client_,
            .came = at().now().steady,
            .announced = std::move(announced_),
            .secured = std::move(secured_),
            .place = std::move(place_)};
}

}  // namespace hawser::proxy
