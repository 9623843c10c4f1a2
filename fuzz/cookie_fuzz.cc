// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "http/cookie.h"
#include "input.h"

namespace hawser::http {
namespace {

std::vector<std::string> values_of(std::string_view name, std::string_view cookie_value) {
    const field one{.name = "Cookie", .value = cookie_value, .line = {}, .id = field_id::cookie};
    std::vector<std::string> values;
    for (const std::string_view value : cookies_named(name, {&one, 1})) values.emplace_back(value);
    return values;
}

void check(std::string_view text) {
    const fuzz::exact_copy value(text);
    fuzz::exact_copy out(text);
    const std::string left(strip_cookie("ab", value.view(), out.span()));
    ensure(has_cookie("ab", value.view()) == !values_of("ab", value.view()).empty(),
           "what is there is found");
    ensure(!has_cookie("ab", left), "every copy is stripped");
    for (const char* other : {"a", "b", "abc", "xab", ""})
        ensure(values_of(other, value.view()) == values_of(other, left), "others stay");
    fuzz::exact_copy once_more(left);
    ensure(strip_cookie("ab", left, once_more.span()) == left, "nothing is left to strip");

    fuzz::exact_copy unmarked_out(text);
    const std::string unmarked(unmark_cookie("ab", 3, value.view(), unmarked_out.span()));
    for (const char* other : {"a", "b", "abc", "xab", ""})
        ensure(values_of(other, value.view()) == values_of(other, unmarked), "others stay");
    ensure(values_of("ab", value.view()).size() == values_of("ab", unmarked).size(),
           "a mark is no cookie");

    const auto set = read_set_cookie(value.view(), wall_time(std::chrono::seconds(1'000'000'000)));
    ensure(set.name == name_set_by(value.view()), "one name, whoever reads it");
    ensure(set.value.find(';') == set.value.npos, "a value ends at its attributes");
}

}  // namespace
}  // namespace hawser::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    hawser::http::check(hawser::fuzz::input(data, size).text());
    return 0;
}
