// SPDX-License-Identifier: Apache-2.0
// What a session costs in the registry: bytes, and nanoseconds for each thing done with it.
//
//     bench_registry [SESSIONS=10000000]
//
// Its own main instead of Google Benchmark's: each row needs the table that the rows before it
// made, and ten million sessions are made once.

#include <fmt/core.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>
#include <vector>

#include "base/hash.h"
#include "registry/questions.h"
#include "registry/registry.h"

namespace {

using namespace hawser;
using namespace std::chrono_literals;
using registry::seen;

const pool_id pool = pool_id_of("shop");
const std::vector<server_id> servers = [] {
    std::vector<server_id> all;
    for (int n = 0; n < 16; ++n) all.push_back(server_id_of("shop", std::to_string(n)));
    return all;
}();

/// A stand-in for the keyed hash of a client's bytes (splitmix64's finish).
constexpr std::uint64_t mixed(std::uint64_t n) {
    n = (n ^ n >> 30) * 0xbf58'476d'1ce4'e5b9;
    n = (n ^ n >> 27) * 0x94d0'49bb'1331'11eb;
    return n ^ n >> 31;
}

affinity::session_key key_of(std::uint64_t session, std::uint64_t which) {
    const std::uint64_t seed = (session * 4 + which + 1) * 0x9e37'79b9'7f4a'7c15;
    return {{mixed(seed), mixed(seed + 1)}};
}

affinity::finding finding_of(std::uint64_t session, std::uint64_t which = 0) {
    affinity::finding found;
    found.key = key_of(session, which);
    found.session.bytes[0] = static_cast<std::uint8_t>(session);
    return found;
}

std::uint64_t resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    std::uint64_t size = 0;
    std::uint64_t resident = 0;
    statm >> size >> resident;
    return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::chrono::nanoseconds processor_time() {
    timespec used{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

/// Nanoseconds of processor time for one of `count` operations that `workers` share. Other work on
/// the machine disturbs that less than time by the clock, and waiting for a lock is part of it: it
/// spins or calls the kernel.
template <typename Run>
double nanoseconds(unsigned workers, std::uint64_t count, Run&& run) {
    std::atomic<std::int64_t> sum = 0;
    {
        std::vector<std::jthread> threads;
        for (unsigned n = 0; n < workers; ++n)
            threads.emplace_back([&, n] {
                const auto begin = processor_time();
                run(count * n / workers, count * (n + 1) / workers);
                sum += (processor_time() - begin).count();
            });
    }
    return static_cast<double>(sum) / static_cast<double>(count);
}

class bench {
  public:
    bench(unsigned workers, std::uint64_t sessions, unsigned keys)
        : workers_(workers), sessions_(sessions), keys_(keys) {}

    struct row {
        double bytes_first, bytes_more;           // a session with one key, each further key
        double begin, come_back, known, missing;  // enter (and claim) and leave
        double add_key, expire;
        double longest_us;  // of the calls that made the table grow
    };

    row run() {
        row made{};
        const std::uint64_t before = resident_bytes();
        auto created = registry::registry::create({.capacity = sessions_,
                                                   .tentative_capacity = sessions_,
                                                   .extra_keys = sessions_ * (keys_ - 1),
                                                   .lives = {.idle = 30min, .absolute = 0s}},
                                                  now_.steady);
        if (!created) {
            fmt::print(stderr, "{}\n", created.error().context);
            std::exit(1);
        }
        table_ = std::move(*created);
        made.begin = measure([this](std::uint64_t n) { begin(n); });
        made.come_back = measure([this](std::uint64_t n) { come_back(n); });
        made.bytes_first = per_session(resident_bytes() - before);
        const std::uint64_t with_first = resident_bytes();
        if (keys_ > 1) {
            made.add_key = measure([this](std::uint64_t n) {
                               for (unsigned key = 1; key < keys_; ++key)
                                   table_->add_key(pool, key_of(n, 0), key_of(n, key), now_.steady);
                           }) /
                           (keys_ - 1);
            made.bytes_more = per_session(resident_bytes() - with_first) / (keys_ - 1);
        }
        // A stride that has no divisor in common with the count visits all in a scattered order.
        made.known = measure([this](std::uint64_t n) {
            const std::uint64_t any = n * 7'777'777 % sessions_;
            visit(finding_of(any, n % keys_));
        });
        made.missing = measure([this](std::uint64_t n) {
            (void)table_->find(pool, key_of(sessions_ + n, 0), now_.steady);
        });
        made.longest_us = longest_growth();
        now_.steady += 31min;
        measure_sweep();  // nothing has come since: all expire
        made.expire = last_sweep_;
        return made;
    }

  private:
    template <typename Each>
    double measure(Each&& each) {
        return nanoseconds(workers_, sessions_, [&](std::uint64_t first, std::uint64_t last) {
            for (std::uint64_t n = first; n < last; ++n) each(n);
        });
    }

    void begin(std::uint64_t n) {
        const seen who = table_->enter(pool, finding_of(n), now_);
        table_->claim(who.handle, who.home, {.home = servers[n % servers.size()]}, now_);
        table_->leave(who.handle, now_.steady);
    }

    void come_back(std::uint64_t n) { visit(finding_of(n)); }

    void visit(const affinity::finding& found) {
        const seen who = table_->enter(pool, found, now_);
        if (who.known)
            table_->leave(who.handle, now_.steady);
        else
            std::abort();
    }

    double per_session(std::uint64_t bytes) const {
        return static_cast<double>(bytes) / static_cast<double>(sessions_);
    }

    /// The longest single call while a table of a tenth of the size grows from nothing.
    double longest_growth() {
        const std::uint64_t count = sessions_ / 10;
        auto fresh = *registry::registry::create(
            {.capacity = count, .tentative_capacity = count, .extra_keys = 0, .lives = {}},
            now_.steady);
        std::chrono::nanoseconds longest{0};
        for (std::uint64_t n = 0; n < count; ++n) {
            const auto found = finding_of(n);
            const auto begin = processor_time();
            const seen who = fresh->enter(pool, found, now_);
            longest = std::max(longest, processor_time() - begin);
            fresh->leave(who.handle, now_.steady);
        }
        return std::chrono::duration<double, std::micro>(longest).count();
    }

    void measure_sweep() {
        last_sweep_ = nanoseconds(workers_, sessions_, [&](std::uint64_t, std::uint64_t) {
            while (table_->counts().established > 0)
                for (int n = 0; n < 100; ++n) table_->sweep(now_.steady, 4096);
        });
    }

    unsigned workers_;
    std::uint64_t sessions_;
    unsigned keys_;
    instant now_{steady_time(1000h), wall_time(1'790'000'000s)};
    std::unique_ptr<registry::registry> table_;
    double last_sweep_ = 0;
};

}  // namespace

int main(int count, char** arguments) {
    const std::uint64_t sessions =
        count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 10'000'000;
    if (sessions < 1000) {
        fmt::print(stderr, "usage: {} [SESSIONS], at least 1000\n", arguments[0]);
        return 2;
    }
    fmt::print("{} sessions on 16 servers; nanoseconds of processor time for one operation\n\n",
               sessions);
    fmt::print("{:>4} {:>7} | {:>7} {:>8} | {:>6} {:>6} {:>6} {:>7} {:>7} {:>6} | {:>12}\n", "keys",
               "workers", "B/first", "B/extra", "new", "return", "known", "missing", "add key",
               "expire", "longest (us)");
    for (const unsigned keys : {1u, 3u}) {
        for (const unsigned workers : {1u, 2u}) {
            const auto row = bench(workers, sessions, keys).run();
            fmt::print(
                "{:>4} {:>7} | {:>7.1f} {:>8.1f} | {:>6.0f} {:>6.0f} {:>6.0f} {:>7.0f} "
                "{:>7.0f} {:>6.0f} | {:>12.0f}\n",
                keys, workers, row.bytes_first, row.bytes_more, row.begin, row.come_back, row.known,
                row.missing, row.add_key, row.expire, row.longest_us);
            std::fflush(stdout);
        }
    }
    fmt::print(
        "\nnew: enter, claim, leave of a first request; return: enter and leave when the key "
        "comes back the first time;\nknown: enter and leave of an established session, any "
        "of its keys; missing: a key that nobody has;\nlongest: the slowest enter while a "
        "table a tenth as large grows from nothing.\n");
    return 0;
}
