// SPDX-License-Identifier: Apache-2.0
#include "config/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/document.h"
#include "config/schema.h"
#include "config/write.h"

namespace hawser::config {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

enum class colour { red, green };
constexpr std::array<word<colour>, 2> choices(colour) {
    return {{{"red", colour::red}, {"green", colour::green}}};
}

struct part {
    std::string name;
    int depth = 3;

    static void describe(fields<part>& field) {
        field("name", &part::name, "What it is called.").required();
        field("depth", &part::depth, "How deep it lies.").minimum(-5).maximum(5);
        field.shorthand("name");
    }
    bool operator==(const part&) const = default;
};

struct whole {
    std::chrono::seconds ttl = 30min;
    byte_count size{4096};
    percentage share{20};
    colour paint = colour::green;
    bool is_fast = false;
    std::optional<std::uint16_t> port;
    switchable<part> extra;
    switchable<std::chrono::milliseconds> pause{5ms};
    std::vector<std::string> tags;
    std::map<std::string, part, std::less<>> parts;
    std::string password;

    static void describe(fields<whole>& field) {
        field("ttl", &whole::ttl, "How long.").minimum(1s);
        field("size", &whole::size, "How large.");
        field("share", &whole::share, "How much.");
        field("paint", &whole::paint, "Which colour.");
        field("is-fast", &whole::is_fast, "How fast.");
        field("port", &whole::port, "Where.");
        field("extra", &whole::extra, "One more part.");
        field("pause", &whole::pause, "How long to rest.").minimum(2ms);
        field("tags", &whole::tags, "Words.");
        field("parts", &whole::parts, "What it is made of.");
        field("password", &whole::password, "Not to be told.").secret();
    }
    bool operator==(const whole&) const = default;
};

struct outcome {
    whole value;
    std::string problems;
};

outcome read(std::string_view text) {
    diagnostics out;
    outcome made;
    const auto tree = parse_yaml(text, "f", from_environment, out);
    codec<whole>::read(tree, made.value, out);
    made.problems = out.text();
    return made;
}

TEST(settings, keep_their_defaults_when_nothing_is_written) {
    const auto made = read("");

    EXPECT_EQ(made.problems, "");
    EXPECT_EQ(made.value, whole{});
}

TEST(settings, are_read_by_their_types) {
    const auto made = read(
        "ttl: 1h30m\nsize: 32KiB\nshare: 5%\npaint: red\nis-fast: on\nport: 80\n"
        "extra: {name: x, depth: -5}\npause: off\ntags: [a, b]\nparts: {p: {name: y}, q: z}\n");

    EXPECT_EQ(made.problems, "");
    EXPECT_EQ(made.value.ttl, 90min);
    EXPECT_EQ(made.value.size.value, 32768u);
    EXPECT_EQ(made.value.share, percentage{5});
    EXPECT_EQ(made.value.paint, colour::red);
    EXPECT_TRUE(made.value.is_fast);
    EXPECT_EQ(made.value.port, 80);
    EXPECT_EQ(made.value.extra->depth, -5);
    EXPECT_FALSE(made.value.pause.has_value());
    EXPECT_EQ(made.value.tags, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(made.value.parts.at("q").name, "z");
}

TEST(settings, take_a_lone_scalar_for_a_list_of_one) {
    EXPECT_EQ(read("tags: a").value.tags, std::vector<std::string>{"a"});
}

TEST(settings, tell_every_mistake_at_once) {
    EXPECT_EQ(read("ttl: 10\n"
                   "size: 1MB\n"
                   "share: 120%\n"
                   "paint: grene\n"
                   "is-fast: quick\n"
                   "port: 70000\n"
                   "extra: {depth: 6}\n"
                   "pause: 1ms\n"
                   "tags: {a: b}\n"
                   "parts: {'a/b': x}\n"
                   "sise: 1\n")
                  .problems,
              "f:1:6: error: `10` lacks a unit, did you mean `10s`?\n"
              "f:2:7: error: `1MB` is no size: write a number of bytes, or a number with KiB, MiB "
              "or GiB, such as 32KiB\n"
              "f:3:8: error: `120%` is no percentage: write 0% to 100%\n"
              "f:4:8: error: `grene` is not known here, did you mean `green`?\n"
              "f:5:10: error: `quick` is not known here; known: `true`, `false`, `yes`, `no`, `on` "
              "or `off`\n"
              "f:6:7: error: `70000` is too large\n"
              "f:7:8: error: `name` is missing: What it is called.\n"
              "f:7:16: error: `depth`: must be at most 5\n"
              "f:8:8: error: `pause`: must be at least 2ms\n"
              "f:9:7: error: expected a list (of text), found a map\n"
              "f:10:9: error: `a/b` cannot be a name: use letters, digits, `-`, `_` and `.`, at "
              "most 64\n"
              "f:11:1: error: unknown key `sise`, did you mean `size`?\n");
}

TEST(settings, refuse_values_of_another_shape) {
    EXPECT_THAT(read("ttl: [1s]").problems, HasSubstr("expected a duration, found a list"));
    EXPECT_THAT(read("ttl:").problems, HasSubstr("expected a duration, found nothing"));
    EXPECT_THAT(read("parts: x").problems, HasSubstr("expected a map"));
    EXPECT_THAT(read("ttl: 1500ms").problems, HasSubstr("too fine"));
    EXPECT_THAT(read("port: -1").problems, HasSubstr("no whole number"));
    EXPECT_THAT(read("port: 8o").problems, HasSubstr("no whole number"));
    EXPECT_THAT(read("port: 99999999999999999999999").problems, HasSubstr("too large"));
}

TEST(settings, show_every_effective_value_and_no_secret) {
    auto value = read("password: hunter2\nparts: {p: x}\n").value;

    EXPECT_EQ(to_yaml(codec<whole>::show(value)),
              "ttl: 30m\nsize: 4KiB\nshare: 20%\npaint: green\nis-fast: false\nextra: off\n"
              "pause: 5ms\ntags: []\nparts:\n  p:\n    name: x\n    depth: 3\n"
              "password: \"(hidden)\"\n");
}

TEST(settings, are_the_same_after_being_shown_and_read_again) {
    const auto made = read("ttl: 1m\nextra: a$$b\ntags: ['off', \"1\", 'a: b', '']\nport: 1\n");
    auto shown = codec<whole>::show(made.value);
    std::erase_if(shown.entries(), [](const auto& one) { return one.key == "password"; });

    const auto again = read(to_yaml(shown));
    EXPECT_EQ(again.problems, "");
    EXPECT_EQ(again.value, made.value);
}

TEST(schema, tells_types_defaults_and_what_is_required) {
    const auto text = to_json(schema_of(description_of<whole>(), "Whole"));

    EXPECT_THAT(text, HasSubstr("\"default\": \"30m\""));
    EXPECT_THAT(text, HasSubstr("\"additionalProperties\": false"));
    EXPECT_THAT(text, HasSubstr("\"required\": [\n"));
    EXPECT_THAT(text, HasSubstr("\"description\": \"How deep it lies.\""));
}

TEST(reference, lists_every_key_with_type_default_and_meaning) {
    const auto text = reference_of(description_of<whole>());

    EXPECT_THAT(text, HasSubstr("| `ttl` | duration, at least 1s | `30m` | How long. |"));
    EXPECT_THAT(text, HasSubstr("| `paint` | `red` or `green` | `green` | Which colour. |"));
    EXPECT_THAT(text, HasSubstr("## `parts.NAME`"));
    EXPECT_THAT(text, HasSubstr("| `name` | text | required | What it is called. |"));
}

}  // namespace
}  // namespace hawser::config
