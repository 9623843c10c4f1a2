// SPDX-License-Identifier: Apache-2.0
#include "sessions/resp/command.h"
#include "sessions/resp/lab.h"

/// How the door speaks: framing, greetings, who may come in (R1, R2, S16).
namespace hawser::sessions::resp {
namespace {

DOOR_TEST(connection, r1_1_speaks_resp2_until_hello_says_otherwise_and_back) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("get a", "$-1\r\n");
    co_await client.says("HeLLo 3\r\n");
    co_await client.hears(
        "%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.2.0\r\n"
        "$5\r\nproto\r\n:3\r\n$2\r\nid\r\n:1\r\n$4\r\nmode\r\n$10\r\nstandalone"
        "\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n");
    co_await client.asks("get a", "_\r\n");
    co_await client.says("hello 2\r\n");
    co_await client.hears(
        "*14\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.2.0\r\n"
        "$5\r\nproto\r\n:2\r\n$2\r\nid\r\n:1\r\n$4\r\nmode\r\n$10\r\nstandalone"
        "\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n");
    co_await client.asks("get a", "$-1\r\n");
}

DOOR_TEST(connection, r1_2_answers_a_pipeline_in_order) {
    at.begin();
    auto client = at.connect();
    std::string asked;
    std::string expected;
    for (int i = 0; i < 3000; ++i) {
        const auto number = std::to_string(i);
        asked += "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n" + bulk(number) + "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n";
        expected += "+OK\r\n" + bulk(number);
    }
    scope beside;
    beside.spawn(client.says(asked));
    co_await client.hears(expected);
    co_await beside.join();
}

/// Who takes no answers is not read from either, and is let go in the end.
DOOR_TEST(connection, r1_2_stops_reading_when_answers_pile_up) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("set k " + std::string(10'000, 'x'), "+OK\r\n");
    std::string asked;
    for (int i = 0; i < 200; ++i) asked += "GET k\r\n";
    co_await client.says(asked);
    while (at.all.connections > 0) (void)co_await sleep_for(100ms);
}

/// No command, and no crowd of them, holds a worker: others have their turn in between.
DOOR_TEST(connection, whoever_asks_for_much_lets_others_have_their_turn) {
    at.begin();
    auto client = at.connect();
    std::string names;
    for (int i = 0; i < 4000; ++i) names += " k";
    co_await client.asks("exists" + names, ":0\r\n");
    co_await client.asks("del" + names, ":0\r\n");
    co_await client.asks("mset" + names, "+OK\r\n");
    std::string many;
    std::string expected = "*4000\r\n";
    for (int i = 0; i < 4000; ++i) expected += "$1\r\nk\r\n";
    co_await client.asks("mget" + names, expected);
    expected.clear();
    for (int i = 0; i < 2000; ++i) {
        many += "get k\r\n";
        expected += "$1\r\nk\r\n";
    }
    scope beside;
    beside.spawn(client.says(many));
    co_await client.hears(expected);
    co_await beside.join();
    EXPECT_LE(at.kept.most_in_a_turn(), 256u);
}

/// However few commands those are.
DOOR_TEST(connection, whoever_works_on_large_records_lets_others_have_their_turn) {
    at.begin();
    auto client = at.connect();
    const std::string large(200'000, 'x');
    co_await client.asks("*4\r\n" + bulk("hset") + bulk("h") + bulk("f") + "$200000\r\n" + large,
                         ":1\r\n");
    co_await client.asks("*3\r\n" + bulk("set") + bulk("s") + "$200000\r\n" + large, "+OK\r\n");
    for (const std::string line : {"hlen h", "hset h g 1", "hexists h g", "strlen s", "exists s",
                                   "append s x", "copy s t"}) {
        SCOPED_TRACE(line);
        std::string many;
        for (int i = 0; i < 40; ++i) many += line + "\r\n";
        at.kept.forget_turns();
        co_await client.says(many);
        for (int i = 0; i < 40; ++i) {
            std::string byte;
            do byte = co_await client.takes(1);
            while (!byte.empty() && byte != "\n");
        }
        EXPECT_LE(at.kept.most_in_a_turn(), 16u);
    }
}

DOOR_TEST(connection, words_of_one_command_are_bounded_or_taken_in_turns) {
    at.begin();
    auto client = at.connect();
    std::string words;
    for (int i = 0; i < 2000; ++i) words += " k";
    std::string counts = "*4000\r\n";
    std::string none = "*2000\r\n";
    for (int i = 0; i < 2000; ++i) {
        counts += bulk("k") + ":0\r\n";
        none += ":0\r\n";
    }
    const auto before = at.world.worker().turns().turn();
    co_await client.asks("pubsub numsub" + words, counts);
    EXPECT_GE(at.world.worker().turns().turn() - before, 7u);
    co_await client.asks("script exists" + words, none);
    co_await client.asks("config get" + words, "-ERR too many patterns\r\n");
    co_await client.asks("info" + words, "-ERR too many sections\r\n");
}

DOOR_TEST(connection, commands_are_counted_and_timed_by_name) {
    at.begin();
    auto client = at.connect();
    for (int i = 0; i < 64; ++i) co_await client.asks("get k", "$-1\r\n");
    co_await client.asks("exists k", ":0\r\n");
    co_await client.asks("get", "-ERR wrong number of arguments for 'get' command\r\n");
    const auto& counted = at.counted();
    const auto times_of = [&](std::string_view name) {
        const auto& times = counted.times[place_of(*find_command(name))];
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i <= command_bounds.size(); ++i) sum += times.count(i);
        return sum;
    };
    EXPECT_EQ(counted.commands[place_of(*find_command("GET"))].value(), 65u);
    EXPECT_EQ(times_of("get"), 64u);
    EXPECT_EQ(times_of("exists"), 1u);
    EXPECT_EQ(times_of("set"), 0u);
}

/// A store that has to be waited for is asked, and answered, in the same order.
DOOR_TEST(connection, a_store_that_makes_wait_is_waited_for) {
    at.kept.answers_at_once = false;
    at.begin();
    auto client = at.connect();
    co_await client.asks("set sess:a 1 ex 100\r\nget sess:a\r\nping\r\nget b",
                         "+OK\r\n$1\r\n1\r\n+PONG\r\n$-1\r\n");
}

/// A client whose first change is being settled, as changes of that class are from now on.
task<peer> one_who_waits(lab& at, store::durability unsettled) {
    at.kept.unsettled = unsettled;
    at.begin();
    auto client = at.connect();
    co_await client.says("set first 1\r\n");
    while (at.kept.settled.empty()) (void)co_await sleep_for(1ms);
    co_return client;
}

/// While the first one is settled the others come, whole.
DOOR_TEST(connection, what_came_together_is_settled_together) {
    auto client = co_await one_who_waits(at, store::durability::sync);
    co_await client.says("set a 1\r\nsetex sess:b 100 2\r\nget a\r\nset c 3\r\n");
    co_await client.hears("+OK\r\n+OK\r\n+OK\r\n$1\r\n1\r\n+OK\r\n");
    EXPECT_EQ(at.kept.settled, (std::vector<std::size_t>{1, 3}));
}

/// What follows may lead elsewhere: nothing stays open behind it.
DOOR_TEST(connection, what_was_changed_is_settled_before_the_client_changes) {
    auto client = co_await one_who_waits(at, store::durability::sync);
    co_await client.says("set a 1\r\nset b 2\r\nreset\r\nset c 3\r\n");
    co_await client.hears("+OK\r\n+OK\r\n+OK\r\n+RESET\r\n+OK\r\n");
    EXPECT_EQ(at.kept.settled, (std::vector<std::size_t>{1, 2, 1}));
}

DOOR_TEST(connection, what_cannot_be_settled_is_an_error_in_its_place) {
    auto client = co_await one_who_waits(at, store::durability::interval);
    co_await client.says("get a\r\nset a 12345\r\nget a\r\nset b 2\r\nset b 3\r\nget b\r\n");
    while (at.kept.settled.size() < 2) (void)co_await sleep_for(1ms);
    at.kept.trouble = errc::unavailable;
    const std::string refused = "-READONLY the session store cannot keep changes now\r\n";
    co_await client.hears("+OK\r\n$-1\r\n" + refused + "$5\r\n12345\r\n" + refused + refused +
                          "$1\r\n3\r\n");
}

/// What is large is written without its record being held; it is answered in the same order.
DOOR_TEST(connection, what_is_large_is_kept_as_well) {
    at.begin();
    auto client = at.connect();
    const std::string large(100'000, 'x');
    scope beside;
    beside.spawn(client.says("*3\r\n$3\r\nSET\r\n$6\r\nsess:a\r\n" + bulk(large) +
                             "set sess:a small\r\n*3\r\n$3\r\nSET\r\n$1\r\nb\r\n" + bulk(large) +
                             "get sess:a\r\nget b\r\n"));
    co_await client.hears("+OK\r\n+OK\r\n+OK\r\n" + bulk("small") + bulk(large));
    co_await beside.join();
}

DOOR_TEST(connection, a_command_that_comes_in_pieces_is_answered_once_it_is_whole) {
    for (const bool at_once : {true, false}) {
        at.kept.answers_at_once = at_once;
        if (at_once) at.begin();
        auto client = at.connect();
        for (const std::string_view piece :
             {"*3\r\n$3\r\nSET\r\n$1\r\nk\r", "\n$3\r\na", "bc\r\nGET k\r\nEXI", "STS k\r\n"}) {
            co_await client.says(std::string(piece));
            (void)co_await sleep_for(10ms);
        }
        co_await client.hears("+OK\r\n$3\r\nabc\r\n:1\r\n");
    }
}

DOOR_TEST(connection, r1_3_breaks_off_after_wrong_framing) {
    at.begin();
    auto client = at.connect();
    co_await client.says("PING\r\n*1\r\n:3\r\nPING\r\n");
    co_await client.hears("+PONG\r\n-ERR Protocol error: expected '$'\r\n");
    co_await client.sees_the_end();
}

DOOR_TEST(connection, r1_5_closes_on_what_a_browser_says) {
    at.begin();
    auto other = at.connect();
    co_await other.asks("set a 1", "+OK\r\n");
    for (const auto* word : {"POST / HTTP/1.1", "Host: 127.0.0.1"}) {
        auto browser = at.connect();
        co_await browser.says(word + "\r\n\r\nset a 2\r\n"s);
        co_await browser.sees_the_end();
    }
    co_await other.asks("get a", "$1\r\n1\r\n");
}

DOOR_TEST(connection, r1_6_quit_is_answered_after_all_before_it) {
    at.begin();
    auto client = at.connect();
    co_await client.says("PING\r\nQUIT\r\nPING\r\n");
    co_await client.hears("+PONG\r\n+OK\r\n");
    co_await client.sees_the_end();
}

DOOR_TEST(connection, r2_1_another_version_is_refused) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("hello 4", "-NOPROTO unsupported protocol version\r\n");
    co_await client.asks("hello x", "-ERR Protocol version is not an integer or out of range\r\n");
    co_await client.asks("hello 3 nonsense", "-ERR Syntax error in HELLO option 'setname'\r\n");
    co_await client.asks("get a", "$-1\r\n");
}

DOOR_TEST(connection, r2_2_who_has_not_said_who_it_is_gets_nothing) {
    at.settings.open_to.reset();
    at.add_user("default", "secret", 0);
    at.add_user("blog", "word", 1);
    at.begin();
    auto client = at.connect();
    co_await client.asks("get a", "-NOAUTH Authentication required.\r\n");
    co_await client.asks("nonsense", "-NOAUTH Authentication required.\r\n");
    co_await client.says("hello 3\r\n");
    co_await client.hears("-NOAUTH ");
    auto second = at.connect();
    co_await second.asks("auth wrong",
                         "-WRONGPASS invalid username-password pair or user is disabled.\r\n");
    co_await second.asks("auth nobody secret",
                         "-WRONGPASS invalid username-password pair or user is disabled.\r\n");
    co_await second.asks("get a", "-NOAUTH Authentication required.\r\n");
    co_await second.asks("auth secret", "+OK\r\n");
    co_await second.asks("set a 1", "+OK\r\n");
    co_await second.asks("auth blog word", "+OK\r\n");
    co_await second.asks("get a", "$-1\r\n");
    EXPECT_EQ(at.counted().failed_logins.value(), 2u);
}

DOOR_TEST(connection, r2_2_without_users_auth_is_an_error) {
    at.begin();
    auto client = at.connect();
    co_await client.says("auth x\r\n");
    co_await client.hears("-ERR AUTH <password> called without any password configured");
}

DOOR_TEST(connection, r2_1_hello_may_bring_name_and_password) {
    at.settings.open_to.reset();
    at.add_user("shop", "secret", 0);
    at.begin();
    auto client = at.connect();
    co_await client.says("hello 3 auth shop secret setname web-1\r\n");
    co_await client.hears("%7\r\n");
    auto second = at.connect();
    co_await second.asks("hello 3 auth shop wrong",
                         "-WRONGPASS invalid username-password pair or user is disabled.\r\n");
}

DOOR_TEST(connection, s16_who_fails_too_often_waits) {
    at.settings.open_to.reset();
    at.add_user("default", "secret", 0);
    at.begin();
    auto client = at.connect();
    for (unsigned i = 0; i < failed_logins::failures_max; ++i)
        co_await client.asks("auth wrong",
                             "-WRONGPASS invalid username-password pair or user is disabled.\r\n");
    co_await client.asks("auth secret", "-ERR too many failed attempts, try again later\r\n");
    co_await client.sees_the_end();
    (void)co_await sleep_for(failed_logins::span);
    auto later = at.connect();
    co_await later.asks("auth secret", "+OK\r\n");
}

DOOR_TEST(connection, s16_strangers_are_not_waited_for) {
    at.settings.open_to.reset();
    at.add_user("default", "secret", 0);
    at.begin();
    auto stranger = at.connect();
    co_await stranger.asks("get a", "-NOAUTH Authentication required.\r\n");
    auto known = at.connect();
    co_await known.asks("auth secret", "+OK\r\n");
    (void)co_await sleep_for(6s);
    co_await stranger.sees_the_end();
    (void)co_await sleep_for(1min);
    co_await known.asks("ping", "+PONG\r\n");
}

DOOR_TEST(connection, s16_strangers_may_say_little) {
    at.settings.open_to.reset();
    at.add_user("default", "secret", 0);
    at.begin();
    auto stranger = at.connect();
    co_await stranger.says("*2\r\n$4\r\nAUTH\r\n$1000000\r\n");
    co_await stranger.hears("-ERR Protocol error: invalid bulk length\r\n");
    co_await stranger.sees_the_end();
}

DOOR_TEST(connection, r2_3_ping_echo_select_reset) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("ping", "+PONG\r\n");
    co_await client.asks("ping \"a\\x00b\"", "$3\r\na\0b\r\n"s);
    co_await client.asks("echo \"\"", "$0\r\n\r\n");
    co_await client.asks("select 0", "+OK\r\n");
    co_await client.asks("select 1", "-ERR DB index is out of range\r\n");
    co_await client.says("hello 3\r\nreset\r\nget a\r\n");
    co_await client.hears(
        "%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.2.0\r\n"
        "$5\r\nproto\r\n:3\r\n$2\r\nid\r\n:1\r\n$4\r\nmode\r\n$10\r\nstandalone"
        "\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n"
        "+RESET\r\n$-1\r\n");
}

DOOR_TEST(connection, r2_4_client_tells_its_name_and_nothing_is_acknowledged_that_is_not_done) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("client getname", "$-1\r\n");
    co_await client.asks("client setname web-1", "+OK\r\n");
    co_await client.asks("client getname", "$5\r\nweb-1\r\n");
    co_await client.asks("client id", ":1\r\n");
    co_await client.asks("client setinfo lib-name node-redis", "+OK\r\n");
    co_await client.asks("client setinfo other x",
                         "-ERR Unrecognized option for CLIENT SETINFO\r\n");
    for (const auto* word : {"MAINT_NOTIFICATIONS", "TRACKING", "CAPA"})
        co_await client.asks("client "s + word + " on",
                             "-ERR unknown subcommand '"s + word + "'. Try CLIENT HELP.\r\n");
}

