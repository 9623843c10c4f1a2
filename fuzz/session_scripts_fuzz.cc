// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "base/ensure.h"
#include "input.h"
#include "sessions/resp/scripts.h"

/// Texts of scripts, which are somebody else's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hawser::sessions::resp;
    const hawser::fuzz::input given(data, size);
    const hawser::fuzz::exact_copy text(given.text());
    const auto known = recognize(text.view());
    if (!known || size > 2000) return 0;
    hawser::ensure(recognize(" -- said\n" + std::string(text.view()) + "\n--") == known,
                   "blanks and comments mean nothing");
    hawser::ensure(!recognize(std::string(text.view()) + "\nreturn 1"), "no word is left out");
    return 0;
}
