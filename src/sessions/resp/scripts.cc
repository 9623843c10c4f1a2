// SPDX-License-Identifier: Apache-2.0
#include "sessions/resp/scripts.h"

#include <algorithm>
#include <utility>

namespace hawser::sessions::resp {

namespace {

constexpr std::size_t text_max = 4096;  // those that are served are far shorter

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// The words of a Lua text, one by one: what stands between blanks and comments.
class words {
  public:
    explicit words(std::string_view text) : text_(text) {}

    /// The next word, a string in one kind of quotes, and in lower case if it is a command: what
    /// is first in brackets; empty: there is none. A string that has an escape or no end is a word
    /// that none of the scripts looked for has.
    [[nodiscard]] std::string next() {
        std::string word = take();
        is_first_ = word == "(";
        return word;
    }

  private:
    [[nodiscard]] std::string take() {
        skip();
        if (text_.empty()) return {};
        if (text_[0] == '\'' || text_[0] == '"') return take_string();
        std::size_t size = text_.starts_with("==") ? 2 : 1;
        if (is_letter(text_[0]))
            size = std::size_t(std::ranges::find_if_not(text_, is_letter) - text_.begin());
        std::string word(text_.substr(0, size));
        text_.remove_prefix(size);
        return word;
    }

    void skip() {
        for (;;) {
            while (!text_.empty() && (is_space(text_[0]) || text_[0] == ';'))
                text_.remove_prefix(1);
            if (!text_.starts_with("--")) return;
            text_.remove_prefix(std::min(text_.find('\n'), text_.size()));
        }
    }

    std::string take_string() {
        const std::size_t end = text_.find(text_[0], 1);
        const auto inside = text_.substr(1, end == std::string_view::npos ? end : end - 1);
        if (end == std::string_view::npos || inside.contains('\\'))
            return std::string(std::exchange(text_, {}));
        std::string word = "'";
        for (const char c : inside)
            word += is_first_ && c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
        text_.remove_prefix(end + 1);
        return word + "'";
    }

    std::string_view text_;
    bool is_first_ = false;
};

struct form {
    std::string_view text;
    script what;
};

constexpr form forms[] = {
    {"if redis . call ( 'get' , KEYS [ 1 ] ) == ARGV [ 1 ] then return redis . call ( 'del' , KEYS "
     "[ 1 ] ) else return 0 end ",
     script::delete_if_equal},
    {"if redis . call ( 'get' , KEYS [ 1 ] ) == ARGV [ 1 ] then return redis . call ( 'expire' , "
     "KEYS [ 1 ] , ARGV [ 2 ] ) else return 0 end ",
     script::expire_if_equal},
    {"if redis . call ( 'get' , KEYS [ 1 ] ) == ARGV [ 1 ] then return redis . call ( 'pexpire' , "
     "KEYS [ 1 ] , ARGV [ 2 ] ) else return 0 end ",
     script::pexpire_if_equal},
    {"return redis . call ( 'exists' , KEYS [ 1 ] ) < 1 and redis . call ( 'setex' , KEYS [ 1 ] , "
     "ARGV [ 2 ] , ARGV [ 1 ] ) ",
     script::setex_if_absent},
    {"redis . call ( 'hset' , KEYS [ 1 ] , 'absexp' , ARGV [ 1 ] , 'sldexp' , ARGV [ 2 ] , 'data' "
     ", ARGV [ 4 ] ) if ARGV [ 3 ] ~ = '-1' then redis . call ( 'expire' , KEYS [ 1 ] , ARGV [ 3 ] "
     ") end return 1 ",
     script::set_cached},
    {"redis . call ( 'hmset' , KEYS [ 1 ] , 'absexp' , ARGV [ 1 ] , 'sldexp' , ARGV [ 2 ] , 'data' "
     ", ARGV [ 4 ] ) if ARGV [ 3 ] ~ = '-1' then redis . call ( 'expire' , KEYS [ 1 ] , ARGV [ 3 ] "
     ") end return 1 ",
     script::set_cached},
    {"return redis . call ( 'hmget' , KEYS [ 1 ] , unpack ( ARGV ) ) ", script::fields_of},
    {"local exists = redis . call ( 'exists' , KEYS [ 1 ] ) if ( exists == 1 ) then return redis . "
     "call ( 'incrby' , KEYS [ 1 ] , ARGV [ 1 ] ) else return false end ",
     script::add_if_present},
    {"if redis . call ( 'exists' , KEYS [ 1 ] ) == 1 then return redis . call ( 'incrby' , KEYS [ "
     "1 ] , ARGV [ 1 ] ) else return false end ",
     script::add_if_present},
    {"local result = 0 for j = 1 , # KEYS , 1 do local expireSet if ARGV [ 2 ] ~ = '' then "
     "expireSet = redis . call ( 'pexpire' , KEYS [ j ] , ARGV [ 1 ] , ARGV [ 2 ] ) else expireSet "
     "= redis . call ( 'pexpire' , KEYS [ j ] , ARGV [ 1 ] ) end if expireSet == 1 then result = "
     "expireSet end end return result ",
     script::pexpire_all},
};

}  // namespace

std::optional<script> recognize(std::string_view text) {
    if (text.size() > text_max) return std::nullopt;
    std::string plain;
    words all(text);
    for (std::string word = all.next(); !word.empty(); word = all.next())
        plain.append(word).append(" ");
    const auto* found = std::ranges::find(forms, plain, &form::text);
    return found == std::end(forms) ? std::nullopt : std::optional(found->what);
}

void known_scripts::add(const name& digest, script what) {
    const std::scoped_lock held(lock_);
    if (all_.size() < most) all_.emplace(digest, what);
}

std::optional<script> known_scripts::find(const name& digest) const {
    const std::scoped_lock held(lock_);
    const auto found = all_.find(digest);
    return found == all_.end() ? std::nullopt : std::optional(found->second);
}

void known_scripts::clear() {
    const std::scoped_lock held(lock_);
    all_.clear();
}

}  // namespace hawser::sessions::resp