DOOR_TEST(connection, r2_5_info_tells_what_libraries_wait_for) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("set a 1", "+OK\r\n");
    co_await client.says("info persistence\r\ninfo replication keyspace\r\n");
    co_await client.hears(bulk("# Persistence\r\nloading:0\r\n"));
    co_await client.hears(
        bulk("# Replication\r\nrole:master\r\nconnected_slaves:0\r\n\r\n"
             "# Keyspace\r\ndb0:keys=1,expires=0,avg_ttl=0\r\n"));
    co_await client.says("info server\r\n");
    co_await client.hears("$");
}

DOOR_TEST(connection, r2_6_command_never_ends_the_connection) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("command", "*0\r\n");
    co_await client.asks("command docs", "*0\r\n");
    co_await client.asks("command info get set", "*2\r\n$-1\r\n$-1\r\n");
    co_await client.asks("command getkeys get a",
                         "-ERR unknown subcommand 'getkeys'. Try COMMAND HELP.\r\n");
}

DOOR_TEST(connection, r2_7_config_is_told_by_pattern_and_not_changed) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("config get save append*",
                         "*4\r\n$10\r\nappendonly\r\n$2\r\nno\r\n$4\r\nsave\r\n$0\r\n\r\n");
    co_await client.asks("config get nothing", "*0\r\n");
    co_await client.asks("config set save x",
                         "-ERR CONFIG SET of 'save': nothing but notify-keyspace-events is changed "
                         "from here\r\n");
}

