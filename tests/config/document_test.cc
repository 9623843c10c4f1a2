// SPDX-License-Identifier: Apache-2.0
#include "config/document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/limits.h"

namespace hawser::config {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

struct parsed {
    node tree;
    diagnostics problems;
};

parsed parse(std::string_view text) {
    parsed made;
    made.tree = parse_yaml(text, "hawser.yaml", from_environment, made.problems);
    return made;
}

std::string problems_of(std::string_view text) { return parse(text).problems.text(); }

TEST(document, knows_the_place_of_every_value) {
    const auto made = parse("a:\n  b: one\n  c: [x, 'y']\n");

    EXPECT_EQ(made.problems.text(), "");
    EXPECT_EQ(made.tree.place({"a", "b"}).text(), "hawser.yaml:2:6");
    EXPECT_EQ(made.tree.place({"a", "c", "1"}).text(), "hawser.yaml:3:10");
    EXPECT_EQ(made.tree.find("a")->entries()[1].at.text(), "hawser.yaml:3:3");
}

TEST(document, gives_the_nearest_place_of_what_is_not_written) {
    EXPECT_EQ(parse("a:\n  b: one\n").tree.place({"a", "x", "y"}).text(), "hawser.yaml:2:3");
}

TEST(document, says_where_syntax_is_wrong) {
    EXPECT_THAT(problems_of("a:\n  b: [1, 2\n"),
                HasSubstr("hawser.yaml:3:1: error: not valid YAML"));
    EXPECT_THAT(problems_of("a: b: c\n"), HasSubstr("hawser.yaml:1:5: error: not valid YAML"));
    EXPECT_THAT(problems_of("a:\n\t- x\n"), HasSubstr("hawser.yaml:2:"));
}

TEST(document, refuses_a_key_named_twice) {
    EXPECT_EQ(problems_of("a: 1\nb: 2\na: 3\n"),
              "hawser.yaml:3:1: error: `a` is named twice, first in line 1\n");
}

TEST(document, is_one_map) {
    EXPECT_THAT(problems_of("- a\n- b\n"), HasSubstr("hawser.yaml:1:1: error: expected a map"));
    EXPECT_THAT(problems_of("a: 1\n---\nb: 2\n"), HasSubstr("only one YAML document"));
    EXPECT_EQ(problems_of(""), "");
    EXPECT_EQ(problems_of("# nothing\n"), "");
}

TEST(document, takes_only_texts_as_keys) {
    EXPECT_THAT(problems_of("? [a, b]\n: 1\n"), HasSubstr("a key must be a text"));
    EXPECT_THAT(problems_of("? {a: b}\n: {c: d}\n"), HasSubstr("a key must be a text"));
    EXPECT_THAT(problems_of("~: 1\n"), HasSubstr("a key must be a text"));
}

TEST(document, replaces_variables_in_values) {
    diagnostics out;
    const auto known = [](std::string_view) { return std::optional<std::string>("80: [x"); };
    const auto tree = parse_yaml("a: \":${PORT}\"\n", "f", known, out);

    EXPECT_EQ(tree.find("a")->text(), ":80: [x");
}

TEST(document, says_where_a_variable_is_not_set) {
    EXPECT_EQ(problems_of("a:\n  b: x${HAWSER_UNSET_1}\n  c: ${HAWSER_UNSET_2}\n"),
              "hawser.yaml:2:6: error: the variable `HAWSER_UNSET_1` is not set; "
              "${HAWSER_UNSET_1:-default} would give it a default\n"
              "hawser.yaml:3:6: error: the variable `HAWSER_UNSET_2` is not set; "
              "${HAWSER_UNSET_2:-default} would give it a default\n");
}

TEST(document, expands_aliases_and_merges_maps) {
    const auto made = parse(
        "x-base: &base {ttl: 30m, name: base}\n"
        "a: *base\n"
        "b: {name: own, <<: *base}\n"
        "c: {<<: [*base, {more: 1}]}\n");

    EXPECT_EQ(made.problems.text(), "");
    EXPECT_EQ(made.tree.find("a")->find("ttl")->text(), "30m");
    EXPECT_EQ(made.tree.find("b")->find("name")->text(), "own");
    EXPECT_EQ(made.tree.find("b")->find("ttl")->text(), "30m");
    EXPECT_EQ(made.tree.find("c")->find("more")->text(), "1");
}

TEST(document, lets_own_keys_win_over_merged_ones_wherever_they_stand) {
    const auto made = parse("x-a: &a {n: 1}\nb: {<<: *a, n: 2}\n");

    EXPECT_EQ(made.problems.text(), "");
    EXPECT_EQ(made.tree.find("b")->find("n")->text(), "2");
}

TEST(document, refuses_a_bomb_of_aliases_without_expanding_it) {
    std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 12; ++i) {
        const auto before = "*a" + std::to_string(i - 1);
        const auto name = "a" + std::to_string(i);
        text += name + ": &" + name + " [";
        for (int n = 0; n < 9; ++n) text += (n > 0 ? "," : "") + before;
        text += "]\n";
    }
    EXPECT_THAT(problems_of(text), HasSubstr("too large: more than 500000 values"));
}

