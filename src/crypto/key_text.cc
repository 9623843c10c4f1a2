// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_text.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>
#include <vector>

#include "base/limits.h"

namespace hawser::crypto {

namespace {

/// All of `text` as a number, digits only.
template <typename T>
std::optional<T> number(std::string_view text, int base = 10) {
    T value{};
    const auto [stop, fault] = std::from_chars(text.begin(), text.end(), value, base);
    if (fault != std::errc() || stop != text.end() || text.front() == '-') return std::nullopt;
    return value;
}

std::optional<key_id> parse_id(std::string_view text) {
    if (text.size() != 8) return std::nullopt;
    const auto value = number<std::uint32_t>(text, 16);
    return value ? std::optional(key_id{*value}) : std::nullopt;
}

std::optional<secret<32>> parse_secret(std::string_view text) {
    secret<32> made;
    std::size_t size = 0;
    // libsodium 1.0.18 takes every byte above 0x7f for a letter.
    if (std::ranges::any_of(text, [](char each) { return (each & 0x80) != 0; }))
        return std::nullopt;
    const bool fine =
        sodium_base642bin(made.writable().data(), 32, text.data(), text.size(), nullptr, &size,
                          nullptr, sodium_base64_VARIANT_ORIGINAL) == 0;
    return fine && size == 32 ? std::optional(made) : std::nullopt;
}

/// `out` has room, so that no copy is left behind by growing.
void append_secret(const secret<32>& some, std::string& out) {
    constexpr auto size = sodium_base64_ENCODED_LEN(32, sodium_base64_VARIANT_ORIGINAL);
    const auto before = out.size();
    out.resize(before + size);
    sodium_bin2base64(out.data() + before, size, some.bytes().data(), 32,
                      sodium_base64_VARIANT_ORIGINAL);
    out.back() = '\n';  // in place of libsodium's NUL
}

constexpr std::size_t line_room = 128;

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    while (true) {
        const auto begin = line.find_first_not_of(" \t\r");
        if (begin == line.npos) return words;
        const auto end = std::min(line.find_first_of(" \t\r", begin), line.size());
        words.push_back(line.substr(begin, end - begin));
        line.remove_prefix(end);
    }
}

/// Reads line after line and collects what is wrong with any of them.
class reader {
  public:
    explicit reader(std::string_view name) : name_(name) {}

    void line(std::string_view text) {
        ++number_;
        const auto words = words_of(text);
        if (words.empty() || words[0].starts_with('#')) return;
        if (words[0] == "index") {
            index(words);
        } else {
            key(words);
        }
    }

    result<key_ring> finish() {
        number_ = std::max(number_, 1u);
        if (wrong_.empty() && !index_) complain("there is no `index` line");
        if (wrong_.empty() && keys_.empty()) complain("there is no key");
        if (keys_.size() > limits::keys_max) {
            complain(fmt::format("there are {} keys; at most {} are read", keys_.size(),
                                 limits::keys_max));
        }
        if (!wrong_.empty() || !index_) return fail(errc::invalid, std::move(wrong_));
        return key_ring(std::move(keys_), *index_);
    }

  private:
    void index(const std::vector<std::string_view>& words) {
        if (words.size() != 2) return complain("expected `index BASE64`");
        if (index_) return complain("there is a second `index` line");
        index_ = parse_secret(words[1]);
        if (!index_) complain("the index secret is not base64 of 32 bytes");
    }

    void key(const std::vector<std::string_view>& words) {
        if (words.size() != 3) return complain("expected `ID TIME BASE64` or `index BASE64`");
        const auto id = parse_id(words[0]);
        const auto from = parse_time(words[1]);
        auto bytes = parse_secret(words[2]);
        if (!id) complain("the id is not eight hex digits");
        if (!from) complain("the time is not like 2026-11-24T12:00:00Z");
        if (!bytes) complain("the key is not base64 of 32 bytes");
        if (!id || !from || !bytes) return;
        if (std::ranges::find(keys_, *id, &ring_key::id) != keys_.end()) {
            return complain("the id " + text_of(*id) + " is there twice");
        }
        keys_.push_back({*id, *from, *bytes});
    }

    void complain(std::string_view what) {
        if (!wrong_.empty()) wrong_ += '\n';
        wrong_ += fmt::format("{}:{}: {}", name_, number_, what);
    }

    std::string_view name_;
    unsigned number_ = 0;
    std::vector<ring_key> keys_;
    std::optional<secret<32>> index_;
    std::string wrong_;
};

}  // namespace

result<key_ring> parse_keys(std::string_view text, std::string_view name) {
    reader lines(name);
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        lines.line(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines.finish();
}

secret_text line_of(const ring_key& key) {
    std::string line;
    line.reserve(line_room);
    line.append(text_of(key.id)).append(1, ' ').append(text_of(key.seals_from)).append(1, ' ');
    append_secret(key.bytes, line);
    return secret_text(std::move(line));
}

secret_text index_line_of(const secret<32>& index) {
    std::string line;
    line.reserve(line_room);
    line.append("index ");
    append_secret(index, line);
    return secret_text(std::move(line));
}

std::string text_of(wall_time when) {
    const auto day = std::chrono::floor<std::chrono::days>(when);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(when - day));
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", int{date.year()},
                       unsigned{date.month()}, unsigned{date.day()}, time.hours().count(),
                       time.minutes().count(), time.seconds().count());
}

std::optional<wall_time> parse_time(std::string_view text) {
    constexpr std::string_view form = "0000-00-00T00:00:00Z";
    if (text.size() != form.size()) return std::nullopt;
    for (std::size_t i = 0; i < form.size(); ++i) {
        const bool is_digit = text[i] >= '0' && text[i] <= '9';
        if (form[i] == '0' ? !is_digit : text[i] != form[i]) return std::nullopt;
    }
    const auto part = [&](std::size_t at, std::size_t size) {
        return number<unsigned>(text.substr(at, size)).value_or(0);
    };
    const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(part(0, 4))),
                                           std::chrono::month(part(5, 2)),
                                           std::chrono::day(part(8, 2)));
    if (!date.ok() || part(11, 2) > 23 || part(14, 2) > 59 || part(17, 2) > 59) return std::nullopt;
    return std::chrono::sys_days(date) + std::chrono::hours(part(11, 2)) +
           std::chrono::minutes(part(14, 2)) + std::chrono::seconds(part(17, 2));
}

}  // namespace hawser::crypto
