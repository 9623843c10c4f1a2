// SPDX-License-Identifier: Apache-2.0
#include "app/effective.h"

#include <utility>

#include "base/ensure.h"

namespace hawser::app {

const pool* effective::find(std::string_view name) const noexcept {
    if (const auto over = over_.find(name); over != over_.end()) return over->second.get();
    const auto written = file_->pools.find(name);
    return written != file_->pools.end() ? &written->second : nullptr;
}

const pool& effective::at(std::string_view name) const noexcept {
    const pool* found = find(name);
    ensure(found != nullptr, "who asks has the name of a pool that is served");
    return *found;
}

std::shared_ptr<const pool> effective::laid_over(std::string_view name) const {
    const auto over = over_.find(name);
    return over != over_.end() ? over->second : nullptr;
}

void effective::lay_over(const std::string& name, std::shared_ptr<const pool> one) {
    if (one == nullptr)
        over_.erase(name);
    else
        over_.insert_or_assign(name, std::move(one));
}

configuration effective::whole() const {
    configuration made = *file_;
    for (const auto& [name, one] : over_) made.pools.insert_or_assign(name, *one);
    return made;
}

}  // namespace hawser::app
