// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ensure.h"
#include "crypto/key_text.h"

using namespace hawser;

/// The text of a key file: read or refused, and what was read reads the same once written.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto ring = crypto::parse_keys({reinterpret_cast<const char*>(data), size}, "keys");
    if (!ring) {
        ensure(ring.error().context.starts_with("keys:"), "an error names its line");
        return 0;
    }
    std::string again(crypto::index_line_of(crypto::secret<32>()).view());
    for (const auto& key : ring->keys()) again += crypto::line_of(key).view();
    const auto reread = crypto::parse_keys(again, "keys");
    ensure(reread.has_value() && reread->keys().size() == ring->keys().size(),
           "what was written is read");
    return 0;
}
