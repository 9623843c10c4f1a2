// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "input.h"
#include "sessions/document.h"
#include "sessions/merge.h"
#include "sessions/payload.h"

namespace {

using namespace hawser::sessions;

/// What goes out with a mark comes back as it was.
void mark(std::string_view data) {
    const std::string marked = with_mark(std::string(data), "hw", 0x1234);
    if (marked == data) return;
    std::string back = marked;
    hawser::ensure(take_mark(back, "hw") == 0x1234 && back == data, "a mark is taken off again");
}

void document_of(std::string_view text) {
    const auto made = document::read(text);
    if (!made) return;
    const auto again = document::read(made->write());
    hawser::ensure(again && is_same(*made, *again), "nothing is lost by writing");
    hawser::ensure(distance(*made, *again) == 0, "what is the same is near");
}

/// Three sessions with zero bytes between.
void merge_of(std::string_view text) {
    const auto first = text.find('\0');
    const auto second = text.find('\0', first + 1);
    if (first == text.npos || second == text.npos) return;
    const auto base = document::read(text.substr(0, first));
    const auto mine = document::read(text.substr(first + 1, second - first - 1));
    const auto theirs = document::read(text.substr(second + 1));
    if (!base || !mine || !theirs) return;
    hawser::ensure(is_same(merge(*base, *base, *theirs).value, *theirs), "no change undoes none");
    hawser::ensure(is_same(merge(*base, *mine, *base).value, *mine), "one change is made");
    const auto both = merge(*base, *mine, *theirs);
    hawser::ensure(document::read(both.value.write()).has_value(), "what is merged is JSON");
    (void)patched(*mine, *theirs);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const hawser::fuzz::input given(data, size);
    const hawser::fuzz::exact_copy text(given.text());
    mark(text.view());
    document_of(text.view());
    merge_of(text.view());
    std::string taken(text.view());
    (void)take_mark(taken, "hw");
    (void)find_member(text.view(), "cookie");
    (void)has_something(text.view(), "passport.user");
    (void)is_same_but_expiry(text.view().substr(0, size / 2), text.view().substr(size / 2));
    return 0;
}
