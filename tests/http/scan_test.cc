// SPDX-License-Identifier: Apache-2.0
#include "http/scan.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace hawser::http::scan {
namespace {

/// Every length, start and place of every byte: sixteen at a time finds what one at a time finds.
template <typename Stops>
void check(char filler) {
    for (int byte = 0; byte < 256; ++byte) {
        for (std::size_t size = 0; size < 40; size += 3) {
            const auto text = std::make_unique<char[]>(size);
            std::fill_n(text.get(), size, filler);
            for (std::size_t place = 0; place < size; ++place) {
                text[place] = static_cast<char>(byte);
                for (const std::size_t start : {std::size_t{0}, place / 2, place}) {
                    const char* expected = text.get() + start;
                    const char* const end = text.get() + size;
                    while (expected != end && !Stops::stops(*expected)) ++expected;
                    ASSERT_EQ(find<Stops>(text.get() + start, end, text.get()), expected);
                    ASSERT_EQ(find<Stops>(text.get() + start, end, text.get() + start), expected);
                }
                text[place] = filler;
            }
        }
    }
}

TEST(scan, finds_what_is_unusual_in_a_name) { check<unusual_in_name>('a'); }
TEST(scan, finds_what_is_unusual_in_a_value) { check<unusual_in_value>('a'); }
TEST(scan, finds_the_end_of_a_target) { check<forbidden_in_target>('/'); }
TEST(scan, finds_a_semicolon) { check<semicolon>('='); }

TEST(scan, a_value_may_hold_tabs_and_high_bytes) {
    const std::string_view text = "\tsome \x80\xff\t\ttext of more than sixteen bytes\t\r\n";
    const char* end = find_value_end(text.data(), text.data() + text.size(), text.data());
    EXPECT_EQ(end, text.data() + text.size() - 2);
}

TEST(scan, a_token_may_hold_unusual_bytes) {
    const std::string_view text = "x_!#$%&'*+-.^`|~09azAZ: value";
    const char* end = find_token_end(text.data(), text.data() + text.size(), text.data());
    EXPECT_EQ(*end, ':');
}

}  // namespace
}  // namespace hawser::http::scan
