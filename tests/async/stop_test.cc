// SPDX-License-Identifier: Apache-2.0
#include "async/stop.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>

namespace hawser {
namespace {

/// Counts how often it was told, and may leave others out while it is.
class listener final : public stop_listener {
  public:
    explicit listener(stop_source& to) { listen_to(&to); }
    void leave() noexcept { ignore_stop(); }
    [[nodiscard]] int told() const { return told_; }

    std::optional<listener>* ends = nullptr;

  private:
    void stopped() noexcept override {
        ++told_;
        if (ends != nullptr) ends->reset();
    }
    int told_ = 0;
};

TEST(stop, tells_each_listener_once) {
    stop_source source;
    listener first(source);
    listener second(source);

    source.stop();
    source.stop();

    EXPECT_TRUE(source.is_stopped());
    EXPECT_EQ(first.told(), 1);
    EXPECT_EQ(second.told(), 1);
}

TEST(stop, who_has_left_is_not_told) {
    stop_source source;
    listener first(source);
    listener middle(source);
    listener last(source);

    middle.leave();
    source.stop();

    EXPECT_EQ(first.told(), 1);
    EXPECT_EQ(middle.told(), 0);
    EXPECT_EQ(last.told(), 1);
}

TEST(stop, a_listener_may_end_another_while_it_is_told) {
    stop_source source;
    std::optional<listener> victim(std::in_place, source);
    listener killer(source);  // told first: the newest is
    killer.ends = &victim;

    source.stop();

    EXPECT_EQ(killer.told(), 1);
    EXPECT_FALSE(victim.has_value());
}

TEST(linked_stop_source, stops_with_the_one_around_it) {
    stop_source outer;
    linked_stop_source inner(outer);
    listener waits(inner);

    outer.stop();

    EXPECT_TRUE(inner.is_stopped());
    EXPECT_EQ(waits.told(), 1);
}

TEST(linked_stop_source, stops_alone) {
    stop_source outer;
    linked_stop_source inner(outer);
    listener waits(inner);

    inner.stop();
    outer.stop();

    EXPECT_EQ(waits.told(), 1);
}

TEST(linked_stop_source, is_born_stopped_under_one_that_is) {
    stop_source outer;
    outer.stop();
    EXPECT_TRUE(linked_stop_source(outer).is_stopped());
}

TEST(linked_stop_source, may_die_before_the_one_around_it) {
    stop_source outer;
    {
        linked_stop_source inner(outer);
    }
    outer.stop();
}

}  // namespace
}  // namespace hawser
