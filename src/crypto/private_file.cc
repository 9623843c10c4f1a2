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
    return {};
}

/// Fills `into`, but for the end of the file.
result<std::size_t> read_all(int from, std::span<std::uint8_t> into,
                             const std::filesystem::path& path) {
    std::size_t filled = 0;
    while (filled < into.size()) {
        const auto got = ::read(from, into.data() + filled, into.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed("reading", path);
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    return filled;
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

result<private_reader> private_reader::open(const std::filesystem::path& path) {
    // Without waiting: a pipe in the place of the file must not hold the start up.
    private_reader opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK), path);
    if (opened.descriptor_ < 0) return failed("opening", path);
    struct stat is{};
    if (::fstat(opened.descriptor_, &is) != 0) return failed("looking at", path);
    if (auto fine = check_owner_only(is, path); !fine)
        return std::unexpected(std::move(fine.error()));
    return opened;
}

private_reader::private_reader(private_reader&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

private_reader::~private_reader() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

result<std::size_t> private_reader::read(std::span<std::uint8_t> into) {
    return read_all(descriptor_, into, path_);
}

result<> private_reader::rewind() {
    if (::lseek(descriptor_, 0, SEEK_SET) != 0) return failed("reading", path_);
    return {};
}

result<private_writer> private_writer::begin(const std::filesystem::path& path) {
    auto beside = path.string() + ".XXXXXX";
    // mkostemp makes it with mode 0600, whatever the umask.
    const int descriptor = ::mkostemp(beside.data(), O_CLOEXEC);
    if (descriptor < 0) return failed("making a file beside", path);
    return private_writer(descriptor, path, std::move(beside));
}

private_writer::private_writer(private_writer&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      path_(std::move(other.path_)),
      beside_(std::exchange(other.beside_, {})) {}

private_writer::~private_writer() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!beside_.empty()) ::unlink(beside_.c_str());
}

result<> private_writer::append(std::string_view text) {
    return write_all(descriptor_, text, path_);
}

result<> private_writer::finish() {
    if (::fsync(descriptor_) != 0) return failed("writing", path_);
    if (::rename(beside_.c_str(), path_.c_str()) != 0) return failed("replacing", path_);
    beside_.clear();
    const int directory = ::open(directory_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool is_kept = directory >= 0 && ::fsync(directory) == 0;
    auto done = is_kept ? result<>() : failed("writing", path_);
    if (directory >= 0) ::close(directory);
    return done;
}

result<secret_text> read_private(const std::filesystem::path& path, std::size_t size_max) {
    auto from = private_reader::open(path);
    if (!from) return std::unexpected(std::move(from.error()));
    secret_text text;
    std::array<std::uint8_t, 4096> block;
    while (text.view().size() <= size_max) {
        const auto got = from->read(block);
        if (!got) return std::unexpected(got.error());
        if (*got == 0) return text;
        text.append({reinterpret_cast<const char*>(block.data()), *got});
        ::explicit_bzero(block.data(), block.size());
    }
    return fail(errc::invalid, path.string() + ": is too large");
}

result<> write_private(const std::filesystem::path& path, std::string_view text) {
    auto to = private_writer::begin(path);
    if (!to) return std::unexpected(std::move(to.error()));
    if (auto done = to->append(text); !done) return done;
    return to->finish();
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
