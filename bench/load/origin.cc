// SPDX-License-Identifier: Apache-2.0

// The server behind the proxies: answers GET /N with N bytes, as fast as one thread can. Several
// ports are several servers (--listeners); the first byte of a body names the one that answered.
// The ports are printed as JSON. A target that ends in "?close" is answered and closed.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <charconv>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "options.h"
#include "sockets.h"

namespace hawser::bench {
namespace {

constexpr std::size_t body_max = 64 << 20;
constexpr std::uint64_t listener_mark = std::uint64_t{1} << 32;

struct connection {
    char server = 'a';
    bool closing = false;
    std::string head = {};       ///< an incomplete head; empty nearly always
    std::string_view left = {};  ///< of the answer, what the client has not taken yet
};

class origin {
  public:
    explicit origin(unsigned listeners) {
        for (unsigned i = 0; i < listeners; ++i) {
            listeners_.push_back(listen_on(0));
            watch(epoll_, listeners_.back(), listener_mark | i);
        }
    }

    std::vector<unsigned> ports() const {
        std::vector<unsigned> found;
        found.reserve(listeners_.size());
        for (const int fd : listeners_) found.push_back(port_of(fd));
        return found;
    }

    [[noreturn]] void run() {
        std::array<epoll_event, 256> events;
        for (;;) {
            const int count = epoll_wait(epoll_, events.data(), events.size(), -1);
            for (int i = 0; i < count; ++i) {
                const auto& event = events[static_cast<std::size_t>(i)];
                if (event.data.u64 & listener_mark)
                    accept_all(static_cast<unsigned>(event.data.u64 & 0xffff));
                else
                    serve(static_cast<int>(event.data.u64));
            }
        }
    }

  private:
    void accept_all(unsigned listener) {
        for (;;) {
            const int fd = accept4(listeners_[listener], nullptr, nullptr, SOCK_NONBLOCK);
            if (fd < 0) return;
            const auto slot = static_cast<std::size_t>(fd);
            if (slot >= connections_.size()) connections_.resize(slot + 1);
            connections_[slot] = {.server = static_cast<char>('a' + listener)};
            watch(epoll_, fd, static_cast<std::uint64_t>(fd));
        }
    }

    /// A short read has emptied the socket: the next edge tells of more.
    void serve(int fd) {
        connection& peer = connections_[static_cast<std::size_t>(fd)];
        if (!send_left(fd, peer) || !answer_all(fd, peer, peer.head)) return;
        for (;;) {
            const ssize_t got = recv(fd, buffer_.data(), buffer_.size(), 0);
            if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
            if (got <= 0) {
                close(fd);
                return;
            }
            std::string_view bytes(buffer_.data(), static_cast<std::size_t>(got));
            if (!peer.head.empty()) bytes = peer.head.append(bytes);
            if (!answer_all(fd, peer, bytes)) return;
            if (static_cast<std::size_t>(got) < buffer_.size()) return;
        }
    }

    /// Answers each complete request in turn and keeps the rest. False: the connection is closing.
    bool answer_all(int fd, connection& peer, std::string_view bytes) {
        for (;;) {
            const std::size_t end = bytes.find("\r\n\r\n");
            if (end == bytes.npos || !peer.left.empty()) break;
            const std::string_view line = bytes.substr(0, bytes.find('\r'));
            peer.left = answer_to(peer, line.substr(std::min(line.size(), line.find('/') + 1)));
            bytes.remove_prefix(end + 4);
            if (!send_left(fd, peer) && peer.closing) return false;
        }
        if (!bytes.empty() || !peer.head.empty()) peer.head = std::string(bytes);
        return true;
    }

    /// True when nothing is left to send. Closes after an answer that says so.
    bool send_left(int fd, connection& peer) {
        while (!peer.left.empty()) {
            const ssize_t sent = send(fd, peer.left.data(), peer.left.size(), MSG_NOSIGNAL);
            if (sent < 0) return false;
            peer.left.remove_prefix(static_cast<std::size_t>(sent));
        }
        if (peer.closing) close(fd);
        return !peer.closing;
    }

    std::string_view answer_to(connection& peer, std::string_view target) {
        std::size_t size = 0;
        const auto digits = std::from_chars(target.data(), target.data() + target.size(), size);
        const std::string_view rest(
            digits.ptr, static_cast<std::size_t>(target.data() + target.size() - digits.ptr));
        peer.closing = rest.starts_with("?close");
        std::string& kept = answers_[{std::min(size, body_max), peer.server, peer.closing}];
        if (kept.empty()) kept = make_answer(std::min(size, body_max), peer.server, peer.closing);
        return kept;
    }

    static std::string make_answer(std::size_t size, char server, bool closing) {
        std::string answer = fmt::format(
            "HTTP/1.1 200 OK\r\nServer: origin\r\nDate: Mon, 02 Mar 2026 10:00:00 GMT\r\n"
            "Content-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n"
            "Cache-Control: no-cache\r\nX-Frame-Options: SAMEORIGIN\r\n{}\r\n",
            size, closing ? "Connection: close\r\n" : "");
        return answer.append(size, server);
    }

    using answer_key = std::tuple<std::size_t, char, bool>;

    const int epoll_ = checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    std::vector<int> listeners_;
    std::deque<connection> connections_;  // by descriptor
    std::map<answer_key, std::string> answers_;
    std::vector<char> buffer_ = std::vector<char>(64 << 10);
};

}  // namespace
}  // namespace hawser::bench

int main(int count, char** words) {
    hawser::bench::options given(count, words);
    const auto listeners = static_cast<unsigned>(given.number("listeners", 4));
    given.refuse_the_rest();

    hawser::bench::origin origin(listeners);
    fmt::print("{{\"ports\": {}}}\n", origin.ports());
    std::fflush(stdout);
    origin.run();
}
