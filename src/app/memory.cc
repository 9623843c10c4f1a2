// SPDX-License-Identifier: Apache-2.0
#include "app/memory.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string_view>
#include <utility>

namespace hawser::app {

namespace {

constexpr std::string_view groups = "/sys/fs/cgroup";

/// A file of one number; 0 for `max`, and where there is none.
std::uint64_t number_in(const std::string& path) {
    std::ifstream file(path);
    std::uint64_t number = 0;
    return file >> number ? number : 0;
}

/// `active_file` and `inactive_file` of `memory.stat`.
std::uint64_t cache_of_files(const std::string& path) {
    std::ifstream file(path);
    std::uint64_t sum = 0;
    std::uint64_t number = 0;
    for (std::string name; file >> name >> number;)
        if (name == "active_file" || name == "inactive_file") sum += number;
    return sum;
}

/// The path of the group of version 2 in /proc/self/cgroup: `0::/PATH`.
std::string own_group() {
    std::ifstream file("/proc/self/cgroup");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("0::")) return line.substr(3);
    return {};
}

}  // namespace

std::uint64_t resident_memory() {
    std::ifstream file("/proc/self/statm");
    std::uint64_t size = 0;
    std::uint64_t resident = 0;
    file >> size >> resident;
    return resident * std::uint64_t(::sysconf(_SC_PAGESIZE));
}

group_memory::group_memory() {
    // Within a container's own view the path may be one of the outside.
    for (const std::string& path : {std::string(groups) + own_group(), std::string(groups)}) {
        if (number_in(path + "/memory.max") == 0) continue;
        folder_ = path;
        return;
    }
}

memory_use group_memory::look() const {
    if (folder_.empty()) return {};
    const std::uint64_t used = number_in(folder_ + "/memory.current");
    const std::uint64_t cache = cache_of_files(folder_ + "/memory.stat");
    return {.used = used - std::min(used, cache), .most = number_in(folder_ + "/memory.max")};
}

}  // namespace hawser::app
