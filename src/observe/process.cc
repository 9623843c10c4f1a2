// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "observe/exposition.h"

namespace hawser::observe {

namespace {

std::string content_of(const char* path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The number after `name` at the start of a line, as in /proc/self/status and /proc/stat.
std::optional<double> number_after(const std::string& text, std::string_view name) {
    const std::string wanted = "\n" + std::string(name);
    const auto at = text.find(wanted);
    if (at == std::string::npos) return std::nullopt;
    const auto digits = text.find_first_of("0123456789", at + wanted.size());
    if (digits == std::string::npos) return std::nullopt;
    std::uint64_t number = 0;
    std::from_chars(text.data() + digits, text.data() + text.size(), number);
    return static_cast<double>(number);
}

/// Field 22 of /proc/self/stat counts clock ticks since boot; fields after the name's last bracket
/// are safe to count, as the name may hold blanks.
std::optional<double> start_time() {
    constexpr int fields_before = 20;
    const std::string stat = content_of("/proc/self/stat");
    auto at = stat.rfind(')');
    for (int field = 0; field < fields_before && at != std::string::npos; ++field)
        at = stat.find(' ', at + 1);
    const auto boot = number_after(content_of("/proc/stat"), "btime");
    if (at == std::string::npos || !boot) return std::nullopt;
    std::uint64_t ticks = 0;
    std::from_chars(stat.data() + at + 1, stat.data() + stat.size(), ticks);
    return *boot + static_cast<double>(ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double seconds_of(const timeval& span) {
    return static_cast<double>(span.tv_sec) + static_cast<double>(span.tv_usec) / 1e6;
}

std::optional<double> open_descriptors() {
    std::error_code problem;
    const std::filesystem::directory_iterator entries("/proc/self/fd", problem);
    if (problem) return std::nullopt;
    // One of them is this look itself.
    return static_cast<double>(std::distance(begin(entries), end(entries)) - 1);
}

}  // namespace

void collect_process(exposition& into) {
    const auto show = [&](std::string_view name, std::string_view help,
                          std::optional<double> value) {
        if (value) into.gauge(name, help, {}, *value);
    };
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    into.counter("process_cpu_seconds_total", "User and system CPU time spent.", {},
                 seconds_of(used.ru_utime) + seconds_of(used.ru_stime));

    constexpr double kibibyte = 1024;
    const std::string status = content_of("/proc/self/status");
    const auto bytes = [&](std::string_view name) {
        auto value = number_after(status, name);
        if (value) *value *= kibibyte;
        return value;
    };
    show("process_resident_memory_bytes", "Resident memory.", bytes("VmRSS:"));
    show("process_resident_memory_peak_bytes", "The most resident memory so far.", bytes("VmHWM:"));
    show("process_virtual_memory_bytes", "Virtual memory.", bytes("VmSize:"));
    show("process_threads", "Threads.", number_after(status, "Threads:"));
    show("process_open_fds", "Open file descriptors.", open_descriptors());
    rlimit descriptors{};
    ::getrlimit(RLIMIT_NOFILE, &descriptors);
    show("process_max_fds", "The limit of open file descriptors.",
         static_cast<double>(descriptors.rlim_cur));
    show("process_start_time_seconds", "When the process started, in seconds since 1970.",
         start_time());
}

void collect_build(exposition& into, std::string_view version, std::string_view revision) {
    into.gauge("build_info", "Always 1; its labels say what was built.",
               {{"version", version}, {"revision", revision}}, 1);
}

}  // namespace hawser::observe
