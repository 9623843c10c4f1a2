// SPDX-License-Identifier: Apache-2.0
#include "sessions/limits.h"
#include "sessions/resp/lab.h"

/// Channels: who listens, and what is said (R3.6).
namespace hawser::sessions::resp {
namespace {

/// An array of bulk strings, with what it begins with.
std::string list(char mark, const std::vector<std::string>& parts) {
    std::string text = mark + std::to_string(parts.size()) + "\r\n";
    for (const auto& each : parts) text += bulk(each);
    return text;
}

std::string confirmed(char mark, std::string_view what, std::string_view name, int count) {
    return mark + "3\r\n"s + bulk(what) + bulk(name) + ":" + std::to_string(count) + "\r\n";
}

DOOR_TEST(channels, r3_6_whoever_listens_hears_what_is_said) {
    at.begin();
    auto listener = at.connect();
    auto speaker = at.connect();
    co_await speaker.asks("publish news nobody", ":0\r\n");
    co_await listener.asks("subscribe news sports", confirmed('*', "subscribe", "news", 1) +
                                                        confirmed('*', "subscribe", "sports", 2));
    co_await listener.asks("psubscribe n*s", confirmed('*', "psubscribe", "n*s", 3));
    co_await speaker.asks("publish news \"a\\r\\nb\"", ":2\r\n");
    co_await listener.hears(list('*', {"message", "news", "a\r\nb"}) +
                            list('*', {"pmessage", "n*s", "news", "a\r\nb"}));
    co_await speaker.asks("publish sports x", ":1\r\n");
    co_await listener.hears(list('*', {"message", "sports", "x"}));
    co_await speaker.asks("publish weather x", ":0\r\n");
    co_await listener.asks("ping", "*2\r\n$4\r\npong\r\n$0\r\n\r\n");
}

DOOR_TEST(channels, r3_6_in_resp3_messages_are_pushes_and_all_commands_are_served) {
    at.begin();
    auto client = at.connect();
    co_await client.says("hello 3\r\nsubscribe news\r\nset k v\r\nping\r\npublish news x\r\n");
    co_await client.hears(
        "%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.2.0\r\n"
        "$5\r\nproto\r\n:3\r\n$2\r\nid\r\n:1\r\n$4\r\nmode\r\n$10\r\n"
        "standalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n");
    co_await client.hears(confirmed('>', "subscribe", "news", 1) + "+OK\r\n+PONG\r\n:1\r\n" +
                          list('>', {"message", "news", "x"}));
    co_await client.asks("get k", bulk("v"));
    co_await client.asks("unsubscribe", confirmed('>', "unsubscribe", "news", 0));
    co_await client.asks("unsubscribe", ">3\r\n$11\r\nunsubscribe\r\n_\r\n:0\r\n");
}

DOOR_TEST(channels, r3_6_in_resp2_who_listens_may_do_little_else) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("subscribe a", confirmed('*', "subscribe", "a", 1));
    for (const auto* line : {"get k", "publish a x", "hello 3", "client id"}) {
        const std::string word(line, std::string_view(line).find(' '));
        co_await client.asks(line, "-ERR Can't execute '" + word +
                                       "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / "
                                       "RESET are allowed in this context\r\n");
    }
    co_await client.asks("ping hello", list('*', {"pong", "hello"}));
    co_await client.asks("unsubscribe other", confirmed('*', "unsubscribe", "other", 1));
    co_await client.asks("unsubscribe a", confirmed('*', "unsubscribe", "a", 0));
    co_await client.asks("get k", "$-1\r\n");
    co_await client.asks("subscribe a", confirmed('*', "subscribe", "a", 1));
    co_await client.asks("reset", "+RESET\r\n");
    co_await client.asks("publish a x", ":0\r\n");
    co_await client.asks("subscribe a", confirmed('*', "subscribe", "a", 1));
    co_await client.asks("quit", "+OK\r\n");
    co_await client.sees_the_end();
}

DOOR_TEST(channels, r3_6_what_is_heard_comes_before_the_word_that_nothing_more_comes) {
    at.begin();
    auto listener = at.connect();
    auto speaker = at.connect();
    co_await listener.asks(
        "subscribe a b", confirmed('*', "subscribe", "a", 1) + confirmed('*', "subscribe", "b", 2));
    std::string heard;
    std::string said;
    for (int i = 0; i < 100; ++i) {
        said += "publish a " + std::to_string(i) + "\r\n";
        heard += list('*', {"message", "a", std::to_string(i)});
    }
    co_await speaker.says(said);
    for (int i = 0; i < 100; ++i) co_await speaker.hears(":1\r\n");
    co_await speaker.asks("publish b last", ":1\r\n");
    co_await listener.hears(heard + list('*', {"message", "b", "last"}));
    co_await listener.asks("unsubscribe a", confirmed('*', "unsubscribe", "a", 1));
    co_await speaker.asks("publish a x", ":0\r\n");
    co_await speaker.asks("publish b x", ":1\r\n");
    co_await listener.hears(list('*', {"message", "b", "x"}));
}

DOOR_TEST(channels, r3_6_pubsub_tells_who_listens_to_what) {
    at.begin();
    auto listener = at.connect();
    auto other = at.connect();
    auto asker = at.connect();
    co_await asker.asks("pubsub channels", "*0\r\n");
    co_await listener.asks(
        "subscribe a b", confirmed('*', "subscribe", "a", 1) + confirmed('*', "subscribe", "b", 2));
    co_await other.asks("subscribe b", confirmed('*', "subscribe", "b", 1));
    co_await other.asks("psubscribe x*", confirmed('*', "psubscribe", "x*", 2));
    co_await listener.asks("psubscribe x*", confirmed('*', "psubscribe", "x*", 3));
    co_await asker.asks("pubsub channels", list('*', {"a", "b"}));
    co_await asker.asks("pubsub channels [b-z]", list('*', {"b"}));
    co_await asker.asks("pubsub numsub a b c",
                        "*6\r\n$1\r\na\r\n:1\r\n$1\r\nb\r\n:2\r\n$1\r\nc\r\n:0\r\n");
    co_await asker.asks("pubsub numpat", ":1\r\n");
    co_await asker.asks("pubsub shardchannels",
                        "-ERR unknown subcommand 'shardchannels'. Try PUBSUB HELP.\r\n");
    co_await asker.asks("publish xyz 1", ":2\r\n");
}

DOOR_TEST(channels, s16_nobody_hears_another_namespace) {
    at.settings.open_to.reset();
    at.add_user("shop", "0123456789abcdef", 0);
    at.add_user("blog", "fedcba9876543210", 1);
    at.begin();
    auto shop = at.connect();
    auto blog = at.connect();
    co_await shop.asks("auth shop 0123456789abcdef", "+OK\r\n");
    co_await blog.asks("auth blog fedcba9876543210", "+OK\r\n");
    co_await shop.asks("subscribe a", confirmed('*', "subscribe", "a", 1));
    co_await blog.asks("publish a secret", ":0\r\n");
    co_await blog.asks("pubsub channels", "*0\r\n");
    co_await blog.asks("pubsub numsub a", "*2\r\n$1\r\na\r\n:0\r\n");
    co_await shop.asks("ping", list('*', {"pong", ""}));
    // Who becomes somebody else listens to nothing any more.
    auto turncoat = at.connect();
    co_await turncoat.says("hello 3 auth shop 0123456789abcdef\r\n");
    co_await turncoat.says("subscribe a\r\n");
    while (at.shop->channels.subscriptions() < 2) (void)co_await sleep_for(1ms);
    co_await turncoat.says("auth blog fedcba9876543210\r\n");
    while (at.shop->channels.subscriptions() > 1) (void)co_await sleep_for(1ms);
    EXPECT_EQ(at.blog->channels.subscriptions(), 0u);
}

DOOR_TEST(channels, s16_a_subscriber_whose_user_is_gone_hears_nothing_more) {
    at.settings.open_to.reset();
    at.add_user("shop", "0123456789abcdef", 0);
    at.add_user("other", "fedcba9876543210", 0);
    at.begin();
    auto listener = at.connect();
    auto speaker = at.connect();
    co_await listener.asks("auth shop 0123456789abcdef", "+OK\r\n");
    co_await speaker.asks("auth other fedcba9876543210", "+OK\r\n");
    co_await listener.asks("subscribe a", confirmed('*', "subscribe", "a", 1));
    at.settings.users.erase("shop");
    at.publish();
    co_await speaker.asks("publish a secret", ":1\r\n");
    co_await listener.sees_the_end();
    EXPECT_EQ(at.shop->channels.subscriptions(), 0u);
}

DOOR_TEST(channels, r3_6_all_who_listen_hear_all_in_one_order) {
    at.settings.connections_max = 1000;
    at.begin();
    constexpr int listeners = 300;
    std::vector<peer> all;
    for (int i = 0; i < listeners; ++i) {
        all.push_back(at.connect());
        co_await all.back().says("subscribe a\r\n");
    }
    while (at.shop->channels.subscriptions() < listeners) (void)co_await sleep_for(1ms);
    auto one = at.connect();
    auto two = at.connect();
    co_await one.says("publish a 1\r\npublish a 2\r\n");
    co_await two.says("publish a 1\r\npublish a 2\r\n");
    co_await one.hears(":300\r\n:300\r\n");
    co_await two.hears(":300\r\n:300\r\n");
    EXPECT_EQ(at.shop->channels.published, 4u);
    const auto size = 4 * list('*', {"message", "a", "1"}).size();
    std::set<std::string> heard;
    for (auto& each : all) {
        co_await each.hears(confirmed('*', "subscribe", "a", 1));
        heard.insert(co_await each.takes(size));
    }
    EXPECT_EQ(heard.size(), 1u);
}

DOOR_TEST(channels, s18_who_does_not_take_what_it_is_told_is_cut_off_and_counted) {
    at.settings.commands.argument = 2'000'000;
    at.settings.stall = 1h;
    at.begin();
    auto stuck = at.connect();
    auto fine = at.connect();
    auto speaker = at.connect();
    co_await stuck.asks("subscribe a", confirmed('*', "subscribe", "a", 1));
    co_await fine.asks("subscribe b", confirmed('*', "subscribe", "b", 1));
    const std::string much(1'000'000, 'x');
    int said = 0;
    while (at.shop->channels.cut_off == 0 && said < 100) {
        co_await speaker.says("*3\r\n$7\r\npublish\r\n$1\r\na\r\n$1000000\r\n" + much + "\r\n");
        co_await speaker.hears(":1\r\n");
        ++said;
    }
    EXPECT_EQ(at.shop->channels.cut_off, 1u);
    EXPECT_GT(said, 30);
    while (at.all.connections > 2) (void)co_await sleep_for(1ms);
    co_await speaker.asks("publish a x", ":0\r\n");
    co_await speaker.asks("publish b x", ":1\r\n");
    co_await fine.hears(list('*', {"message", "b", "x"}));
    EXPECT_FALSE(at.shop->channels.asks_for_patience(at.door().now().steady));
}

DOOR_TEST(channels, s18_what_waits_for_all_who_listen_is_bounded) {
    at.settings.commands.argument = 2'000'000;
    at.settings.stall = 1h;
    at.begin();
    std::vector<peer> stuck;
    for (int i = 0; i < 16; ++i) {
        stuck.push_back(at.connect());
        co_await stuck.back().asks("subscribe a", confirmed('*', "subscribe", "a", 1));
    }
    auto speaker = at.connect();
    const std::string much(1'000'000, 'x');
    int said = 0;
    while (at.shop->channels.cut_off == 0 && said < 30) {
        co_await speaker.says("*3\r\n$7\r\npublish\r\n$1\r\na\r\n$1000000\r\n" + much + "\r\n");
        (void)co_await speaker.takes(5);  // how many hear it
        ++said;
    }
    EXPECT_GE(at.shop->channels.cut_off, 1u);
    EXPECT_GT(said, 12);
    EXPECT_LT(said, 25);
    EXPECT_LE(at.shop->channels.waiting(), limits::subscribers_backlog_all);
    stuck.clear();
    while (at.shop->channels.subscriptions() > 0) (void)co_await sleep_for(1ms);
    EXPECT_EQ(at.shop->channels.waiting(), 0u);
}

DOOR_TEST(channels, s18_what_one_client_listens_to_is_bounded) {
    at.begin();
    auto client = at.connect();
    constexpr int most = 10'000;
    for (int i = 0; i < most;) {
        std::string line = "subscribe";
        std::string answers;
        for (const int end = i + 1000; i < end; ++i) {
            line += " " + std::to_string(i);
            answers += confirmed('*', "subscribe", std::to_string(i), i + 1);
        }
        co_await client.asks(line, answers);
    }
    co_await client.asks("subscribe more", "-ERR too many subscriptions of one client\r\n");
    co_await client.asks("subscribe 7", confirmed('*', "subscribe", "7", most));
    co_await client.asks("psubscribe " + std::string(5000, '*'), "-ERR pattern is too long\r\n");
}

}  // namespace
}  // namespace hawser::sessions::resp
