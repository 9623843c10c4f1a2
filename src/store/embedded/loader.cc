// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/loader.h"

#include <algorithm>
#include <utility>

namespace hawser::store {

result<stored_space> loader::read(const table& from, space& in) {
    dictionaries_.forget(in);
    auto read = from.scan(
        dictionary_prefix(in),
        [&](std::string_view key, std::string_view sealed) { take_dictionary(in, key, sealed); });
    if (read)
        read = from.scan(stored_prefix(in), [&](std::string_view key, std::string_view sealed) {
            take(in, key, sealed);
        });
    if (!read) return std::unexpected(std::move(read.error()));
    // What could not be opened may have been packed by any.
    if (found_.locked == 0)
        for (const auto number : dictionaries_.drop_unused(in))
            found_.dropped.push_back({.key = dictionary_key(in, number), .value = std::nullopt});
    return std::move(found_);
}

void loader::take_dictionary(const space& in, std::string_view key, std::string_view sealed) {
    const auto number = parse_dictionary_key(in, key);
    if (!number) return drop(key, stored_fault::damaged);
    dictionaries_.reserve(in, *number);
    auto one = sealer_.open_dictionary(key, sealed);
    if (one) {
        dictionaries_.add(in, std::move(*one), number);
    } else {
        is_dictionary_locked_ |= one.error() == stored_fault::key_gone;
        found_.dictionaries_damaged += one.error() == stored_fault::key_gone ? 0 : 1;
        drop(key, one.error());
    }
}

void loader::take(space& in, std::string_view key, std::string_view sealed) {
    const auto where = parse_stored_key(in, key);
    if (!where) return drop(key, stored_fault::damaged);
    if (where->what == stored_kind::record) {
        auto one = sealer_.open_record(where->id, key, sealed, now_, heap_);
        if (!one) return drop(key, one.error());
        found_.records.push_back(std::move(*one));
        return;
    }
    const auto touches = sealer_.open_touches(key, sealed, now_);
    if (!touches) return drop(key, touches.error());
    auto& all = found_.records;
    if (all.empty() || all.back()->hash != where->id.hash) return;
    entry& one = *all.back();
    one.seen = std::max(one.seen, std::min(touches->seen, now_.steady));
    if (touches->version == one.version) one.expires = touches->expires;
}

void loader::drop(std::string_view key, stored_fault why) {
    const bool is_locked = why == stored_fault::key_gone ||
                           (why == stored_fault::dictionary_gone && is_dictionary_locked_);
    if (is_locked) {
        ++found_.locked;
        return;
    }
    ++found_.damaged;
    found_.dropped.push_back({.key = std::string(key), .value = std::nullopt});
}

}  // namespace hawser::store
