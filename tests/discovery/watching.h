// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "async/scope.h"
#include "async/stop.h"
#include "async/with.h"
#include "discovery/discovery.h"
#include "io/epoll/epoll_engine.h"
#include "io/worker.h"

namespace hawser::discovery {

/// A thread with a kind of discovery under test on it.
class watching {
  public:
    template <typename Kind>
    void with(const typename Kind::settings& given) {
        kind_ = std::make_unique<Kind>(given, surroundings{.engine = worker_.io()});
    }

    /// One look, to its end; `meanwhile` happens once it waits.
    result<sightings> look(const std::function<void()>& meanwhile = {}) {
        result<sightings> seen = fail(errc::cancelled);
        stop_source stop;
        scope root;
        root.spawn([](discovery& kind, stop_source& until, result<sightings>& into) -> task<> {
            into = co_await with_stop(until, kind.look());
        }(*kind_, stop, seen));
        if (meanwhile) {
            worker_.turn();
            meanwhile();
        }
        const auto end = worker_.turns().now().steady + std::chrono::seconds(30);
        while (root.running() > 0) {
            worker_.turn(end);
            if (worker_.turns().now().steady >= end) stop.stop();
        }
        return seen;
    }

    /// The same as `a=10.0.0.1:80 b=10.0.0.2:80`, or why not.
    std::string look_for_names(const std::function<void()>& meanwhile = {}) {
        const auto seen = look(meanwhile);
        return seen ? text_of(*seen) : "error: " + seen.error().context;
    }

    static std::string text_of(const sightings& seen) {
        std::string text;
        for (const auto& each : seen.servers)
            text += (text.empty() ? "" : " ") + each.name + '=' + each.address.text();
        return text;
    }

  private:
    io::worker worker_{0, io::make_epoll_engine().value()};
    std::unique_ptr<discovery> kind_;
};

}  // namespace hawser::discovery
