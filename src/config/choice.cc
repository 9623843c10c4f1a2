// SPDX-License-Identifier: Apache-2.0
#include "config/kinds.h"
#include "config/suggest.h"

namespace hawser::config::detail {

bool read_choice(const node& given, std::span<const std::string_view> known, chosen_by& into,
                 diagnostics& out) {
    const bool has_settings = given.is_map() && given.entries().size() == 1;
    if (!given.is_scalar() && !has_settings) {
        out.error(given.at(), "expected " + one_of(known) +
                                  ", or one of them with its settings, found " +
                                  std::string(words_for(given.what())) +
                                  (given.is_map() ? " of several keys" : ""));
        return false;
    }
    const auto& name = has_settings ? given.entries().front().key : given.text();
    const auto found = std::ranges::find(known, name);
    if (found == known.end()) {
        const auto& at = has_settings ? given.entries().front().at : given.at();
        out.error(at, "`" + name + "` is not known here" + did_you_mean(name, known));
        return false;
    }
    into.which = static_cast<std::size_t>(found - known.begin());
    into.settings = has_settings ? given.entries().front().value : node::empty_map();
    if (!has_settings) into.settings.place_at(given.at());
    return true;
}

bool is_on(const node& given) {
    return given.is_null() || (given.is_scalar() && given.text() == "on");
}

}  // namespace hawser::config::detail
