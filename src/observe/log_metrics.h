// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "observe/access_log.h"
#include "observe/exposition.h"
#include "observe/log.h"

namespace hawser::observe {

/// What became of access-log records and of messages: E166 wants every loss counted.
inline void collect_logs(exposition& into, const access_log_totals& access,
                         const log_totals& messages) {
    const auto show = [&](std::string_view name, std::string_view help, std::string_view result,
                          std::uint64_t count) {
        into.counter(name, help, {{"result", result}}, static_cast<double>(count));
    };
    static constexpr std::string_view records = "access_log_records_total";
    static constexpr std::string_view records_help = "Records of the access log, by their fate.";
    show(records, records_help, "written", access.written);
    show(records, records_help, "dropped-ring-full", access.dropped_full);
    show(records, records_help, "dropped-output-failed", access.dropped_output);
    static constexpr std::string_view lines = "log_messages_total";
    static constexpr std::string_view lines_help = "Messages of the error log, by their fate.";
    show(lines, lines_help, "written", messages.written);
    show(lines, lines_help, "left-out", messages.left_out);
    show(lines, lines_help, "dropped", messages.dropped);
}

}  // namespace hawser::observe
