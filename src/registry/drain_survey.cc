// SPDX-License-Identifier: Apache-2.0
#include "registry/drain_survey.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

namespace hawser::registry {

namespace {

constexpr std::size_t batch = 256;

/// Where a bucket of a histogram begins, in seconds.
double begin_of(std::size_t bucket) {
    return bucket == 0 ? 0 : double(std::uint64_t{1} << (bucket - 1));
}

double middle_of(std::size_t bucket) { return bucket == 0 ? 0.5 : 1.5 * begin_of(bucket); }

/// The share of what a histogram counts that lies above a time: S of `time_to_empty`.
class survival {
  public:
    explicit survival(const histogram& all) : counts_(all.count) {
        total_ = double(std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0}));
    }

    [[nodiscard]] double operator()(double seconds) const {
        if (seconds <= 0) return 1;
        double above = 0;
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            const double begin = begin_of(i);
            const double end = begin_of(i + 1);
            // Within a bucket they are taken to lie evenly.
            const double share = std::clamp((end - seconds) / (end - begin), 0.0, 1.0);
            above += share * double(counts_[i]);
        }
        return above / total_;
    }

  private:
    const std::array<std::uint64_t, histogram::buckets>& counts_;
    double total_ = 0;
};

/// How many of them are expected to be left after `time`.
double expected_after(double time, const survival& lives, const histogram& ages, double linger) {
    double sum = 0;
    for (std::size_t i = 0; i < ages.count.size(); ++i) {
        if (ages.count[i] == 0) continue;
        const double age = middle_of(i);
        const double now = lives(age - linger);
        // Older than any that has ended: it may end as soon as it was idle for long enough.
        const double later = now > 0 ? lives(age + time - linger) / now : (time < linger ? 1 : 0);
        sum += later * double(ages.count[i]);
    }
    return sum;
}

}  // namespace

std::uint64_t drain_left::sessions() const {
    return std::accumulate(staying.begin(), staying.end(), std::uint64_t{0});
}

void drain_left::add(const session_view& one, const upstream::drain_policy& by) {
    tunnels += one.tunnels;
    const auto stands = one.stands();
    if (by.lets_go(stands) && one.requests == 0) {
        ++leaving;
        return;
    }
    ++staying[static_cast<std::size_t>(upstream::class_of(stands, by.idle_after))];
    const auto bound = std::ranges::upper_bound(idle_bounds, one.idle);
    ++idle[static_cast<std::size_t>(bound - idle_bounds.begin())];
    ages.add(static_cast<std::uint64_t>(one.age.count()));
}

drain_survey::drain_survey(std::vector<subject> about) : about_(std::move(about)) {
    std::ranges::sort(about_, {}, &subject::home);
}

bool drain_survey::advance(const registry& sessions, steady_time now) {
    selection which;
    if (about_.size() == 1) which.home = about_.front().home;
    std::array<session_view, batch> some;
    const std::size_t count = sessions.walk(at_, which, some, now);
    for (std::size_t n = 0; n < count; ++n)
        if (subject* one = subject_of(some[n].home.home)) one->left.add(some[n], one->policy);
    return at_.done;
}

drain_survey::subject* drain_survey::subject_of(server_id home) {
    const auto at = std::ranges::lower_bound(about_, home, {}, &subject::home);
    return at != about_.end() && at->home == home ? &*at : nullptr;
}

const drain_left* drain_survey::find(server_id home) const {
    const auto at = std::ranges::lower_bound(about_, home, {}, &subject::home);
    return at != about_.end() && at->home == home ? &at->left : nullptr;
}

std::optional<std::chrono::seconds> time_to_empty(const histogram& lifetimes, const histogram& ages,
                                                  std::chrono::seconds linger,
                                                  std::chrono::seconds most) {
    const auto ended =
        std::accumulate(lifetimes.count.begin(), lifetimes.count.end(), std::uint64_t{0});
    if (ended < hawser::limits::drain_lifetimes_min) return std::nullopt;
    const survival lives(lifetimes);
    const auto left = [&](double time) {
        return expected_after(time, lives, ages, double(linger.count()));
    };
    double low = 0;
    double high = double(most.count());
    if (left(0) < 1) return std::chrono::seconds(0);
    if (left(high) >= 1) return std::nullopt;
    while (high - low > 1) {
        const double middle = (low + high) / 2;
        (left(middle) < 1 ? high : low) = middle;
    }
    return std::chrono::seconds(std::llround(std::ceil(high)));
}

}  // namespace hawser::registry
