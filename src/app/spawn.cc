// SPDX-License-Identifier: Apache-2.0
#include "app/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace hawser::app {

namespace {

constexpr const char* channel_variable = "HAWSER_TAKE_OVER";
constexpr int channel_number = 3;

std::string& own_binary() {
    static std::string path;
    return path;
}

/// As they were typed.
std::vector<std::string> own_arguments() {
    std::ifstream from("/proc/self/cmdline", std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(from), {});
    std::vector<std::string> all;
    for (std::size_t at = 0; at < text.size();) {
        all.emplace_back(text.c_str() + at);
        at += all.back().size() + 1;
    }
    return all;
}

result<> check_binary(const std::string& path) {
    const auto refuse = [&](std::string_view why) {
        return fail(errc::invalid, path + " " + std::string(why));
    };
    if (!path.starts_with('/')) return refuse("is no absolute path");
    struct stat is{};
    if (::stat(path.c_str(), &is) != 0) return refuse("is not there");
    if (!S_ISREG(is.st_mode) || ::access(path.c_str(), X_OK) != 0)
        return refuse("is no file that can be run");
    if ((is.st_mode & 022) != 0) return refuse("can be written by others than its owner");
    if (is.st_uid != 0 && is.st_uid != ::geteuid()) return refuse("belongs to another user");
    return {};
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (auto& each : texts) all.push_back(each.data());
    all.push_back(nullptr);
    return all;
}

std::vector<std::string> environment_with_channel() {
    std::vector<std::string> all;
    for (char** each = environ; *each != nullptr; ++each) all.emplace_back(*each);
    all.push_back(std::string(channel_variable) + "=" + std::to_string(channel_number));
    return all;
}

}  // namespace

void remember_binary() {
    std::error_code unknown;
    own_binary() = std::filesystem::read_symlink("/proc/self/exe", unknown).string();
}

result<pid_t> spawn_successor(std::string binary, int channel) {
    if (binary.empty()) binary = own_binary();
    if (auto fine = check_binary(binary); !fine) return std::unexpected(std::move(fine.error()));
    auto arguments = own_arguments();
    auto environment = environment_with_channel();

    // The new process begins with the signals of a fresh one, and inherits nothing but the channel.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, channel, channel_number);
    pid_t child = 0;
    const int failed =
        ::posix_spawn(&child, binary.c_str(), &actions, &attributes, pointers_to(arguments).data(),
                      pointers_to(environment).data());
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (failed != 0) return fail(errc::invalid, system_error(failed, binary).context);
    return child;
}

io::descriptor take_channel() {
    const char* const text = std::getenv(channel_variable);
    if (text == nullptr) return {};
    int number = -1;
    std::from_chars(text, text + std::string_view(text).size(), number);
    ::unsetenv(channel_variable);
    struct stat is{};
    if (::fstat(number, &is) != 0 || !S_ISSOCK(is.st_mode)) return {};
    ::fcntl(number, F_SETFD, FD_CLOEXEC);
    return io::descriptor(number);
}

}  // namespace hawser::app