DOOR_TEST(connection, r4_7_what_is_not_served_is_named) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("FLUSHALL now",
                         "-ERR unknown command 'FLUSHALL', with args beginning with: \r\n");
    co_await client.asks("\"a\\r\\n+OK\"",
                         "-ERR unknown command 'a??+OK', with args beginning with: \r\n");
    co_await client.asks("GET", "-ERR wrong number of arguments for 'get' command\r\n");
    co_await client.asks("get a b", "-ERR wrong number of arguments for 'get' command\r\n");
    co_await client.asks("ping", "+PONG\r\n");
}

/// R8, and whatever else changes more than a record: an error, and the connection stays.
DOOR_TEST(connection, r8_what_is_refused_keeps_the_connection) {
    at.begin();
    auto client = at.connect();
    for (const auto* word :
         {"CLUSTER", "SENTINEL", "MONITOR",  "SYNC",    "PSYNC",  "REPLICAOF", "DEBUG", "SHUTDOWN",
          "MODULE",  "SAVE",     "BGSAVE",   "FLUSHDB", "BLPOP",  "SORT",      "BITOP", "DUMP",
          "RESTORE", "MIGRATE",  "FUNCTION", "FCALL",   "SWAPDB", "MOVE"})
        co_await client.asks(
            word + " a"s, "-ERR unknown command '"s + word + "', with args beginning with: \r\n");
    co_await client.asks("ping", "+PONG\r\n");
}

