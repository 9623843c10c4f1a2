// SPDX-License-Identifier: Apache-2.0
#include "clients/proxy_header.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "clients/crc32c.h"

namespace hawser::clients {
namespace {

using state = proxy_header_reading::state;
using namespace std::string_literals;

const std::string signature("\r\n\r\n\0\r\nQUIT\n", 12);
const std::string v4_addresses("\xc0\x00\x02\x01\x0a\x00\x00\x01\xd4\x31\x01\xbb", 12);

std::string big_endian_text(std::size_t number) { return {char(number >> 8), char(number & 0xff)}; }

std::string v2(char command, char family, const std::string& body) {
    return signature + command + family + big_endian_text(body.size()) + body;
}

std::string tlv(char type, const std::string& value) {
    return type + big_endian_text(value.size()) + value;
}

/// The header with a CRC32c TLV behind its other parts.
std::string with_checksum(const std::string& body, std::uint32_t change = 0) {
    std::string header = v2('\x21', '\x11', body + tlv('\x03', std::string(4, '\0')));
    crc32c sum;
    sum.add({reinterpret_cast<const std::uint8_t*>(header.data()), header.size()});
    const std::uint32_t value = sum.value() ^ change;
    for (int i = 0; i < 4; ++i)
        header[header.size() - 4 + std::size_t(i)] = char(value >> (24 - 8 * i));
    return header;
}

io::ip_address ip(std::string_view text) { return io::ip_address::parse(text).value(); }

state outcome_of(const std::string& text) { return read_proxy_header(text).outcome; }

/// The reading of a whole header, which is the same in any number of pieces (E140).
proxy_header accepted(const std::string& text) {
    for (std::size_t size = 0; size < text.size(); ++size)
        EXPECT_EQ(outcome_of(text.substr(0, size)), state::incomplete) << size;
    const auto read = read_proxy_header(text + "GET / HTTP/1.1\r\n");
    EXPECT_EQ(read.outcome, state::complete) << read.cause;
    EXPECT_EQ(read.consumed, text.size());
    return read.header;
}

/// Refused, and never complete on the way there.
std::string_view refused(const std::string& text) {
    for (std::size_t size = 0; size <= text.size(); ++size) {
        const auto read = read_proxy_header(std::string_view(text).substr(0, size));
        EXPECT_NE(read.outcome, state::complete) << size;
        EXPECT_NE(read.outcome, state::absent) << size;
        if (read.outcome == state::refused) return read.cause;
    }
    ADD_FAILURE() << "was not refused";
    return {};
}

const proxy_header example{.has_addresses = true,
                           .source = {ip("192.0.2.1"), 54321},
                           .destination = {ip("10.0.0.1"), 443}};

TEST(proxy_header, e137_reads_version_1) {
    EXPECT_EQ(accepted("PROXY TCP4 192.0.2.1 10.0.0.1 54321 443\r\n"), example);
    const auto v6 = accepted("PROXY TCP6 2001:db8::1 ::1 0 65535\r\n");
    EXPECT_EQ(v6.source, (address_and_port{ip("2001:db8::1"), 0}));
    EXPECT_EQ(v6.destination, (address_and_port{ip("::1"), 65535}));
    EXPECT_TRUE(accepted("PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n").source.ip.is_v4());
}

TEST(proxy_header, e137_unknown_says_nothing_whatever_follows_it) {
    EXPECT_FALSE(accepted("PROXY UNKNOWN\r\n").has_addresses);
    EXPECT_FALSE(accepted("PROXY UNKNOWN 192.0.2.1 10.0.0.1 1 2\r\n").has_addresses);
    EXPECT_FALSE(accepted("PROXY UNKNOWN " + std::string(91, 'x') + "\r\n").has_addresses);
}

TEST(proxy_header, e137_refuses_what_version_1_forbids) {
    for (const auto* rest : {"TCP4 999.0.2.1 10.0.0.1 1 2",
                             "TCP4 192.0.2.01 10.0.0.1 1 2",
                             "TCP4 192.0.2 10.0.0.1 1 2",
                             "TCP4 ::1 ::1 1 2",
                             "TCP6 192.0.2.1 10.0.0.1 1 2",
                             "TCP4 192.0.2.1 10.0.0.1 65536 2",
                             "TCP4 192.0.2.1 10.0.0.1 1 -2",
                             "TCP4 192.0.2.1 10.0.0.1 1 +2",
                             "TCP4 192.0.2.1 10.0.0.1 01 2",
                             "TCP4 192.0.2.1 10.0.0.1 1 2 ",
                             "TCP4 192.0.2.1 10.0.0.1 1 2 3",
                             "TCP4 192.0.2.1 10.0.0.1 1",
                             "TCP4 192.0.2.1 10.0.0.1",
                             "TCP4  192.0.2.1 10.0.0.1 1 2",
                             "TCP4\t192.0.2.1 10.0.0.1 1 2",
                             " TCP4 192.0.2.1 10.0.0.1 1 2",
                             "tcp4 192.0.2.1 10.0.0.1 1 2",
                             "TCP5 192.0.2.1 10.0.0.1 1 2",
                             "UDP4 192.0.2.1 10.0.0.1 1 2",
                             "TCP4 192.0.2.1 10.0.0.1 1 2\n",
                             "TCP6 [::1] ::1 1 2",
                             "TCP6 fe80::1%eth0 ::1 1 2",
                             "",
                             "UNKNOWN2"})
        EXPECT_NE(refused("PROXY "s + rest + "\r\n"), "") << rest;
    EXPECT_NE(refused("PROXY TCP4 192.0.2.1\0 10.0.0.1 1 2\r\n"s), "");
}

TEST(proxy_header, e137_a_line_ends_within_107_bytes) {
    const std::string longest = "PROXY UNKNOWN " + std::string(91, 'x') + "\r\n";
    ASSERT_EQ(longest.size(), 107u);
    EXPECT_EQ(outcome_of(longest), state::complete);
    EXPECT_EQ(refused("PROXY UNKNOWN " + std::string(92, 'x') + "\r\n"), "proxy-header-too-long");
    EXPECT_EQ(refused("PROXY TCP4 " + std::string(1000, '1')), "proxy-header-too-long");
}

TEST(proxy_header, e138_reads_version_2) {
    EXPECT_EQ(accepted(v2('\x21', '\x11', v4_addresses)), example);
    const std::string v6 = "\x20\x01\x0d\xb8"s + std::string(11, '\0') + '\x01' +
                           std::string(15, '\0') + "\x01\x00\x50\xff\xff"s;
    const auto read = accepted(v2('\x21', '\x21', v6));
    EXPECT_EQ(read.source, (address_and_port{ip("2001:db8::1"), 80}));
    EXPECT_EQ(read.destination, (address_and_port{ip("::1"), 65535}));
}

TEST(proxy_header, e138_local_unspecified_unix_and_udp_name_no_client) {
    EXPECT_FALSE(accepted(v2('\x20', '\x00', "")).has_addresses);
    EXPECT_FALSE(accepted(v2('\x20', '\x11', v4_addresses)).has_addresses);
    EXPECT_FALSE(accepted(v2('\x20', '\xff', "anything")).has_addresses);
    EXPECT_FALSE(accepted(v2('\x21', '\x00', "")).has_addresses);
    EXPECT_FALSE(accepted(v2('\x21', '\x31', std::string(216, 'p'))).has_addresses);
    EXPECT_FALSE(accepted(v2('\x21', '\x12', v4_addresses)).has_addresses);
}

TEST(proxy_header, the_unspecified_address_names_no_client) {
    EXPECT_FALSE(accepted("PROXY TCP6 :: ::1 1 2\r\n").has_addresses);
    EXPECT_FALSE(accepted(v2('\x21', '\x21', std::string(36, '\0'))).has_addresses);
}

TEST(proxy_header, e138_refuses_what_version_2_forbids) {
    EXPECT_EQ(refused(v2('\x11', '\x11', v4_addresses)), "proxy-header-version");
    EXPECT_EQ(refused(v2('\x31', '\x11', v4_addresses)), "proxy-header-version");
    EXPECT_EQ(refused(v2('\x22', '\x11', v4_addresses)), "proxy-header-command");
    EXPECT_EQ(refused(v2('\x21', '\x41', std::string(300, 'x'))), "proxy-header-family");
    EXPECT_EQ(refused(v2('\x21', '\x13', v4_addresses)), "proxy-header-family");
    EXPECT_EQ(refused(v2('\x21', '\x11', v4_addresses.substr(1))), "proxy-header-length");
    EXPECT_EQ(refused(v2('\x21', '\x21', std::string(35, 'x'))), "proxy-header-length");
    EXPECT_EQ(refused(v2('\x21', '\x31', std::string(215, 'x'))), "proxy-header-length");
    EXPECT_EQ(refused(v2('\x21', '\x11', v4_addresses + std::string(4085, 'x'))),
              "proxy-header-too-long");
}

TEST(proxy_header, e138_a_header_of_4_kib_is_read) {
    const std::string filler = tlv('\x04', std::string(4096 - 12 - 3, '\0'));
    EXPECT_EQ(read_proxy_header(v2('\x21', '\x11', v4_addresses + filler)).header, example);
}

TEST(proxy_header, e139_unknown_tlvs_are_skipped) {
    EXPECT_EQ(accepted(v2('\x21', '\x11',
                          v4_addresses + tlv('\x02', "shop.example") + tlv('\xee', "") +
                              tlv('\x04', "padding") + tlv('\x30', "blue"))),
              example);
}

TEST(proxy_header, e139_a_tlv_beyond_the_length_is_refused) {
    for (const auto& tail : {"\x02"s, "\x02\x00"s, "\x02\x00\x01"s, "\x02\xff\xff"s,
                             tlv('\x04', "ab") + "\x04\x00\x02x"s})
        EXPECT_EQ(refused(v2('\x21', '\x11', v4_addresses + tail)), "proxy-header-tlv");
    EXPECT_EQ(refused(v2('\x21', '\x00', "x")), "proxy-header-tlv");
}

TEST(proxy_header, e139_a_checksum_is_checked) {
    EXPECT_EQ(accepted(with_checksum(v4_addresses)), example);
    EXPECT_EQ(accepted(with_checksum(v4_addresses + tlv('\x02', "shop.example"))), example);
    EXPECT_EQ(refused(with_checksum(v4_addresses, 1)), "proxy-header-checksum");
    std::string changed = with_checksum(v4_addresses);
    changed[16] ^= 1;
    EXPECT_EQ(refused(changed), "proxy-header-checksum");
    EXPECT_EQ(refused(v2('\x21', '\x11', v4_addresses + tlv('\x03', "abc"))),
              "proxy-header-checksum");
    EXPECT_EQ(refused(with_checksum(v4_addresses + tlv('\x03', "abcd"))), "proxy-header-checksum");
}

TEST(proxy_header, tells_that_the_client_speaks_tls) {
    const std::string verify(4, '\0');
    const auto ssl = [&](char used) {
        return v4_addresses + tlv('\x20', used + verify + tlv('\x21', "TLSv1.3"));
    };
    EXPECT_TRUE(accepted(v2('\x21', '\x11', ssl('\x01'))).over_tls);
    EXPECT_FALSE(accepted(v2('\x21', '\x11', ssl('\x00'))).over_tls);
    EXPECT_EQ(refused(v2('\x21', '\x11', v4_addresses + tlv('\x20', "\x01"))), "proxy-header-tlv");
    EXPECT_EQ(
        refused(v2('\x21', '\x11', v4_addresses + tlv('\x20', '\x01' + verify + "\x21\x00"s))),
        "proxy-header-tlv");
}

TEST(proxy_header, another_protocol_is_told_from_a_header_as_soon_as_it_differs) {
    for (const auto* text : {"G", "POST / HTTP/1.1\r\n", "PRI * HTTP/2.0\r\n", "PROX ", "PROXY\t",
                             "\r\nGET /", "\r\n\r\nx", "\x16\x03\x01", "proxy TCP4"})
        EXPECT_EQ(outcome_of(text), state::absent) << text;
    for (const auto* text : {"", "P", "PR", "PROXY", "\r", "\r\n\r\n"})
        EXPECT_EQ(outcome_of(text), state::incomplete) << text;
}

TEST(proxy_header, e141_writes_version_1_byte_for_byte) {
    EXPECT_EQ(proxy_header_text(proxy_version::v1, example).view(),
              "PROXY TCP4 192.0.2.1 10.0.0.1 54321 443\r\n");
    EXPECT_EQ(proxy_header_text(proxy_version::v1, {}).view(), "PROXY UNKNOWN\r\n");
    const proxy_header mixed{.has_addresses = true,
                             .source = {ip("192.0.2.1"), 1},
                             .destination = {ip("2001:db8::1"), 2}};
    EXPECT_EQ(proxy_header_text(proxy_version::v1, mixed).view(),
              "PROXY TCP6 ::ffff:192.0.2.1 2001:db8::1 1 2\r\n");
}

TEST(proxy_header, e141_writes_version_2_byte_for_byte) {
    EXPECT_EQ(proxy_header_text(proxy_version::v2, example).view(),
              v2('\x21', '\x11', v4_addresses));
    EXPECT_EQ(proxy_header_text(proxy_version::v2, {}).view(), v2('\x21', '\x00', ""));
}

TEST(proxy_header, e141_what_is_written_is_read_again) {
    const std::vector<std::string_view> all = {"192.0.2.1", "2001:db8::7", "255.255.255.255",
                                               "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"};
    for (const auto version : {proxy_version::v1, proxy_version::v2}) {
        for (const auto source : all) {
            for (const auto destination : all) {
                const proxy_header about{.has_addresses = true,
                                         .source = {ip(source), 65535},
                                         .destination = {ip(destination), 0}};
                EXPECT_EQ(accepted(std::string(proxy_header_text(version, about).view())), about);
            }
        }
    }
}

TEST(proxy_header, e141_a_destination_without_an_address_is_written_as_any) {
    proxy_header about;
    about.has_addresses = true;
    about.source = {ip("192.0.2.1"), 9};
    EXPECT_EQ(proxy_header_text(proxy_version::v1, about).view(),
              "PROXY TCP4 192.0.2.1 0.0.0.0 9 0\r\n");
    EXPECT_EQ(accepted(std::string(proxy_header_text(proxy_version::v2, about).view())).source,
              about.source);
}

}  // namespace
}  // namespace hawser::clients
