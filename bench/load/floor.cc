// SPDX-License-Identifier: Apache-2.0

// The floor: the least that a proxy process can do here. A relay of one thread that pairs each
// client with a pooled connection to one server and carries bytes: edge-triggered epoll, each
// descriptor registered once, one hot buffer, four system calls a request, no parsing.
// What a proxy costs above it is the price of being a proxy.
//
// It looks at one thing: a request that ends in "Connection: close", as the load sends it, is
// answered until the answer's Content-Length is reached, then the client is closed.

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "options.h"
#include "sockets.h"

namespace hawser::bench {
namespace {

struct side {
    int peer = -1;  ///< the descriptor at the other end of the pair; -1: none
    bool is_client = false;
    bool readable = false;  ///< has bytes that its peer could not take
    bool closes = false;    ///< a client to be closed after `to_go` more bytes
    std::size_t to_go = 0;
    std::unique_ptr<std::string> stuck = nullptr;  ///< what this side did not take yet; rare
};

class relay {
  public:
    relay(std::uint16_t port, std::uint16_t server) : listener_(listen_on(port)), server_(server) {
        watch(epoll_, listener_, static_cast<std::uint64_t>(listener_));
    }

    std::uint16_t port() const { return port_of(listener_); }

    [[noreturn]] void run() {
        std::array<epoll_event, 256> events;
        for (;;) {
            const int count = epoll_wait(epoll_, events.data(), events.size(), -1);
            for (int i = 0; i < count; ++i) {
                const auto& event = events[static_cast<std::size_t>(i)];
                const int fd = static_cast<int>(event.data.u64);
                if (fd == listener_) {
                    accept_all();
                    continue;
                }
                if (event.events & EPOLLOUT) flush(fd);
                if (event.events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) carry(fd);
            }
        }
    }

  private:
    side& at(int fd) {
        const auto slot = static_cast<std::size_t>(fd);
        if (slot >= sides_.size()) sides_.resize(slot + 1);
        return sides_[slot];
    }

    void accept_all() {
        for (;;) {
            const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
            if (fd < 0) return;
            at(fd) = {.is_client = true};
            watch(epoll_, fd, static_cast<std::uint64_t>(fd));
        }
    }

    /// Moves what there is from `fd` to its peer. A short read has emptied the socket.
    void carry(int fd) {
        for (;;) {
            if (at(fd).peer >= 0 && at(at(fd).peer).stuck) {
                at(fd).readable = true;
                return;
            }
            const ssize_t got = recv(fd, buffer_.data(), buffer_.size(), 0);
            if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
            if (got <= 0) return end(fd);
            const auto size = static_cast<std::size_t>(got);
            if (!pass(fd, {buffer_.data(), size}) || size < buffer_.size()) return;
        }
    }

    /// False when nothing more is to be read from `fd` for now.
    bool pass(int fd, std::string_view bytes) {
        if (at(fd).is_client) {
            if (at(fd).peer < 0 && !pair(fd)) return false;
            if (bytes.ends_with("Connection: close\r\n\r\n")) at(fd).closes = true;
        }
        const int to = at(fd).peer;
        if (to < 0) {
            end(fd);  // a server that speaks unasked
            return false;
        }
        const ssize_t sent = send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN) {
            end(to);
            return false;
        }
        const std::size_t taken = sent < 0 ? 0 : static_cast<std::size_t>(sent);
        if (taken < bytes.size()) at(to).stuck = std::make_unique<std::string>(bytes.substr(taken));
        if (at(to).closes) close_after(to, bytes);
        return at(fd).peer >= 0;
    }

    /// Counts down a closing client's answer; its server goes back to the pool at the end.
    void close_after(int client, std::string_view bytes) {
        side& it = at(client);
        if (it.to_go == 0) {
            const std::size_t body = bytes.find("\r\n\r\n") + 4;
            const std::size_t at_length = bytes.find("Content-Length: ");
            if (body < 4 || at_length == bytes.npos) return end(client);
            std::from_chars(&bytes[at_length + 16], bytes.data() + bytes.size(), it.to_go);
            it.to_go += body;
        }
        it.to_go -= std::min(it.to_go, bytes.size());
        if (it.to_go == 0 && !it.stuck) end(client);
    }

    /// Only on the loopback may a connect be taken as done at once.
    bool pair(int client) {
        int server = -1;
        if (!pool_.empty()) {
            server = pool_.back();
            pool_.pop_back();
        } else {
            server = connect_to(server_);
            if (server < 0) {
                end(client);
                return false;
            }
            watch(epoll_, server, static_cast<std::uint64_t>(server));
        }
        at(server) = {.peer = client};
        at(client).peer = server;
        return true;
    }

    void flush(int fd) {
        if (!at(fd).stuck) return;
        std::string& left = *at(fd).stuck;
        const ssize_t sent = send(fd, left.data(), left.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN) return end(fd);
        left.erase(0, sent < 0 ? 0 : static_cast<std::size_t>(sent));
        if (!left.empty()) return;

        at(fd).stuck.reset();
        const int peer = at(fd).peer;
        if (at(fd).closes && at(fd).to_go == 0) return end(fd);
        if (peer >= 0 && std::exchange(at(peer).readable, false)) carry(peer);
    }

    /// A client that leaves gives its server back; a server that leaves takes its client along.
    void end(int fd) {
        const side gone = std::exchange(at(fd), side{});
        close(fd);
        if (gone.peer < 0) {
            std::erase(pool_, gone.is_client ? -1 : fd);
            return;
        }
        at(gone.peer).peer = -1;
        if (gone.is_client)
            pool_.push_back(gone.peer);
        else
            end(gone.peer);
    }

    const int epoll_ = checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    const int listener_;
    const std::uint16_t server_;
    std::vector<side> sides_;  // by descriptor
    std::vector<int> pool_;    // idle server connections, the last used first
    std::vector<char> buffer_ = std::vector<char>(256 << 10);
};

}  // namespace
}  // namespace hawser::bench

int main(int count, char** words) {
    hawser::bench::options given(count, words);
    const auto port = static_cast<std::uint16_t>(given.number("port", 0));
    const auto server = static_cast<std::uint16_t>(given.number("server", 0));
    given.refuse_the_rest();

    hawser::bench::relay relay(port, server);
    std::printf("{\"port\": %u}\n", relay.port());
    std::fflush(stdout);
    relay.run();
}
