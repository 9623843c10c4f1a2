// SPDX-License-Identifier: Apache-2.0
#include "discovery/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "discovery/watching.h"

namespace hawser::discovery {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::HasSubstr;

/// A file of servers in a directory of its own.
class paper {
  public:
    paper() {
        std::string pattern = (fs::temp_directory_path() / "hawser-file-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }
    ~paper() { fs::remove_all(folder_); }
    paper(const paper&) = delete;
    paper& operator=(const paper&) = delete;

    [[nodiscard]] std::string path() const { return (folder_ / "servers.yaml").string(); }
    void write(std::string_view text) const { std::ofstream(path()) << text; }
    /// As careful programs do.
    void replace(std::string_view text) const {
        const auto beside = folder_ / "servers.yaml.new";
        std::ofstream(beside) << text;
        fs::rename(beside, path());
    }

  private:
    fs::path folder_;
};

file::settings of(const paper& written, std::chrono::milliseconds poll = 1h) {
    return {.path = written.path(), .poll = poll};
}

TEST(file, names_servers_in_yaml_and_in_json) {
    const auto yaml = read_server_list(
        "servers:\n  a: 10.0.0.1:8000\n  b: {address: '[2001:db8::1]:80', weight: 3, priority: 1, "
        "release: new}\n"
        "  c: unix:/run/c.sock\n",
        "servers.yaml");
    const auto json = read_server_list(
        "{\"servers\": {\n\t\"a\": \"10.0.0.1:8000\",\n\t\"b\": {\"address\": \"[2001:db8::1]:80\", "
        "\"weight\": 3, \"priority\": 1, \"release\": \"new\"},\n\t\"c\": \"unix:/run/c.sock\"}}",
        "servers.json");

    ASSERT_TRUE(yaml.has_value()) << yaml.error().context;
    ASSERT_TRUE(json.has_value()) << json.error().context;
    EXPECT_EQ(*yaml, *json);
    ASSERT_EQ(yaml->size(), 3u);
    EXPECT_EQ((*yaml)[1].name, "b");
    EXPECT_EQ((*yaml)[1].address.text(), "[2001:db8::1]:80");
    EXPECT_EQ((*yaml)[1].weight, 3u);
    EXPECT_EQ((*yaml)[1].priority, 1u);
    EXPECT_EQ((*yaml)[1].release, "new");
    EXPECT_EQ((*yaml)[0].weight, std::nullopt);
}

TEST(file, tells_all_that_is_wrong_with_its_place) {
    const auto why = [](std::string_view text) {
        const auto read = read_server_list(text, "s.yaml");
        return read ? std::string("nothing") : read.error().context;
    };

    EXPECT_THAT(why("servers:\n  a: app.internal:80\n  b: {weight: 300}\n"),
                testing::AllOf(HasSubstr("s.yaml:2:6: error: `address`: `app.internal:80` is no"),
                               HasSubstr("s.yaml:3:"), HasSubstr("at most 256")));
    EXPECT_THAT(why("servers: {a: 10.0.0.1:80, a: 10.0.0.2:80}"), HasSubstr("named twice"));
    EXPECT_THAT(why("servers: {'a/b': 10.0.0.1:80}"), HasSubstr("s.yaml:1:11: error"));
    EXPECT_THAT(why("{\"servers\": {\"a\": \"10.0.0.1:"), HasSubstr("not valid YAML"));
    EXPECT_THAT(why(""), HasSubstr("servers"));
    EXPECT_THAT(why("server: {}"), HasSubstr("servers"));
    EXPECT_THAT(why("servers: {a: '${HOME}'}"), HasSubstr("s.yaml:1:"));
    EXPECT_EQ(why("servers: {}"), "nothing") << "nobody is there: that is said, not missing";
}

TEST(file, is_read_at_once_and_again_when_it_is_replaced_or_rewritten) {
    const paper written;
    written.write("servers: {a: 10.0.0.1:80}");
    watching on;
    on.with<file>(of(written));

    EXPECT_EQ(on.look_for_names(), "a=10.0.0.1:80");
    EXPECT_EQ(on.look_for_names([&] { written.replace("servers: {b: 10.0.0.2:80}"); }),
              "b=10.0.0.2:80");
    EXPECT_EQ(on.look_for_names([&] { written.write("servers: {c: 10.0.0.3:80}"); }),
              "c=10.0.0.3:80");
}

TEST(file, misses_no_change_between_two_looks) {
    const paper written;
    written.write("servers: {a: 10.0.0.1:80}");
    watching on;
    on.with<file>(of(written));
    (void)on.look();

    written.replace("servers: {b: 10.0.0.2:80}");

    EXPECT_EQ(on.look_for_names(), "b=10.0.0.2:80");
}

TEST(file, is_no_news_when_only_its_neighbours_change) {
    const paper written;
    written.write("servers: {a: 10.0.0.1:80}");
    watching on;
    on.with<file>(of(written));
    (void)on.look();

    const auto news = on.look_for_names([&] {
        std::ofstream(written.path() + ".other") << "x";
        written.replace("servers: {a: 10.0.0.1:80}");
        written.replace("servers: {b: 10.0.0.2:80}");
    });

    EXPECT_EQ(news, "b=10.0.0.2:80");
}

TEST(file, is_told_when_it_is_missing_and_found_when_it_comes) {
    const paper written;
    watching on;
    on.with<file>(of(written));

    EXPECT_THAT(on.look_for_names(), HasSubstr("cannot read"));
    EXPECT_EQ(on.look_for_names([&] { written.replace("servers: {a: 10.0.0.1:80}"); }),
              "a=10.0.0.1:80");
}

TEST(file, is_looked_at_now_and_then_where_nothing_is_heard_of_it) {
    const paper written;
    watching on;
    auto given = of(written, 10ms);
    given.path = written.path() + ".d/servers.yaml";  // no directory to hear of
    on.with<file>(given);
    EXPECT_THAT(on.look_for_names(), HasSubstr("cannot read"));

    EXPECT_EQ(on.look_for_names([&] {
        fs::create_directory(written.path() + ".d");
        std::ofstream(given.path) << "servers: {a: 10.0.0.1:80}";
    }),
              "a=10.0.0.1:80");
}

}  // namespace
}  // namespace hawser::discovery
