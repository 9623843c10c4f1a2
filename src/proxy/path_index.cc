// SPDX-License-Identifier: Apache-2.0
#include "proxy/path_index.h"

#include <string>
#include <utility>

#include "base/ensure.h"

namespace hawser::proxy {

void path_index::add(std::string_view condition, std::uint32_t number) {
    if (condition.empty()) return others_.push_back(number);
    if (condition.starts_with('=')) {
        exact_[std::string(condition.substr(1))].push_back(number);
    } else if (condition.starts_with('~')) {
        condition.remove_prefix(1);
        std::size_t place = 0;
        while (place < patterns_.size() && patterns_[place].text() != condition) ++place;
        if (place == patterns_.size()) {
            auto compiled = http::pattern::compile(condition);
            ensure(compiled.has_value(), "patterns were compiled when the file was checked");
            patterns_.add(std::move(*compiled));
            of_patterns_.emplace_back();
        }
        of_patterns_[place].push_back(number);
    } else {
        prefixes_.at(path_segments(condition)).push_back(number);
        has_prefixes_ = true;
    }
}

void path_index::compile() { patterns_.compile(); }

}  // namespace hawser::proxy
