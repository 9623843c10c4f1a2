// SPDX-License-Identifier: Apache-2.0
#include "observe/access_format.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

namespace hawser::observe {
namespace {

using namespace std::chrono_literals;

access_record example() {
    access_record record;
    record.started = wall_time(1795608922123ms);
    record.total = 12345us;
    record.connect = 0us;
    record.first_byte = 9876us;
    record.bytes_in = 410;
    record.bytes_out = 2048;
    record.session = 0xabc;
    record.verdict = "moved";
    record.cause = "home-down";
    record.protocol = "HTTP/1.1";
    record.status = 200;
    record.client_port = 50123;
    record.attempts = 2;
    record.put(text::client, "192.0.2.7");
    record.put(text::listener, "web");
    record.put(text::method, "GET");
    record.put(text::target, "/cart?item=7");
    record.put(text::host, "shop.example");
    record.put(text::pool, "shop");
    record.put(text::server, "b");
    record.put(text::server_address, "10.0.0.2:8000");
    record.put(text::user_agent, "curl/8.5");
    return record;
}

std::string line_of(access_format format, const access_record& record, bool is_coloured = false) {
    std::string line;
    access_formatter(format, is_coloured).append(line, record);
    return line;
}

TEST(access_format, json_names_every_field) {
    const auto line = nlohmann::json::parse(line_of(access_format::json, example()));

    EXPECT_EQ(line, nlohmann::json::parse(R"({
        "time": "2026-11-25T12:15:22.123Z", "client": "192.0.2.7", "client_port": 50123,
        "listener": "web", "method": "GET", "target": "/cart?item=7", "host": "shop.example",
        "protocol": "HTTP/1.1", "status": 200, "bytes_in": 410, "bytes_out": 2048,
        "duration_us": 12345, "connect_us": 0, "first_byte_us": 9876, "pool": "shop",
        "server": "b", "server_address": "10.0.0.2:8000", "attempts": 2, "verdict": "moved",
        "cause": "home-down", "session": "0000000000000abc", "user_agent": "curl/8.5"})"));
}

TEST(access_format, json_leaves_out_what_did_not_happen) {
    access_record record;
    record.status = 400;
    record.ended = "not-http";
    const auto line = nlohmann::json::parse(line_of(access_format::json, record));

    for (const auto* name : {"method", "target", "connect_us", "server", "session", "verdict"})
        EXPECT_FALSE(line.contains(name)) << name;
    EXPECT_EQ(line["ended"], "not-http");
}

TEST(access_format, json_lists_the_texts_that_were_cut) {
    access_record record = example();
    record.put(text::target, std::string(5000, '/'));
    record.put(text::referer, std::string(5000, 'r'));
    const auto line = nlohmann::json::parse(line_of(access_format::json, record));
    EXPECT_EQ(line["cut"], (nlohmann::json{"target", "referer"}));
}

TEST(access_format, combined_begins_as_every_tool_expects_and_ends_with_our_words) {
    EXPECT_EQ(line_of(access_format::combined, example()),
              "192.0.2.7 - - [25/Nov/2026:12:15:22 +0000] \"GET /cart?item=7 HTTP/1.1\" 200 2048 "
              "\"-\" \"curl/8.5\" shop/b moved home-down - 12345\n");
}

TEST(access_format, combined_shows_a_request_that_was_none) {
    access_record record;
    record.put(text::client, "192.0.2.7");
    record.status = 400;
    record.ended = "not-http";
    EXPECT_EQ(line_of(access_format::combined, record),
              "192.0.2.7 - - [01/Jan/1970:00:00:00 +0000] \"-\" 400 0 \"-\" \"-\" -/- - - not-http "
              "0\n");
}

TEST(access_format, text_is_one_aligned_line) {
    const std::string line = line_of(access_format::text, example());
    EXPECT_EQ(line.substr(12),
              " 192.0.2.7       GET     /cart?item=7                     200 b          "
              "moved:home-down       12.3 ms\n");
}

TEST(access_format, text_shortens_a_long_target) {
    access_record record = example();
    record.put(text::target, "/" + std::string(200, 'x'));
    EXPECT_NE(line_of(access_format::text, record).find("xxx.. 200 "), std::string::npos);
}

TEST(access_format, text_has_colours_only_when_asked) {
    EXPECT_EQ(line_of(access_format::text, example()).find('\x1b'), std::string::npos);
    EXPECT_NE(line_of(access_format::text, example(), true).find('\x1b'), std::string::npos);
}

TEST(access_format, e4_no_byte_of_a_request_breaks_a_line) {
    std::string every_byte;
    for (int value = 0; value < 256; ++value) every_byte += static_cast<char>(value);
    for (const auto format : {access_format::json, access_format::combined, access_format::text}) {
        for (std::size_t index = 0; index < text_max.size(); ++index) {
            for (std::size_t from = 0; from < every_byte.size(); from += 8) {
                access_record record = example();
                record.put(static_cast<text>(index), every_byte.substr(from, 8));
                const std::string line = line_of(format, record);

                ASSERT_EQ(line.find('\n'), line.size() - 1);
                ASSERT_TRUE(std::ranges::all_of(line.substr(0, line.size() - 1), [](char byte) {
                    return byte >= 0x20 && byte < 0x7f;
                })) << line;
                if (format == access_format::json) {
                    ASSERT_TRUE(nlohmann::json::accept(line)) << line;
                }
                if (format == access_format::combined) {
                    ASSERT_EQ(std::ranges::count(line, '"'), 6) << line;
                }
            }
        }
    }
}

TEST(access_format, a_name_finds_its_format) {
    for (const auto format : {access_format::json, access_format::combined, access_format::text})
        EXPECT_EQ(access_format_named(name_of(format)), format);
    EXPECT_EQ(access_format_named("xml"), std::nullopt);
}

}  // namespace
}  // namespace hawser::observe