/// StackExchange.Redis says all of this before it hears anything; ECHO tells it where answers are.
DOOR_TEST(connection, t10_a_whole_handshake_in_one_write_is_answered_in_order) {
    at.begin();
    auto client = at.connect();
    const std::string mark("\0\r\n\xff 16 bytes..", 16);
    co_await client.says(
        "client setname web\r\nclient setinfo lib-name StackExchange.Redis\r\nconfig get timeout\r\n"
        "sentinel masters\r\ninfo replication\r\ncluster nodes\r\n*2\r\n$4\r\necho\r\n" +
        bulk(mark));
    co_await client.hears("+OK\r\n+OK\r\n*2\r\n" + bulk("timeout") + bulk("0"));
    co_await client.hears("-ERR unknown command 'sentinel', with args beginning with: \r\n");
    co_await client.hears(bulk("# Replication\r\nrole:master\r\nconnected_slaves:0\r\n"));
    co_await client.hears("-ERR unknown command 'cluster', with args beginning with: \r\n");
    co_await client.hears(bulk(mark));
}

/// phpredis sends SELECT before each command, and dies of an error.
DOOR_TEST(connection, t10_select_before_each_command_is_fine) {
    at.begin();
    auto client = at.connect();
    co_await client.says("select 0\r\nset sess:a v ex 100\r\nselect 0\r\nget sess:a\r\n");
    co_await client.hears("+OK\r\n+OK\r\n+OK\r\n" + bulk("v"));
}

