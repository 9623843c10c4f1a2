// SPDX-License-Identifier: Apache-2.0
#include "crypto/random.h"

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <set>

#include "base/ensure.h"

namespace hawser::crypto {
namespace {

using block = std::array<std::uint8_t, 16>;

TEST(random_bytes, differ_each_time) {
    start_random();
    std::set<block> seen;
    for (int i = 0; i < 1000; ++i) {
        block drawn{};
        random_bytes(drawn);
        EXPECT_TRUE(seen.insert(drawn).second);
    }
}

/// From now on the kernel refuses this process random bytes, and every file: its device too.
void take_entropy_away() {
    const std::array<sock_filter, 5> rules{{
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getrandom, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
    }};
    const sock_fprog filter{rules.size(), const_cast<sock_filter*>(rules.data())};
    ensure(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
               ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0,
           "a test may give up its own rights");
}

TEST(random_bytes_death, e168_without_entropy_at_start_the_process_dies) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");  // a process that has drawn nothing yet
    EXPECT_DEATH(
        {
            take_entropy_away();
            start_random();
            _exit(0);
        },
        "");
}

TEST(random_stock, gives_no_portion_twice) {
    random_stock stock;
    std::set<block> seen;
    for (int i = 0; i < 1000; ++i) {
        block drawn{};
        stock.take(drawn);
        EXPECT_TRUE(seen.insert(drawn).second);
    }
}

TEST(random_stock, gives_portions_that_do_not_divide_its_block) {
    random_stock stock;
    std::set<std::array<std::uint8_t, 13>> seen;
    for (int i = 0; i < 1000; ++i) {
        std::array<std::uint8_t, 13> drawn{};
        stock.take(drawn);
        EXPECT_TRUE(seen.insert(drawn).second);
    }
}

TEST(random_stock, differs_from_another) {
    random_stock one;
    random_stock other;
    block a{};
    block b{};
    one.take(a);
    other.take(b);
    EXPECT_NE(a, b);
}

}  // namespace
}  // namespace hawser::crypto
