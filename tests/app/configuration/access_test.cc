// SPDX-License-Identifier: Apache-2.0
#include "app/configuration/access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "app/configuration/load.h"

namespace hawser::app {
namespace {

using testing::HasSubstr;

/// A configuration in a folder of its own, whose listener denies by a list beside it.
class listed {
  public:
    explicit listed(std::string_view list) {
        std::filesystem::create_directories(folder_);
        write("list.txt", list);
        write("hawser.yaml",
              "listeners: {web: {bind: ':80', deny: 10.0.0.1, deny-file: list.txt}}\n"
              "pools: {shop: {servers: {a: 10.0.0.1:80}}}\nroutes: [{pool: shop}]\n");
    }
    ~listed() { std::filesystem::remove_all(folder_); }
    listed(const listed&) = delete;
    listed& operator=(const listed&) = delete;

    [[nodiscard]] loaded read() const {
        return load((folder_ / "hawser.yaml").string(),
                    [](std::string_view) { return std::nullopt; });
    }

  private:
    void write(const char* name, std::string_view text) const {
        std::ofstream(folder_ / name, std::ios::binary) << text;
    }

    std::filesystem::path folder_ =
        std::filesystem::path(testing::TempDir()) /
        (std::string("hawser-lists-") + std::to_string(::getpid()) + "-" +
         testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST(network_files, are_read_line_by_line) {
    const listed files("10.0.0.0/8\r\n\n # nothing\n\t2001:db8::/32  # with a word\nunix:");
    const auto made = files.read();
    ASSERT_TRUE(made.settings) << made.problems.text();
    const auto& web = made.settings->listeners.at("web");
    std::string all;
    for (const auto& each : all_networks(web.deny, web.deny_file)) all += each.text() + " ";
    EXPECT_EQ(all, "10.0.0.1/32 10.0.0.0/8 2001:db8::/32 unix: ");
}

TEST(network_files, tell_every_faulty_line) {
    const listed files("10.0.0.0/8\n10.0.0.0/33\n  example\n");
    const auto problems = files.read().problems.text();
    EXPECT_THAT(problems, HasSubstr("list.txt:2:1: error: is no network"));
    EXPECT_THAT(problems, HasSubstr("list.txt:3:3: error: is no network"));
}

TEST(network_files, that_allow_nobody_are_refused) {
    EXPECT_EQ(list_something({}), "");
    EXPECT_EQ(list_something({{.path = "a", .networks = {clients::network{}}}}), "");
    EXPECT_THAT(list_something({{.path = "a", .networks = {}}}), HasSubstr("lists nobody"));
}

TEST(network_files, another_list_is_another_configuration) {
    const listed files("10.0.0.0/8\n");
    const auto before = files.read();
    const listed changed("10.0.0.0/9\n");
    EXPECT_TRUE(before.settings && before.settings != changed.read().settings);
}

}  // namespace
}  // namespace hawser::app
