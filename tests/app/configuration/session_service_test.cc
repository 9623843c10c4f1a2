// SPDX-License-Identifier: Apache-2.0
#include "app/configuration/session_service.h"

#include <gtest/gtest.h>

#include <string>

#include "app/configuration.h"
#include "app/configuration/load.h"

namespace hawser::app {
namespace {

using namespace std::chrono_literals;

loaded read(const std::string& sessions) {
    return load_text(
        "listeners: {web: {bind: ':8080'}}\n"
        "pools: {shop: {servers: {a: '10.0.0.1:80'}}}\n"
        "routes: [{pool: shop}]\n"
        "sessions: " +
            sessions,
        "test.yaml", [](std::string_view) { return std::nullopt; });
}

std::string problems(const std::string& sessions) { return read(sessions).problems.text(); }

TEST(session_service_settings, one_address_is_enough) {
    const auto all = read("{resp: '127.0.0.1:6379'}");
    ASSERT_TRUE(all.settings) << all.problems.text();
    EXPECT_EQ(all.settings->sessions.resp->open_to, "default");
    EXPECT_TRUE(all.settings->sessions.namespaces.contains("default"));
}

TEST(session_service_settings, without_a_door_there_is_no_namespace) {
    const auto all = read("{idle-timeout: 5m}");
    ASSERT_TRUE(all.settings) << all.problems.text();
    EXPECT_TRUE(all.settings->sessions.namespaces.empty());
}

TEST(session_service_settings, names_lead_to_namespaces) {
    EXPECT_NE(problems("{namespaces: {shop: {}}, resp: {bind: '127.0.0.1:6379', open-to: blog}}")
                  .find("there is no namespace `blog`"),
              std::string::npos);
    EXPECT_NE(problems("{namespaces: {shop: {}}, resp: {bind: '127.0.0.1:6379', users: {a: "
                       "{namespace: blog, password-file: f}}}}")
                  .find("there is no namespace `blog`"),
              std::string::npos);
    EXPECT_NE(problems("{namespaces: {shop: {}, blog: {}}, resp: '127.0.0.1:6379'}")
                  .find("say by `open-to` or `users` who gets to which"),
              std::string::npos);
}

TEST(session_service_settings, s16_beyond_the_loopback_somebody_must_be_asked) {
    const std::string open = "could read and change sessions";
    EXPECT_NE(problems("{resp: '10.0.0.1:6379'}").find(open), std::string::npos);
    EXPECT_NE(problems("{resp: {bind: ['127.0.0.1:6379', ':6380']}}").find(open),
              std::string::npos);
    EXPECT_NE(problems("{resp: {bind: ':6379', open-to: default, users: {a: {namespace: default, "
                       "password-file: f}}}}")
                  .find(open),
              std::string::npos);
    EXPECT_EQ(problems("{resp: 'unix:/run/hawser/sessions'}"), "");
    const auto clear = read(
        "{resp: {bind: ':6379', users: {a: {namespace: default, "
        "password-file: f}}}}");
    ASSERT_TRUE(clear.settings) << clear.problems.text();
    EXPECT_NE(clear.problems.text().find("clear-passwords"), std::string::npos);
    EXPECT_TRUE(clear.settings->sessions.resp->open_to.empty());
}

TEST(session_service_settings, a_door_does_not_share_an_address) {
    EXPECT_NE(problems("{resp: '127.0.0.1:8080'}").find("is taken already by listener `web`"),
              std::string::npos);
    EXPECT_NE(problems("{resp: '127.0.0.1:9901'}").find("is taken already by the RESP door"),
              std::string::npos);
}

TEST(session_service_settings, a_namespace_takes_the_times_of_all_sessions) {
    EXPECT_NE(problems("{absolute-timeout: 1h, namespaces: {shop: {idle-timeout: 2h}}}")
                  .find("`idle-timeout` is longer than `absolute-timeout`"),
              std::string::npos);
    const auto all = read("{namespaces: {shop: {idle-timeout: 2h}}}");
    ASSERT_TRUE(all.settings) << all.problems.text();
    EXPECT_EQ(all.settings->sessions.namespaces.at("shop").idle_timeout, 2h);
}

}  // namespace
}  // namespace hawser::app
