// SPDX-License-Identifier: Apache-2.0
#include "affinity/affinity.h"

#include <algorithm>

#include "affinity/kinds.h"
#include "base/ensure.h"

namespace hawser::affinity {

affinity::affinity(nature is) : nature_(std::move(is)), number_(kind_number(nature_.kind)) {}

void affinity::answer(const answering&, reply&) {}

session_key key_list::take_first() {
    ensure(size_ > 0, "a key is taken from a list that has one");
    const session_key first = all_[0];
    std::shift_left(all_.begin(), all_.begin() + std::ptrdiff_t(size_--), 1);
    return first;
}

}  // namespace hawser::affinity
