// SPDX-License-Identifier: Apache-2.0
#include "http/pattern.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/ensure.h"
#include "base/limits.h"

namespace hawser::http {

namespace {

/// Up to here one after the other is no slower than all at once.
constexpr std::size_t asked_in_turn_max = 4;

re2::RE2::Options options(std::size_t memory_max) {
    re2::RE2::Options chosen;
    chosen.set_encoding(re2::RE2::Options::EncodingLatin1);  // paths are bytes
    chosen.set_log_errors(false);
    chosen.set_max_mem(std::int64_t(memory_max));
    return chosen;
}

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

result<pattern> pattern::compile(std::string_view text) {
    if (text.size() > limits::pattern_text_max)
        return fail(errc::invalid,
                    "is longer than " + std::to_string(limits::pattern_text_max) + " bytes");
    auto made = std::make_shared<const re2::RE2>(piece(text), options(limits::pattern_memory_max));
    if (!made->ok()) return fail(errc::invalid, made->error());
    if (made->NumberOfCapturingGroups() > int(limits::pattern_groups_max))
        return fail(errc::invalid,
                    "has more than " + std::to_string(limits::pattern_groups_max) + " groups");
    return pattern(std::move(made));
}

bool pattern::matches(std::string_view text) const { return match(text, {}); }

bool pattern::match(std::string_view text, std::span<std::string_view> into) const {
    std::array<re2::StringPiece, limits::pattern_groups_max + 1> found;
    ensure(into.size() <= found.size(), "a pattern has no more groups than its limit");
    if (!compiled_->Match(piece(text), 0, text.size(), re2::RE2::UNANCHORED, found.data(),
                          int(into.size())))
        return false;
    for (std::size_t i = 0; i < into.size(); ++i)
        into[i] = std::string_view(found[i].data(), found[i].size());
    return true;
}

std::size_t pattern::groups() const { return std::size_t(compiled_->NumberOfCapturingGroups()); }

const std::string& pattern::text() const { return compiled_->pattern(); }

struct pattern_list::set {
    set() : all(options(limits::pattern_set_memory_max), re2::RE2::UNANCHORED) {}
    re2::RE2::Set all;
};

pattern_list::pattern_list() = default;
pattern_list::~pattern_list() = default;
pattern_list::pattern_list(pattern_list&&) noexcept = default;
pattern_list& pattern_list::operator=(pattern_list&&) noexcept = default;

void pattern_list::add(pattern one) { all_.push_back(std::move(one)); }

void pattern_list::compile() {
    if (all_.size() <= asked_in_turn_max) return;
    auto made = std::make_unique<set>();
    for (const pattern& each : all_) {
        std::string wrong;
        if (made->all.Add(each.text(), &wrong) < 0) return;
    }
    // Too large to be compiled together: each is asked in turn.
    if (made->all.Compile()) at_once_ = std::move(made);
}

std::vector<int> pattern_list::matches_of(std::string_view text) const {
    std::vector<int> found;
    if (at_once_) {
        re2::RE2::Set::ErrorInfo trouble{};
        const bool is_any = at_once_->all.Match(piece(text), &found, &trouble);
        if (is_any || trouble.kind == re2::RE2::Set::kNoError) {
            std::ranges::sort(found);
            return found;
        }
        // It ran out of its memory, which says nothing about the text.
        found.clear();
    }
    for (std::size_t i = 0; i < all_.size(); ++i)
        if (all_[i].matches(text)) found.push_back(int(i));
    return found;
}

}  // namespace hawser::http
