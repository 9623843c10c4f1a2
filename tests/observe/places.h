// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

namespace hawser::observe {

/// A folder of one test's own.
class test_folder {
  public:
    test_folder() {
        std::string pattern = testing::TempDir() + "hawser-observe-XXXXXX";
        path_ = ::mkdtemp(pattern.data());
    }
    ~test_folder() { std::filesystem::remove_all(path_); }

    test_folder(const test_folder&) = delete;
    test_folder& operator=(const test_folder&) = delete;

    [[nodiscard]] std::string path_of(std::string_view name) const {
        return (path_ / name).string();
    }

    [[nodiscard]] std::string content_of(std::string_view name) const {
        std::ifstream file(path_ / name);
        return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    }

    void rename(std::string_view from, std::string_view to) const {
        std::filesystem::rename(path_ / from, path_ / to);
    }

  private:
    std::filesystem::path path_;
};

/// A named pipe with a reader who reads when told to.
class fifo {
  public:
    explicit fifo(std::string path) : path_(std::move(path)) {
        EXPECT_EQ(::mkfifo(path_.c_str(), 0600), 0);
        reader_ = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    }
    ~fifo() { leave(); }

    fifo(const fifo&) = delete;
    fifo& operator=(const fifo&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }

    std::string read() const {
        std::array<char, 65536> buffer{};
        std::string all;
        ssize_t count = 0;
        while ((count = ::read(reader_, buffer.data(), buffer.size())) > 0)
            all.append(buffer.data(), static_cast<std::size_t>(count));
        return all;
    }

    void leave() {
        if (reader_ >= 0) ::close(reader_);
        reader_ = -1;
    }

  private:
    std::string path_;
    int reader_ = -1;
};

/// Waits until another thread has brought `condition` about; false if it never does.
template <typename Condition>
bool comes_true(Condition&& condition) {
    for (int round = 0; round < 10'000; ++round) {
        if (condition()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));  // excused: between looks
    }
    return false;
}

}  // namespace hawser::observe
