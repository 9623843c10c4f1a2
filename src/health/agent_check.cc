// SPDX-License-Identifier: Apache-2.0
#include "health/agent_check.h"

#include <utility>

#include "base/limits.h"

namespace hawser::health {

namespace {

/// Up to the end of the line, or of what is said.
task<result<std::string>> read_line(io::stream& from) {
    std::string line;
    while (line.size() <= limits::agent_line_max) {
        const auto lent = co_await from.read();
        if (!lent && lent.error().code == errc::end_of_stream) co_return line;
        if (!lent) co_return std::unexpected(lent.error());
        line.append(lent->data(), lent->size());
        if (const auto end = line.find('\n'); end != std::string::npos) {
            line.resize(end);
            if (line.ends_with('\r')) line.pop_back();
            break;
        }
    }
    if (line.size() > limits::agent_line_max)
        co_return fail(errc::malformed, "a report is longer than " +
                                            std::to_string(limits::agent_line_max) + " bytes");
    co_return line;
}

}  // namespace

task<outcome> agent_check::run(visit at) const {
    auto connection = co_await at.connect();
    if (!connection) co_return outcome::of(connection.error());
    if (!says_.empty()) {
        auto told = co_await (*connection)->write(io::pieces(says_));
        if (!told) co_return outcome::of(told.error());
    }
    auto line = co_await read_line(**connection);
    if (!line) co_return outcome::of(line.error());
    const auto report = read_agent_report(*line);
    if (!report) co_return outcome::of(report.error());
    auto found = outcome::passed(std::move(*line));
    found.report = *report;
    co_return found;
}

}  // namespace hawser::health
