// SPDX-License-Identifier: Apache-2.0
#include "config/text_pairs.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace hawser::config {

namespace {

bool holds_secret(std::string_view name) {
    std::string lower;
    for (const char c : name) lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    constexpr std::array<std::string_view, 6> marks{"authorization", "cookie", "token",
                                                    "secret",        "key",    "password"};
    return std::ranges::any_of(marks, [&](std::string_view mark) { return lower.contains(mark); });
}

}  // namespace

bool codec<text_pairs>::read(const node& given, text_pairs& into, diagnostics& out) {
    if (!detail::expect_map(given, "NAME: text", out)) return false;
    text_pairs all;
    bool fine = true;
    for (const auto& one : given.entries()) {
        std::string value;
        if (!codec<std::string>::read(one.value, value, out)) fine = false;
        all.all.emplace_back(one.key, std::move(value));
    }
    if (fine) into = std::move(all);
    return fine;
}
node codec<text_pairs>::show(const text_pairs& value) {
    auto made = node::empty_map();
    for (const auto& [name, text] : value.all)
        made.set(name, node::quoted(holds_secret(name) ? "(hidden)" : text));
    return made;
}
shape codec<text_pairs>::type() {
    auto made = detail::named(codec<std::string>::type());
    made.below.clear();
    return made;
}

}  // namespace hawser::config
