// SPDX-License-Identifier: Apache-2.0
#include "app/laid_over.h"

#include <utility>

namespace hawser::app {

std::shared_ptr<const pool> laid_over(const std::string& name, const pool& of_file,
                                      const server_sources& by) {
    if (!of_file.finds_servers() && !by.set.concern(name)) return nullptr;
    auto made = by.set.over(name, by.finders.over(name, of_file, by.present));
    return made == of_file ? nullptr : std::make_shared<const pool>(std::move(made));
}

}  // namespace hawser::app
