// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>

#include "base/clock.h"
#include "io/ip_address.h"

namespace hawser::sessions {

/// Who has failed too often waits (S16): once a source has failed so many times within a span, it
/// may not try again before the span is over, not even with the right password.
class failed_logins {
  public:
    static constexpr unsigned failures_max = 10;
    static constexpr auto span = std::chrono::seconds(10);
    static constexpr std::size_t sources_max = 1024;

    [[nodiscard]] bool may_try(const io::ip_address& source, steady_time now) const {
        const auto found = sources_.find(source);
        return found == sources_.end() || found->second.failures < failures_max ||
               now >= found->second.ends;
    }

    void note(const io::ip_address& source, steady_time now) {
        if (sources_.size() >= sources_max && !sources_.contains(source)) make_room(now);
        auto& one = sources_[source];
        if (now >= one.ends) one = {.failures = 0, .ends = now + span};
        ++one.failures;
    }

  private:
    struct record {
        unsigned failures = 0;
        steady_time ends{};
    };

    /// Whoever is forgiven; else the one that will be first.
    void make_room(steady_time now) {
        std::erase_if(sources_, [now](const auto& one) { return now >= one.second.ends; });
        if (sources_.size() < sources_max) return;
        auto first = sources_.begin();
        for (auto each = sources_.begin(); each != sources_.end(); ++each)
            if (each->second.ends < first->second.ends) first = each;
        sources_.erase(first);
    }

    std::map<io::ip_address, record> sources_;
};

}  // namespace hawser::sessions
