// SPDX-License-Identifier: Apache-2.0
#include "upstream/drain_words.h"

namespace hawser::config {

bool codec<upstream::leave_rule>::read(const node& given, upstream::leave_rule& into,
                                       diagnostics& out) {
    if (!detail::expect_scalar(given, "`finish`, `move`, `cut` or a time", out)) return false;
    const auto read = upstream::parse_leave_rule(given.text());
    if (!read) {
        out.error(given.at(), read.error());
        return false;
    }
    into = *read;
    return true;
}
node codec<upstream::leave_rule>::show(const upstream::leave_rule& value) {
    return node::plain(upstream::text_of(value));
}
shape codec<upstream::leave_rule>::type() {
    auto made = codec<std::string>::type();
    made.words = "`finish`, `move`, `cut`, or how long it must be idle to move";
    return made;
}

}  // namespace hawser::config
