// SPDX-License-Identifier: Apache-2.0
#include "app/machine.h"

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>

#include "base/limits.h"

namespace hawser::app {

namespace {

/// `cpu.max` of cgroup v2: "QUOTA PERIOD" in microseconds, or "max PERIOD".
double processors_by_quota() {
    std::ifstream file("/sys/fs/cgroup/cpu.max");
    std::string quota;
    double period = 0;
    if (!(file >> quota >> period) || quota == "max" || period <= 0) return HUGE_VAL;
    char* end = nullptr;
    const double most = std::strtod(quota.c_str(), &end);
    return end == quota.c_str() ? HUGE_VAL : most / period;
}

}  // namespace

std::size_t usable_processors() {
    cpu_set_t allowed;
    double count = 1;
    if (::sched_getaffinity(0, sizeof allowed, &allowed) == 0) count = CPU_COUNT(&allowed);
    count = std::min(count, std::ceil(processors_by_quota()));
    return std::clamp<std::size_t>(std::size_t(count), 1, limits::workers_max);
}

std::size_t raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    return descriptor_limit();
}

std::size_t descriptor_limit() {
    rlimit limit{};
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? std::size_t(limit.rlim_cur) : 0;
}

}  // namespace hawser::app
