// SPDX-License-Identifier: Apache-2.0
#include "sessions/sorted_set.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace hawser::sessions {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

/// Names, in the set's order.
std::string names_of(std::span<const scored> all) {
    std::string made;
    for (const auto& each : all) made.append(each.name).append(" ");
    return made;
}

std::string written(const std::vector<scored>& given) {
    sorted_set made({});
    (void)made.put(given, {});
    return made.write();
}

TEST(sorted_set, is_in_the_order_of_scores_and_then_of_names) {
    const auto data = written({{3, "c"}, {-infinite, "z"}, {1, "b"}, {1, "a"}, {0.5, ""}});
    const sorted_set there(data);
    EXPECT_EQ(names_of(there.all()), "z  a b c ");
    EXPECT_EQ(there.find("c"), 3.0);
    EXPECT_EQ(there.find("d"), std::nullopt);
}

TEST(sorted_set, who_is_there_moves_to_the_new_score) {
    const auto data = written({{1, "a"}, {2, "b"}, {3, "c"}});
    sorted_set there(data);
    const std::vector<scored> given{{4, "a"}, {2, "b"}, {9, "d"}, {0, "d"}};
    const auto done = there.put(given, {});
    EXPECT_EQ(done.added, 1u);
    EXPECT_EQ(done.changed, 2u);  // d is changed by the one after it
    EXPECT_EQ(names_of(there.all()), "d b c a ");
}

TEST(sorted_set, rules_say_who_may_be_set) {
    const auto data = written({{5, "a"}});
    const auto after = [&](const scored& one, const score_rule& by) {
        sorted_set there(data);
        (void)there.put({&one, 1}, by);
        std::string made;
        for (const auto& each : there.all()) made.append(each.name).append(text_of(each.score));
        return made;
    };
    EXPECT_EQ(after({6, "a"}, {.only_new = true}), "a5");
    EXPECT_EQ(after({6, "b"}, {.only_new = true}), "a5b6");
    EXPECT_EQ(after({6, "b"}, {.only_present = true}), "a5");
    EXPECT_EQ(after({6, "a"}, {.only_greater = true}), "a6");
    EXPECT_EQ(after({4, "a"}, {.only_greater = true}), "a5");
    EXPECT_EQ(after({4, "a"}, {.only_less = true}), "a4");
    EXPECT_EQ(after({4, "b"}, {.only_greater = true}), "b4a5");
}

TEST(sorted_set, ranges_have_their_ends_in_or_out) {
    const auto data = written({{1, "a"}, {2, "b"}, {3, "c"}, {infinite, "d"}});
    const sorted_set there(data);
    EXPECT_EQ(names_of(there.within({.from = 1, .to = 3})), "a b c ");
    EXPECT_EQ(names_of(there.within({.from = 1, .to = 3, .without_from = true})), "b c ");
    EXPECT_EQ(names_of(there.within({.from = 1, .to = 3, .without_to = true})), "a b ");
    EXPECT_EQ(names_of(there.within({.from = -infinite, .to = infinite})), "a b c d ");
    EXPECT_EQ(names_of(there.within({.from = 3, .to = 1})), "");
    EXPECT_EQ(names_of(there.within({.from = 2, .to = 2, .without_from = true})), "");
    sorted_set rest(data);
    EXPECT_EQ(rest.remove({.from = 2, .to = 3}), 2u);
    EXPECT_EQ(rest.remove({"a", "nobody"}), 1u);
    EXPECT_EQ(names_of(rest.all()), "d ");
}

TEST(sorted_set, scores_are_told_as_they_were_said) {
    for (const char* each : {"0", "1", "-1", "1.5", "0.1", "inf", "-inf", "1764590000000"})
        EXPECT_EQ(text_of(score_of(each).value()), each);
    EXPECT_EQ(text_of(score_of("+inf").value()), "inf");
    EXPECT_EQ(text_of(score_of("1e3").value()), "1000");
    EXPECT_EQ(text_of(score_of("-0").value()), "0");
    for (const char* each : {"", "x", "nan", "1 ", " 1", "1,5", "+-1", "--1"})
        EXPECT_EQ(score_of(each), std::nullopt) << each;
}

}  // namespace
}  // namespace hawser::sessions
