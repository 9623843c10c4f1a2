// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/ensure.h"
#include "io/listener.h"
#include "support/sim/connection.h"
#include "support/sim/stream.h"
#include "support/sim/timeline.h"

namespace hawser::sim {

class listener;

/// Everything between the ends: who listens where, what the weather there is, what is on its way.
class network {
  public:
    explicit network(std::uint64_t seed) : time_(seed) {}

    [[nodiscard]] timeline& time() noexcept { return time_; }
    [[nodiscard]] weather& weather_at(const io::endpoint& where) { return weathers_[where.text()]; }
    /// Lets the bytes at `where` go on that a stall has held.
    void clear_up(const io::endpoint& where);

    std::unique_ptr<io::listener> listen(io::hot_buffer& hot, const io::endpoint& at);
    std::unique_ptr<io::stream> connect(io::hot_buffer& hot, const io::endpoint& to,
                                        const io::ip_address& from = {});

  private:
    friend class listener;

    void arrive(const std::shared_ptr<connection>& coming, stream* connecting);

    timeline time_;
    std::map<std::string, weather> weathers_;
    std::map<std::string, listener*> listeners_;
    std::vector<std::weak_ptr<connection>> connections_;
    std::uint16_t next_port_ = 40'000;
};

/// Where simulated connections arrive.
class listener final : public io::listener {
  public:
    listener(network& net, io::hot_buffer& hot, io::endpoint at)
        : network_(net), hot_(hot), at_(std::move(at)) {
        ensure(network_.listeners_.emplace(at_.text(), this).second, "one listens at an address");
    }
    ~listener() override {
        for (auto& left : backlog_) left->reset_on_close();
        network_.listeners_.erase(at_.text());
    }

    accepted try_accept() noexcept override {
        if (backlog_.empty()) return fail(errc::unavailable);
        auto taken = std::move(backlog_.front());
        backlog_.pop_front();
        return taken;
    }
    io::endpoint local() const override { return at_; }

    void add(std::shared_ptr<connection> coming) {
        backlog_.push_back(std::make_unique<stream>(hot_, std::move(coming), 1));
        notice();
    }

  private:
    network& network_;
    io::hot_buffer& hot_;
    io::endpoint at_;
    std::deque<std::unique_ptr<io::stream>> backlog_;
};

inline std::unique_ptr<io::listener> network::listen(io::hot_buffer& hot, const io::endpoint& at) {
    return std::make_unique<listener>(*this, hot, at);
}

inline std::unique_ptr<io::stream> network::connect(io::hot_buffer& hot, const io::endpoint& to,
                                                    const io::ip_address& from) {
    const auto address = from.is_none() ? io::ip_address::parse("127.0.0.1").value() : from;
    auto begun = std::make_shared<connection>(time_, weather_at(to),
                                              io::endpoint(address, next_port_++), to);
    connections_.push_back(begun);
    auto connecting = std::make_unique<stream>(hot, begun, 0);
    time_.after(begun->latency(), [this, begun, end = connecting.get()] { arrive(begun, end); });
    return connecting;
}

inline void network::arrive(const std::shared_ptr<connection>& coming, stream* connecting) {
    const auto to = coming->address(1);
    const auto& here = weather_at(to);
    if (!coming->is_attached(0) || here.swallows) return;
    if (coming->strikes(0)) {
        if (coming->trouble() == fault::kind::stall) return;
        return connecting->decide(coming->trouble() == fault::kind::end ? ECONNREFUSED
                                                                        : ECONNRESET);
    }
    const auto found = listeners_.find(to.text());
    if (found == listeners_.end() || here.refuses) return connecting->decide(ECONNREFUSED);
    found->second->add(coming);
    connecting->decide(0);
}

inline void network::clear_up(const io::endpoint& where) {
    weather_at(where).stalls = false;
    for (const auto& known : connections_) {
        const auto standing = known.lock();
        if (standing && standing->address(1) == where) standing->resume();
    }
}

}  // namespace hawser::sim