TEST(document, refuses_too_many_keys_in_one_map) {
    std::string text;
    for (std::size_t i = 0; i <= limits::configuration_keys_max + 5; ++i) {
        text += "k" + std::to_string(i) + ":\n";
    }
    EXPECT_EQ(problems_of(text), "hawser.yaml:10001:1: error: too many keys in one map\n");
}

TEST(document, refuses_an_alias_inside_of_its_anchor) {
    EXPECT_THAT(problems_of("a: &a [x, *a]\n"), HasSubstr("names nothing that is complete"));
}

TEST(document, refuses_what_is_nested_too_deeply) {
    const auto deep = [](std::size_t n) {
        return "a: " + std::string(n, '[') + std::string(n, ']') + "\n";
    };
    EXPECT_EQ(problems_of(deep(limits::configuration_depth_max - 1)), "");
    EXPECT_THAT(problems_of(deep(100)), HasSubstr("nested too deeply"));
    EXPECT_NE(problems_of(deep(100'000)), "");
}

/// A directory that goes with the test.
class files : public testing::Test {
  protected:
    files()
        : root_(fs::temp_directory_path() /
                ("hawser-" + std::to_string(getpid()) + "-" +
                 testing::UnitTest::GetInstance()->current_test_info()->name())) {
        fs::remove_all(root_);
        fs::create_directories(root_);
    }
    ~files() override { fs::remove_all(root_); }

    void write(const std::string& name, std::string_view text) {
        fs::create_directories((root_ / name).parent_path());
        std::ofstream(root_ / name) << text;
    }
    parsed load(const std::string& name = "") {
        parsed made;
        const auto path = name.empty() ? root_ : root_ / name;
        made.tree = load_yaml(path.string(), from_environment, made.problems);
        return made;
    }
    std::string place_of(const std::string& name) { return (root_ / name).string(); }

  private:
    fs::path root_;
};

TEST_F(files, are_merged_in_the_order_of_their_names) {
    write("hawser.yaml", "pools: {a: {x: 1}}\nroutes: [one]\n");
    write("conf.d/20-c.yaml", "pools: {c: {x: 3}}\nroutes: [three]\n");
    write("conf.d/10-b.yaml", "pools: {b: {x: 2}}\nroutes: [two]\n");
    write("conf.d/notes.txt", "not: [yaml\n");

    for (const auto* path : {"", "hawser.yaml"}) {
        const auto made = load(path);
        EXPECT_EQ(made.problems.text(), "");
        EXPECT_EQ(made.tree.find("pools")->entries().size(), 3u);
        ASSERT_EQ(made.tree.find("routes")->items().size(), 3u);
        EXPECT_EQ(made.tree.find("routes")->items()[1].text(), "two");
        EXPECT_EQ(made.tree.place({"routes", "1"}).text(), place_of("conf.d/10-b.yaml") + ":2:10");
    }
}

TEST_F(files, beside_one_of_another_name_are_left_alone) {
    write("demo.yaml", "a: 1\n");
    write("conf.d/b.yaml", "b: 1\n");

    EXPECT_EQ(load("demo.yaml").tree.entries().size(), 1u);
}

TEST_F(files, are_included_by_name) {
    write("demo.yaml", "include: [more, last.yaml]\na: 1\n");
    write("more/b.yaml", "b: 1\n");
    write("last.yaml", "c: 1\n");

    const auto made = load("demo.yaml");
    EXPECT_EQ(made.problems.text(), "");
    EXPECT_EQ(made.tree.entries().size(), 3u);
}

TEST_F(files, of_a_directory_without_a_main_file_are_all_read) {
    write("a.yaml", "a: 1\n");
    write("b.yaml", "b: 1\n");

    EXPECT_EQ(load().tree.entries().size(), 2u);
}

TEST_F(files, may_not_set_one_key_twice) {
    write("hawser.yaml", "sessions:\n  idle-timeout: 1h\n");
    write("conf.d/b.yaml", "sessions: {idle-timeout: 2h}\n");

    EXPECT_EQ(load().problems.text(), place_of("conf.d/b.yaml") +
                                          ":1:12: error: `idle-timeout` is set already in " +
                                          place_of("hawser.yaml") + ":2:3\n");
}

TEST_F(files, that_are_included_include_no_others) {
    write("demo.yaml", "include: b.yaml\n");
    write("b.yaml", "include: demo.yaml\n");

    EXPECT_THAT(load("demo.yaml").problems.text(), HasSubstr("b.yaml:1:10: error: an included"));
}

TEST_F(files, that_cannot_be_read_are_errors) {
    write("demo.yaml", "include: nowhere.yaml\n");
    write("huge.yaml", std::string(limits::configuration_file_max + 1, '#'));
    fs::create_directories(place_of("empty"));

    EXPECT_THAT(load("nowhere.yaml").problems.text(), HasSubstr("No such file"));
    EXPECT_THAT(load("demo.yaml").problems.text(), HasSubstr("demo.yaml:1:10: error: cannot read"));
    EXPECT_THAT(load("huge.yaml").problems.text(), HasSubstr("larger than 16 MiB"));
    EXPECT_THAT(load("empty").problems.text(), HasSubstr("no *.yaml file"));
}

}  // namespace
}  // namespace hawser::config
