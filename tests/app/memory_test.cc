// SPDX-License-Identifier: Apache-2.0
#include "app/memory.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace hawser::app {
namespace {

namespace fs = std::filesystem;

class memory : public testing::Test {
  protected:
    memory() : folder_(fs::path(testing::TempDir()) / "hawser-group") {
        fs::create_directory(folder_);
    }
    ~memory() override { fs::remove_all(folder_); }

    void write(const char* name, const char* text) { std::ofstream(folder_ / name) << text; }

    fs::path folder_;
};

TEST_F(memory, e169_of_a_group_is_what_the_kernel_cannot_drop) {
    write("memory.max", "1000000\n");
    write("memory.current", "900000\n");
    write("memory.stat", "anon 500000\nfile 390000\nactive_file 100000\ninactive_file 200000\n");
    const auto seen = group_memory(folder_).look();
    EXPECT_EQ(seen.used, 600000u);
    EXPECT_EQ(seen.most, 1000000u);
}

TEST_F(memory, a_group_without_a_limit_has_none) {
    write("memory.max", "max\n");
    write("memory.current", "900000\n");
    EXPECT_EQ(group_memory(folder_).look().most, 0u);
    EXPECT_EQ(group_memory("/nowhere").look().most, 0u);
    EXPECT_EQ(group_memory("").look().most, 0u);
}

TEST_F(memory, a_process_knows_what_is_resident) { EXPECT_GT(resident_memory(), 1u << 20); }

}  // namespace
}  // namespace hawser::app
