// SPDX-License-Identifier: Apache-2.0
#include "observe/output.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

namespace hawser::observe {

namespace {

constexpr int no_descriptor = -1;

result<int> open_file(const std::string& path) {
    // Not blocking: a FIFO without a reader is an error now instead of a start that hangs.
    const int descriptor = ::open(
        path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
    if (descriptor < 0) return std::unexpected(system_error(errno, "open " + path));
    return descriptor;
}

}  // namespace

output::output(int descriptor, manner how, std::string path)
    : descriptor_(descriptor), manner_(how), path_(std::move(path)) {}

output::output(output&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, no_descriptor)),
      manner_(other.manner_),
      path_(std::move(other.path_)) {}

output& output::operator=(output&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(manner_, other.manner_);
    std::swap(path_, other.path_);
    return *this;
}

output::~output() {
    if (descriptor_ != no_descriptor) ::close(descriptor_);
}

result<output> output::open(std::string_view name) {
    if (name == "stdout") return of_descriptor(STDOUT_FILENO);
    if (name == "stderr") return of_descriptor(STDERR_FILENO);
    std::string path(name);
    const auto descriptor = open_file(path);
    if (!descriptor) return std::unexpected(descriptor.error());
    return output(*descriptor, manner::plain, std::move(path));
}

result<output> output::of_descriptor(int descriptor) {
    struct stat kind{};
    if (::fstat(descriptor, &kind) != 0) return std::unexpected(system_error(errno, "fstat"));
    if (S_ISFIFO(kind.st_mode) || ::isatty(descriptor) != 0) {
        const std::string itself = "/proc/self/fd/" + std::to_string(descriptor);
        const int again = ::open(itself.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (again >= 0) return output(again, manner::plain, {});
    }
    // A file shares its offset with the original, so that both streams may go to one file.
    const int copy = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
    if (copy < 0) return std::unexpected(system_error(errno, "dup"));
    if (S_ISSOCK(kind.st_mode)) return output(copy, manner::socket, {});
    return output(copy, S_ISREG(kind.st_mode) ? manner::plain : manner::by_pages, {});
}

output::taken output::write(std::string_view bytes) const noexcept {
    taken sum;
    while (sum.bytes < bytes.size()) {
        const auto rest = bytes.substr(sum.bytes);
        ssize_t count = 0;
        switch (manner_) {
            case manner::plain: count = ::write(descriptor_, rest.data(), rest.size()); break;
            case manner::socket:
                count = ::send(descriptor_, rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
                break;
            case manner::by_pages: {
                pollfd room{.fd = descriptor_, .events = POLLOUT, .revents = 0};
                if (::poll(&room, 1, 0) <= 0) return {sum.bytes, EAGAIN};
                count =
                    ::write(descriptor_, rest.data(), std::min(rest.size(), std::size_t{PIPE_BUF}));
                break;
            }
        }
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return {sum.bytes, errno};
        sum.bytes += static_cast<std::size_t>(count);
    }
    return sum;
}

void output::wait(std::chrono::milliseconds most) const noexcept {
    pollfd room{.fd = descriptor_, .events = POLLOUT, .revents = 0};
    ::poll(&room, 1, static_cast<int>(most.count()));
}

result<> output::reopen() {
    if (path_.empty()) return {};
    const auto descriptor = open_file(path_);
    if (!descriptor) return std::unexpected(descriptor.error());
    ::close(std::exchange(descriptor_, *descriptor));
    return {};
}

bool output::is_terminal() const noexcept { return ::isatty(descriptor_) != 0; }

}  // namespace hawser::observe
