// SPDX-License-Identifier: Apache-2.0
#include "crypto/private_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <utility>

namespace hawser::crypto {

namespace {

std::unexpected<error> failed(std::string_view doing, const std::filesystem::path& path) {
    const int number = errno;
    return std::unexpected(system_error(number, std::string(doing) + " " + path.string()));
}

/// A descriptor that is closed when it goes out of sight.
class descriptor {
  public:
    explicit descriptor(int number) : number_(number) {}
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    ~descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    [[nodiscard]] int number() const { return number_; }
    [[nodiscard]] bool is_open() const { return number_ >= 0; }

  private:
    int number_;
};

result<> check_owner_only(const struct stat& is, const std::filesystem::path& path) {
    const auto refuse = [&](std::string_view why) {
        return fail(errc::invalid, path.string() + ": " + std::string(why));
    };
    if (!S_ISREG(is.st_mode)) return refuse("is not a plain file");
    if ((is.st_mode & 077) != 0) {
        return refuse("can be read or written by others than its owner: chmod 600 it");
    }
    const auto me = ::geteuid();
    if (me != 0 && is.st_uid != me && is.st_uid != 0) return refuse("belongs to another user");
    return {};
}

result<> write_all(int to, std::string_view text, const std::filesystem::path& path) {
    while (!text.empty()) {
        const auto written = ::write(to, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return failed("writing", path);
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(to) != 0) return failed("writing", path);
    return {};
}

std::filesystem::path directory_of(const std::filesystem::path& path) {
    return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

result<> make_directories(const std::filesystem::path& directory) {
    std::filesystem::path so_far;
    for (const auto& part : directory) {
        so_far /= part;
        if (::mkdir(so_far.c_str(), 0700) != 0 && errno != EEXIST) {
            // Above what is there already, making may be forbidden and not needed.
            if (::access(so_far.c_str(), F_OK) != 0) return failed("making directory", so_far);
        }
    }
    return {};
}

}  // namespace

result<secret_text> read_private(const std::filesystem::path& path, std::size_t size_max) {
    // Without waiting: a pipe in the place of the file must not hold the start up.
    const descriptor from(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!from.is_open()) return failed("opening", path);
    struct stat is{};
    if (::fstat(from.number(), &is) != 0) return failed("looking at", path);
    if (auto fine = check_owner_only(is, path); !fine) return std::unexpected(fine.error());

    secret_text text;
    std::array<char, 4096> block;
    while (text.view().size() <= size_max) {
        const auto got = ::read(from.number(), block.data(), block.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed("reading", path);
        if (got == 0) return text;
        text.append(std::string_view(block.data(), static_cast<std::size_t>(got)));
        ::explicit_bzero(block.data(), block.size());
    }
    return fail(errc::invalid, path.string() + ": is too large");
}

result<> write_private(const std::filesystem::path& path, std::string_view text) {
    auto beside = path.string() + ".XXXXXX";
    // mkostemp makes it with mode 0600, whatever the umask.
    const descriptor to(::mkostemp(beside.data(), O_CLOEXEC));
    if (!to.is_open()) return failed("making a file beside", path);
    auto done = write_all(to.number(), text, path);
    if (done && ::rename(beside.c_str(), path.c_str()) != 0) done = failed("replacing", path);
    if (!done) {
        ::unlink(beside.c_str());
        return done;
    }
    const descriptor directory(
        ::open(directory_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.is_open() || ::fsync(directory.number()) != 0) return failed("writing", path);
    return {};
}

result<directory_lock> directory_lock::take(const std::filesystem::path& file) {
    const auto directory = directory_of(file);
    if (auto made = make_directories(directory); !made) return std::unexpected(made.error());
    directory_lock lock(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (lock.descriptor_ < 0) return failed("opening", directory);
    while (::flock(lock.descriptor_, LOCK_EX) != 0) {
        if (errno != EINTR) return failed("locking", directory);
    }
    return lock;
}

directory_lock::directory_lock(directory_lock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

directory_lock::~directory_lock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace hawser::crypto