DOOR_TEST(connection, s18_one_too_many_is_told_so) {
    at.settings.connections_max = 1;
    at.begin();
    auto first = at.connect();
    co_await first.asks("ping", "+PONG\r\n");
    auto second = at.connect();
    co_await second.says("");
    co_await second.hears("-ERR max number of clients reached\r\n");
    co_await second.sees_the_end();
    co_await first.asks("ping", "+PONG\r\n");
}

DOOR_TEST(connection, a_reload_takes_effect_at_the_next_command) {
    at.settings.open_to.reset();
    at.add_user("shop", "secret", 0);
    at.add_user("gone", "secret", 0);
    at.begin();
    auto stays = at.connect();
    auto goes = at.connect();
    co_await stays.asks("auth shop secret", "+OK\r\n");
    co_await goes.asks("auth gone secret", "+OK\r\n");
    at.settings.users.erase("gone");
    at.publish();
    co_await stays.asks("ping", "+PONG\r\n");
    co_await goes.says("get a\r\n");
    co_await goes.sees_the_end();
}

DOOR_TEST(connection, another_password_ends_who_came_by_the_old_one) {
    at.settings.open_to.reset();
    at.add_user("shop", "secret", 0);
    at.begin();
    auto client = at.connect();
    co_await client.asks("auth shop secret", "+OK\r\n");
    at.add_user("shop", "another", 0);
    at.publish();
    co_await client.says("get a\r\n");
    co_await client.sees_the_end();
}

}  // namespace
}  // namespace hawser::sessions::resp
