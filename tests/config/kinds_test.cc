// SPDX-License-Identifier: Apache-2.0
#include "config/kinds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/document.h"
#include "config/write.h"

namespace hawser::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class shape_of_wheel {
  public:
    virtual ~shape_of_wheel() = default;
    virtual int corners() = 0;
};

class round_one final : public shape_of_wheel {
  public:
    static constexpr std::string_view name = "round_one";
    static constexpr std::string_view summary = "It rolls.";
    struct settings {
        bool operator==(const settings&) const = default;
    };
    round_one(const settings&, int) {}
    int corners() override { return 0; }
};

class polygon final : public shape_of_wheel {
  public:
    static constexpr std::string_view name = "polygon";
    static constexpr std::string_view summary = "It rumbles.";
    struct settings {
        int corners = 4;
        static void describe(fields<settings>& field) {
            field("corners", &settings::corners, "How many.").minimum(3);
        }
        bool operator==(const settings&) const = default;
    };
    polygon(const settings& given, int more) : corners_(given.corners + more) {}
    int corners() override { return corners_; }

  private:
    int corners_;
};

constexpr kind_table<shape_of_wheel, int> wheels =
    kinds_of<shape_of_wheel, int>::list<round_one, polygon>();
using wheel = choice<wheels>;

struct outcome {
    wheel chosen;
    std::string problems;
};

outcome read(std::string_view text) {
    diagnostics out;
    outcome made;
    const auto tree = parse_yaml("wheel: " + std::string(text), "f", from_environment, out);
    codec<wheel>::read(*tree.find("wheel"), made.chosen, out);
    made.problems = out.text();
    return made;
}

TEST(kinds, are_named_with_hyphens) {
    EXPECT_THAT(wheels.names(), ElementsAre("round-one", "polygon"));
    EXPECT_NE(wheels.find("round-one"), nullptr);
    EXPECT_EQ(wheels.find("round_one"), nullptr);
}

TEST(choice, is_the_first_kind_by_default) { EXPECT_EQ(wheel().name(), "round-one"); }

TEST(choice, is_read_from_a_name_alone) {
    const auto made = read("polygon");

    EXPECT_EQ(made.problems, "");
    EXPECT_EQ(made.chosen.make(0)->corners(), 4);
}

TEST(choice, is_read_from_a_name_with_settings) {
    const auto made = read("{polygon: {corners: 6}}");

    EXPECT_EQ(made.problems, "");
    EXPECT_EQ(made.chosen.settings_if<polygon>()->corners, 6);
    EXPECT_EQ(made.chosen.settings_if<round_one>(), nullptr);
    EXPECT_EQ(made.chosen.make(1)->corners(), 7);
}

TEST(choice, equals_another_of_the_same_kind_and_settings) {
    EXPECT_EQ(read("{polygon: {corners: 4}}").chosen, wheel("polygon"));
    EXPECT_NE(read("{polygon: {corners: 5}}").chosen, wheel("polygon"));
    EXPECT_NE(wheel("polygon"), wheel("round-one"));
}

TEST(choice, names_the_kinds_when_it_knows_none) {
    EXPECT_EQ(read("poligon").problems,
              "f:1:8: error: `poligon` is not known here, did you mean `polygon`?\n");
    EXPECT_EQ(read("{square: {}}").problems,
              "f:1:9: error: `square` is not known here; known: `round-one` or `polygon`\n");
}

TEST(choice, checks_the_settings_of_its_kind) {
    EXPECT_EQ(read("{polygon: {corners: 2, size: 1}}").problems,
              "f:1:28: error: `corners`: must be at least 3\n"
              "f:1:31: error: unknown key `size`; known: `corners`\n");
    EXPECT_THAT(read("{round-one: {corners: 2}}").problems, HasSubstr("unknown key `corners`"));
    EXPECT_THAT(read("{polygon: {}, round-one: {}}").problems, HasSubstr("of several keys"));
    EXPECT_THAT(read("[polygon]").problems, HasSubstr("found a list"));
}

TEST(choice, is_shown_with_its_effective_settings) {
    EXPECT_EQ(to_yaml(codec<wheel>::show(wheel("polygon"))), "polygon:\n  corners: 4\n");
    EXPECT_EQ(to_yaml(codec<wheel>::show(wheel("round-one"))), "round-one\n");
}

struct wagon {
    std::optional<wheel> on;
    int seats = 2;

    static void describe(fields<wagon>& field) {
        add_kinds(field, &wagon::on);
        field("seats", &wagon::seats, "How many.");
    }
};

struct built {
    wagon made;
    std::string problems;
};

built build(std::string_view text) {
    diagnostics out;
    built all;
    const auto tree = parse_yaml("wagon: " + std::string(text), "f", from_environment, out);
    codec<wagon>::read(*tree.find("wagon"), all.made, out);
    all.problems = out.text();
    return all;
}

TEST(kinds_as_keys, are_chosen_by_the_key_that_is_there) {
    const auto all = build("{seats: 4, polygon: {corners: 6}}");

    EXPECT_EQ(all.problems, "");
    EXPECT_EQ(all.made.on->settings_if<polygon>()->corners, 6);
    EXPECT_EQ(all.made.seats, 4);
    EXPECT_EQ(build("{}").made.on, std::nullopt);
}

TEST(kinds_as_keys, need_no_settings) {
    EXPECT_EQ(build("{round-one: on}").made.on, wheel("round-one"));
    EXPECT_EQ(build("{round-one: {}}").made.on, wheel("round-one"));
    EXPECT_EQ(build("{polygon: on}").made.on, wheel("polygon"));
    EXPECT_EQ(build("{polygon:}").made.on, wheel("polygon"));
}

TEST(kinds_as_keys, exclude_each_other) {
    EXPECT_EQ(build("{round-one: on, polygon: on}").problems,
              "f:1:33: error: `polygon` beside `round-one`: only one of them can be there\n");
}

TEST(kinds_as_keys, check_the_settings_of_their_kind) {
    EXPECT_EQ(build("{polygon: {corners: 2}}").problems,
              "f:1:28: error: `corners`: must be at least 3\n");
    EXPECT_THAT(build("{poligon: on}").problems, HasSubstr("did you mean `polygon`?"));
    EXPECT_THAT(build("{round-one: off}").problems, HasSubstr("expected"));
}

TEST(kinds_as_keys, are_shown_as_they_are_written) {
    EXPECT_EQ(to_yaml(codec<wagon>::show(build("{polygon: on}").made)),
              "polygon:\n  corners: 4\nseats: 2\n");
    EXPECT_EQ(to_yaml(codec<wagon>::show(build("{round-one: on}").made)),
              "round-one: on\nseats: 2\n");
    EXPECT_EQ(to_yaml(codec<wagon>::show(wagon{})), "seats: 2\n");
}

}  // namespace
}  // namespace hawser::config
