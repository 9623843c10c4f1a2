// SPDX-License-Identifier: Apache-2.0
#include "app/override_file.h"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace hawser::app {
namespace {

namespace fs = std::filesystem;

class override_file_of_a_node : public testing::Test {
  protected:
    override_file_of_a_node()
        : folder_(fs::path(testing::TempDir()) /
                  testing::UnitTest::GetInstance()->current_test_info()->name()),
          file_(folder_.string(), "/etc/hawser") {
        fs::remove_all(folder_);
    }
    ~override_file_of_a_node() override { fs::remove_all(folder_); }

    static overrides some() {
        set_value added;
        added.pool = "shop";
        added.server = "c";
        added.field = override_field::added;
        added.settings.emplace().address.text = "10.0.0.3:80";
        added.settings->weight = 4;
        added.who = "uid 0";
        added.when = "2026-11-24T12:00:00Z";
        set_value drained;
        drained.pool = "shop";
        drained.server = "a \"b\" ${HOME}";
        drained.state = upstream::admin_state::drain;
        drained.file = "ready";
        return overrides({added, drained});
    }

    void write(const std::string& text) {
        fs::create_directories(folder_);
        std::ofstream(file_.path()) << text;
        ::chmod(file_.path().c_str(), 0600);
    }

    [[nodiscard]] bool is_set_aside() const {
        return !fs::exists(file_.path()) && fs::exists(file_.path().string() + ".damaged");
    }

    fs::path folder_;
    override_file file_;
};

TEST_F(override_file_of_a_node, is_not_needed) { EXPECT_TRUE(file_.load().all().empty()); }

TEST_F(override_file_of_a_node, gives_back_what_was_saved) {
    ASSERT_TRUE(file_.save(some()));
    EXPECT_EQ(file_.load(), some());
    struct stat is{};
    ASSERT_EQ(::stat(file_.path().c_str(), &is), 0);
    EXPECT_EQ(is.st_mode & 0777, 0600u);
}

TEST_F(override_file_of_a_node, is_another_one_for_another_configuration) {
    EXPECT_NE(override_file(folder_.string(), "/etc/other").path(), file_.path());
    EXPECT_TRUE(override_file(folder_.string(), "").path().empty());
    EXPECT_FALSE(override_file(folder_.string(), "").save(some()));
}

TEST_F(override_file_of_a_node, is_set_aside_where_it_is_damaged) {
    const char* const entry = R"({"pool": "shop", "server": "a", "field": )";
    for (const std::string& text :
         {std::string(), std::string("{"), std::string("[]"),
          std::string(R"({"version": 2, "overrides": []})"), std::string(R"({"version": 1})"),
          std::string(R"({"version": 1, "overrides": [], "more": 1})"),
          R"({"version": 1, "overrides": [)" + std::string(entry) + R"("state"}]})",
          R"({"version": 1, "overrides": [)" + std::string(entry) + R"("weight", "weight": 257}]})",
          R"({"version": 1, "overrides": [)" + std::string(entry) +
              R"("added", "settings": {"address": "nowhere"}}]})",
          R"({"version": 1, "overrides": [)" + std::string(entry) +
              R"("removed", "weight": 1}]})"}) {
        write(text);
        EXPECT_TRUE(file_.load().all().empty()) << text;
        EXPECT_TRUE(is_set_aside()) << text;
    }
}

TEST_F(override_file_of_a_node, is_not_believed_if_others_may_write_it) {
    ASSERT_TRUE(file_.save(some()));
    ::chmod(file_.path().c_str(), 0666);
    EXPECT_TRUE(file_.load().all().empty());
    EXPECT_TRUE(is_set_aside());
}

TEST_F(override_file_of_a_node, tells_where_it_cannot_be_saved) {
    fs::create_directories(folder_.parent_path());
    std::ofstream(folder_) << "in the way";
    EXPECT_FALSE(file_.save(some()));
}

}  // namespace
}  // namespace hawser::app
