// SPDX-License-Identifier: Apache-2.0
#include <string_view>

#include "app/configuration/load.h"
#include "base/ensure.h"

/// Whatever bytes a file holds: errors with places, or settings that read back the same.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto variable = [](std::string_view) { return std::optional<std::string>("value"); };
    const std::string_view text(reinterpret_cast<const char*>(data), size);

    const auto made = hawser::app::load_text(text, "fuzz.yaml", variable);
    hawser::ensure(made.settings.has_value() != made.problems.has_errors(),
                   "settings come of what has no errors, and only of that");
    if (!made.settings) return 0;

    const auto shown = hawser::app::dump(*made.settings);
    const auto again = hawser::app::load_text(shown, "dump.yaml", variable);
    hawser::ensure(again.settings.has_value() && hawser::app::dump(*again.settings) == shown,
                   "a dump is a configuration that dumps the same");
    return 0;
}
