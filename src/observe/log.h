// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace hawser::observe {

/// How bad it is. `notice` is what an operator wants to see on a good day.
enum class level : std::uint8_t { error, warn, notice, info, debug };

[[nodiscard]] std::string_view name_of(level);
[[nodiscard]] std::optional<level> level_named(std::string_view name);

struct log_settings {
    std::string output = "stderr";  ///< `stderr`, `stdout` or a file's path
    level least = level::notice;    ///< whatever is less is not written
};

/// Opens the process's error log, or opens it anew with other settings (a reload); on failure
/// nothing changes. Until it is open, messages go straight to stderr.
[[nodiscard]] result<> open_log(const log_settings& settings);

/// Opens the same file again, after it was renamed (USR1).
void reopen_log();

/// Waits until what is queued is written, for at most `limit`: the last act before exit.
void flush_log(std::chrono::milliseconds limit = std::chrono::seconds(1));

/// Would a message of this level be written? For callers who would have to format it first.
[[nodiscard]] bool is_logged(level) noexcept;

/// Hands one message to the log's thread. Never waits for a disk or a reader: when the queue is
/// full the oldest message is lost, and counted. Bytes that could break the line are encoded.
void log(level, std::string_view message) noexcept;

/// As `log`, whatever the level of what is written.
void log_always(level, std::string_view message) noexcept;

/// Writes by another level than the settings say, over further `open_log`s too; none: by theirs.
void override_log_level(std::optional<level> least) noexcept;
/// What is least written now, and what the settings say.
struct log_levels {
    level present;
    level of_settings;
};
[[nodiscard]] log_levels present_log_levels() noexcept;

/// As `log`, for what may happen thousands of times a second: of one `key` at most five messages
/// are written in ten seconds; the first one after that says how many were left out.
void log_sparsely(level, std::string_view key, std::string_view message) noexcept;

/// What became of the messages, for metrics.
struct log_totals {
    std::uint64_t written = 0;
    std::uint64_t left_out = 0;  ///< by `log_sparsely`
    std::uint64_t dropped = 0;   ///< the queue was full, or the output took nothing
};
[[nodiscard]] log_totals count_log() noexcept;

}  // namespace hawser::observe
