// SPDX-License-Identifier: Apache-2.0
#include "app/outlier_windows.h"

#include <gtest/gtest.h>

#include "upstream/fleet.h"

namespace hawser::app {
namespace {

using namespace std::chrono_literals;

constexpr instant begin{steady_time(1h), wall_time(std::chrono::days(20'000))};

constexpr instant after(std::chrono::milliseconds span) {
    return {begin.steady + span, begin.wall + span};
}

/// A pool of three, whose servers are judged by every ten seconds.
class shop {
  public:
    shop() {
        described_.name = "shop";
        described_.settings.passive.error_percent = 50;
        described_.settings.passive.slowness = 3;
        for (const auto* name : {"a", "b", "c"})
            described_.servers.push_back(
                {.name = name, .address = io::endpoint::parse("192.0.2.1:80").value()});
        change();
    }

    void change() { (void)fleet_.change_to({&described_, 1}); }
    upstream::server& operator[](std::string_view name) const {
        return *fleet_.current()->pools.front()->find(name);
    }
    /// So many requests on one of two workers, of which some failed.
    void asks(std::string_view name, std::uint64_t requests, std::uint64_t failed,
              std::chrono::microseconds each = 1ms) {
        auto& counts = (*this)[name].load.of_worker(turn_++ % 2).outcomes;
        counts.all.add(requests);
        counts.failed.add(failed);
        counts.answered.add(requests);
        counts.answer_time.add(requests * std::uint64_t(each.count()));
    }
    void look(instant now) { windows.look(*fleet_.current(), now); }
    [[nodiscard]] std::string shown() const {
        observe::exposition into;
        windows.collect(into);
        return into.text();
    }

    outlier_windows windows;
    upstream::pool_description described_;

  private:
    upstream::fleet fleet_{2};
    unsigned turn_ = 0;
};

TEST(outlier_windows, judge_at_the_end_of_each) {
    shop shop;
    shop.look(begin);
    shop.asks("a", 60, 40);
    shop.asks("a", 60, 40);
    shop.asks("b", 100, 0);
    shop.look(after(9s));
    EXPECT_TRUE(shop["a"].health.is_up());

    shop.look(after(10s));

    EXPECT_FALSE(shop["a"].health.is_up());
    EXPECT_TRUE(shop["b"].health.is_up());
    EXPECT_TRUE(shop.shown().contains(
        "hawser_server_ejections_total{pool=\"shop\",server=\"a\",cause=\"error-rate\"} 1"));
}

TEST(outlier_windows, what_was_before_a_window_counts_nothing_in_it) {
    shop shop;
    shop.asks("a", 1000, 1000);
    shop.look(begin);
    shop.look(after(10s));
    EXPECT_TRUE(shop["a"].health.is_up());

    shop.asks("a", 1000, 0);
    shop.asks("b", 1000, 0);
    shop.look(after(20s));
    EXPECT_TRUE(shop["a"].health.is_up());
}

TEST(outlier_windows, take_out_who_is_slow) {
    shop shop;
    shop.look(begin);
    shop.asks("a", 100, 0, 5ms);
    shop.asks("b", 100, 0, 6ms);
    shop.asks("c", 100, 0, 500ms);
    shop.look(after(10s));

    EXPECT_FALSE(shop["c"].health.is_up());
    EXPECT_TRUE(shop.shown().contains("cause=\"slow\"} 1"));
}

TEST(outlier_windows, go_on_over_a_reload_and_begin_for_a_new_server) {
    shop shop;
    shop.look(begin);
    shop.asks("a", 100, 100);
    shop.described_.servers.push_back(
        {.name = "d", .address = io::endpoint::parse("192.0.2.1:80").value()});
    shop.change();
    shop.asks("d", 1000, 1000);
    shop.asks("b", 100, 0);
    shop.look(after(10s));

    EXPECT_FALSE(shop["a"].health.is_up());
    EXPECT_TRUE(shop["d"].health.is_up()) << "its window began with it";
}

TEST(outlier_windows, judge_nobody_where_nothing_was_asked_for) {
    shop shop;
    shop.described_.settings.passive.error_percent = 0;
    shop.described_.settings.passive.slowness = 0;
    shop.change();
    shop.look(begin);
    shop.asks("a", 100, 100);
    shop.look(after(10s));
    EXPECT_TRUE(shop["a"].health.is_up());
}

}  // namespace
}  // namespace hawser::app
