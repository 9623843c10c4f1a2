// SPDX-License-Identifier: Apache-2.0
#include "app/discoveries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "app/configuration/load.h"
#include "io/epoll/epoll_engine.h"
#include "upstream/fleet.h"

namespace hawser::app {
namespace {

namespace fs = std::filesystem;

/// A control thread with lookouts, and a file that names servers.
class town {
  public:
    town() {
        std::string pattern = (fs::temp_directory_path() / "hawser-town-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }
    ~town() {
        finders.end();
        fs::remove_all(folder_);
    }
    town(const town&) = delete;
    town& operator=(const town&) = delete;

    void lists(std::string_view servers) const {
        std::ofstream(path()) << "servers: {" << servers << "}";
    }
    [[nodiscard]] std::string path() const { return (folder_ / "servers").string(); }

    /// A configuration whose pool `shop` has these settings.
    [[nodiscard]] static configuration with(const std::string& pool) {
        auto read = load_text("listeners: {web: {bind: ':8080'}}\npools: {shop: " + pool +
                                  "}\nroutes: [{pool: shop}]\nkeys: /keys\n",
                              "f");
        EXPECT_TRUE(read.settings.has_value()) << read.problems.text();
        return *read.settings;
    }
    [[nodiscard]] configuration looking(const std::string& more = {}) const {
        return with("{discover: {file: '" + path() + "'}" + more + "}");
    }

    void begin(const configuration& wanted) {
        finders.change_to(wanted, {.settings = nothing, .fleet = nobody});
        finders.wait_for_first_looks();
    }
    [[nodiscard]] auto servers_over(const configuration& file) const {
        return finders.over("shop", file.pools.at("shop"), {.settings = nothing, .fleet = nobody})
            .servers;
    }

    const configuration nothing;
    const upstream::snapshot nobody;
    io::worker control{0, io::make_epoll_engine().value()};
    discoveries finders{control};

  private:
    fs::path folder_;
};

TEST(discoveries, put_those_who_are_found_beside_those_of_the_file) {
    town at;
    at.lists("a: {address: 10.0.0.1:80, weight: 3}, b: 10.0.0.2:80, mine: 10.0.0.3:80");
    const auto wanted =
        at.looking(", servers: {mine: 10.0.9.9:80}, discovered: {weight: 5, max-connections: 7}");
    at.begin(wanted);

    const auto servers = at.servers_over(wanted);

    ASSERT_EQ(servers.size(), 3u);
    EXPECT_EQ(servers.at("a").weight, 3u);
    EXPECT_EQ(servers.at("b").weight, 5u);
    EXPECT_EQ(servers.at("b").max_connections.value_or(0), 7u);
    EXPECT_EQ(servers.at("mine").address.text, "10.0.9.9:80") << "the file counts more";
}

TEST(discoveries, prove_servers_of_tls_by_the_name_that_led_to_them) {
    town at;
    at.lists("a: 10.0.0.1:443");
    const auto named = at.looking(", tls: {server-name: shop.internal}");
    at.begin(named);
    EXPECT_EQ(at.servers_over(named).at("a").server_name, "");
}

TEST(discoveries, leave_out_who_cannot_be_reached_or_has_no_room) {
    town at;
    at.lists("four: 10.0.0.1:80, six: '[2001:db8::1]:80', local: unix:/run/a.sock");
    const auto wanted = at.looking(", source: 127.0.0.1");
    at.begin(wanted);

    const auto servers = at.servers_over(wanted);

    EXPECT_EQ(servers.size(), 2u);
    EXPECT_FALSE(servers.contains("six"));
}

TEST(discoveries, have_each_server_run_the_release_that_its_file_names) {
    town at;
    at.lists(
        "a: {address: 10.0.0.1:80, release: new}, b: 10.0.0.2:80, "
        "c: {address: 10.0.0.3:80, release: newer}");
    const auto wanted = at.looking(", releases: [old, new], discovered: {release: old}");
    at.begin(wanted);

    const auto servers = at.servers_over(wanted);

    ASSERT_EQ(servers.size(), 2u) << "c runs none of them";
    EXPECT_EQ(servers.at("a").release, "new");
    EXPECT_EQ(servers.at("b").release, "old");
}

TEST(discoveries, look_for_each_release_where_that_says) {
    town at;
    at.lists("a: {address: 10.0.0.1:80, release: old}");
    const auto wanted = town::with(
        "{servers: {b: {address: 10.0.0.2:80, release: old}}, releases: [old, {name: new, "
        "discover: {file: '" +
        at.path() + "'}}]}");
    at.begin(wanted);

    const auto servers = at.servers_over(wanted);

    EXPECT_EQ(servers.at("a").release, "new");
    EXPECT_EQ(servers.at("b").release, "old");
}

TEST(discoveries, keep_those_who_are_there_where_releases_come_to_have_sources_of_their_own) {
    town at;
    at.lists("a: 10.0.0.1:80, b: {address: 10.0.0.2:80, release: new}");
    const auto releases = [](const std::string& path) {
        return ", discover: {file: '" + path + "'}}";
    };
    const auto split = town::with("{releases: [{name: old" + releases(at.path() + "-old") +
                                  ", {name: new" + releases(at.path() + "-new") + "]}");
    for (const std::string more : {"", ", releases: [old, new], discovered: {release: new}"}) {
        const auto before = at.looking(more);
        at.begin(before);
        const present_servers was{.settings = before, .fleet = at.nobody};
        const auto tried = at.finders.over("shop", split.pools.at("shop"), was).servers;
        ASSERT_EQ(tried.size(), 2u);
        EXPECT_EQ(tried.at("a").release, more.empty() ? "old" : "new");
        EXPECT_EQ(tried.at("b").release, "new");

        at.finders.change_to(split, was);
        at.finders.wait_for_first_looks();
        EXPECT_EQ(at.servers_over(split).size(), 2u) << "no source has answered";
        at.begin(town::with("{servers: {a: 10.0.0.1:80}}"));
    }
}

TEST(discoveries, take_no_heed_of_releases_in_a_pool_that_has_none) {
    town at;
    at.lists("a: {address: 10.0.0.1:80, release: new}");
    at.begin(at.looking());
    EXPECT_EQ(at.servers_over(at.looking()).at("a").release, "");
}

TEST(discoveries, begin_with_the_servers_that_the_pool_had) {
    town at;  // whose file is missing
    const auto before = town::with("{servers: {old: 10.0.0.1:80, stays: 10.0.0.2:80}}");
    upstream::fleet fleet(1);
    const auto present = fleet.change_to(std::vector<upstream::pool_description>{
        {.name = "shop",
         .settings = {},
         .servers = {{.name = "old", .address = io::endpoint::parse("10.0.0.1:80").value()},
                     {.name = "stays", .address = io::endpoint::parse("10.0.0.2:80").value()}}}});
    const present_servers was{.settings = before, .fleet = *present};
    const auto wanted = at.looking(", servers: {stays: 10.0.0.2:80}");

    EXPECT_EQ(at.finders.over("shop", wanted.pools.at("shop"), was).servers.size(), 2u)
        << "nobody looks";
    at.finders.change_to(wanted, was);
    at.finders.wait_for_first_looks();

    EXPECT_TRUE(at.servers_over(wanted).contains("old")) << "nothing was found";
    ASSERT_NE(at.finders.find("shop"), nullptr);
    EXPECT_NE(at.finders.find("shop")->so_far().trouble, "");
}

TEST(discoveries, keep_a_lookout_that_a_reload_does_not_name) {
    town at;
    at.lists("a: 10.0.0.1:80");
    at.begin(at.looking());
    const auto* before = at.finders.find("shop");

    at.begin(at.looking(", retries: 1"));
    EXPECT_EQ(at.finders.find("shop"), before);
    at.begin(at.looking(", discovered: {when-gone: drop}"));
    EXPECT_NE(at.finders.find("shop"), before);
    at.begin(town::with("{servers: {a: 10.0.0.1:80}}"));
    EXPECT_EQ(at.finders.find("shop"), nullptr);
}

}  // namespace
}  // namespace hawser::app
