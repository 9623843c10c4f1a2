// SPDX-License-Identifier: Apache-2.0
#include "app/notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "io/passing.h"

namespace hawser::app {

void notify_service_manager(std::string_view state, std::span<const int> descriptors) {
    const char* path = std::getenv("NOTIFY_SOCKET");
    if (path == nullptr || (path[0] != '/' && path[0] != '@')) return;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::size_t size = std::strlen(path);
    if (size >= sizeof address.sun_path) return;
    std::memcpy(address.sun_path, path, size);
    if (path[0] == '@') address.sun_path[0] = '\0';  // an abstract name

    const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return;
    const auto length = socklen_t(offsetof(sockaddr_un, sun_path) + size);
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), length) == 0)
        (void)io::send_with(socket, state, descriptors);
    ::close(socket);
}

}  // namespace hawser::app
