// SPDX-License-Identifier: Apache-2.0
#include "app/command/table.h"

#include <algorithm>

#include <fmt/format.h>

namespace hawser::app {

std::string table_of(const std::vector<std::vector<std::string>>& rows, std::size_t first_number) {
    std::vector<std::size_t> widths;
    for (const auto& each : rows) {
        widths.resize(std::max(widths.size(), each.size()));
        for (std::size_t i = 0; i < each.size(); ++i)
            widths[i] = std::max(widths[i], each[i].size());
    }
    std::string text;
    for (const auto& each : rows) {
        std::string line;
        for (std::size_t i = 0; i < each.size(); ++i)
            line += i < first_number ? fmt::format("{:<{}}  ", each[i], widths[i])
                                     : fmt::format("{:>{}}  ", each[i], widths[i]);
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + '\n';
    }
    return text;
}

}  // namespace hawser::app
