// SPDX-License-Identifier: Apache-2.0

// The load on a store of sessions: one thread, `--users` connections, `--requests` in all, each
// connection with `--pipeline` of them under way.
//   --protocol resp | memcached
//   --ask get | set    of a session of `--keys` by chance
//   --ask fill         each of `--keys` once, in order
//   --data random      `--bytes` that cannot be compressed, each time others (default)
//   --data express     JSON as express-session writes it, of 250 to 1,800 bytes
// What is answered is checked by its form, and counted. The result is one line of JSON.

#include <array>
#include <cstddef>
#include <random>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "options.h"
#include "sockets.h"

namespace hawser::bench {
namespace {

constexpr std::size_t block = std::size_t{1} << 20;  // of random bytes that values are cut from
constexpr unsigned lifetime = 1800;

struct plan {
    std::uint16_t port;
    bool speaks_memcached, gets, fills, is_express;
    std::size_t users, pipeline, requests, keys, bytes;
};

/// Counts answers in what comes in, whatever the pieces.
class answers {
  public:
    struct sums {
        std::size_t answered = 0, found = 0, bytes = 0, wrong = 0;
    };

    void take(std::string_view came, sums& into) {
        while (!came.empty()) {
            if (skipped_ > 0) {
                const std::size_t here = std::min(skipped_, came.size());
                skipped_ -= here;
                came.remove_prefix(here);
                continue;
            }
            const std::size_t end = came.find('\n');
            line_.append(came.substr(0, end));
            if (end == std::string_view::npos) return;
            came.remove_prefix(end + 1);
            read_line(into);
            line_.clear();
        }
    }

  private:
    void read_line(sums& into) {
        const std::string_view line = line_;
        if (line.starts_with("+OK") || line.starts_with("STORED") || line.starts_with("END") ||
            line.starts_with("$-1")) {
            ++into.answered;
        } else if (line.starts_with('$')) {
            found(std::strtoul(line_.c_str() + 1, nullptr, 10), into);
            ++into.answered;
        } else if (line.starts_with("VALUE ")) {
            found(std::strtoul(line_.c_str() + line_.rfind(' '), nullptr, 10), into);
        } else {
            if (into.wrong++ == 0) std::fprintf(stderr, "an answer: %s\n", line_.c_str());
            ++into.answered;
        }
    }

    void found(std::size_t size, sums& into) {
        ++into.found;
        into.bytes += size;
        skipped_ = size + 2;
    }

    std::string line_;
    std::size_t skipped_ = 0;
};

struct user {
    int fd = -1;
    std::size_t awaited = 0;
    std::string unsent;
    answers reply;
};

class load {
  public:
    explicit load(const plan& given) : plan_(given), users_(given.users), noise_(block, '\0') {
        for (auto& each : noise_) each = static_cast<char>(chance_());
    }

    int run() {
        for (std::size_t id = 0; id < users_.size(); ++id) {
            users_[id].fd = checked(connect_to(plan_.port), "connect");
            watch(epoll_, users_[id].fd, id);
        }
        while (sums_.answered < plan_.requests && sums_.wrong < 100) turn();
        fmt::print(
            "{{\"requests\": {}, \"found\": {}, \"bytes\": {}, \"stored\": {}, "
            "\"errors\": {}}}\n",
            sums_.answered, sums_.found, sums_.bytes, stored_, sums_.wrong);
        return sums_.wrong == 0 ? 0 : 1;
    }

  private:
    void turn() {
        const int count =
            epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()), 10'000);
        if (count == 0) {
            errno = ETIMEDOUT;
            give_up("waiting for answers");
        }
        for (int i = 0; i < count; ++i) {
            const auto& event = events_[static_cast<std::size_t>(i)];
            user& one = users_[event.data.u64];
            if (event.events & (EPOLLHUP | EPOLLERR)) give_up("a connection");
            if (event.events & EPOLLIN) read(one);
            if (one.awaited == 0) ask(one);
            if (!one.unsent.empty()) send(one);
        }
    }

    void read(user& one) {
        for (;;) {
            const ssize_t got = recv(one.fd, buffer_.data(), buffer_.size(), 0);
            if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
            if (got <= 0) give_up("a connection");
            const std::size_t before = sums_.answered;
            one.reply.take({buffer_.data(), static_cast<std::size_t>(got)}, sums_);
            one.awaited -= sums_.answered - before;
            if (static_cast<std::size_t>(got) < buffer_.size()) return;
        }
    }

    void ask(user& one) {
        for (; one.awaited < plan_.pipeline && asked_ < plan_.requests; ++one.awaited, ++asked_)
            add_request(one.unsent);
    }

    void send(user& one) {
        const ssize_t sent = ::send(one.fd, one.unsent.data(), one.unsent.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != ENOTCONN) give_up("send");
        if (sent > 0) one.unsent.erase(0, static_cast<std::size_t>(sent));
    }

    void add_request(std::string& into) {
        const std::size_t number = plan_.fills ? asked_ : chance_() % plan_.keys;
        const std::string key = fmt::format("sess:{:012}", number);
        auto out = std::back_inserter(into);
        if (plan_.gets) {
            if (plan_.speaks_memcached)
                fmt::format_to(out, "get {}\r\n", key);
            else
                fmt::format_to(out, "*2\r\n$3\r\nGET\r\n${}\r\n{}\r\n", key.size(), key);
            return;
        }
        const std::string_view data = make_data(number);
        stored_ += data.size();
        if (plan_.speaks_memcached)
            fmt::format_to(out, "set {} 0 {} {}\r\n", key, lifetime, data.size());
        else
            fmt::format_to(out, "*4\r\n$5\r\nSETEX\r\n${}\r\n{}\r\n$4\r\n{}\r\n${}\r\n", key.size(),
                           key, lifetime, data.size());
        into.append(data).append("\r\n");
    }

    std::string_view make_data(std::size_t number) {
        if (!plan_.is_express)
            return std::string_view(noise_).substr(chance_() % (block - plan_.bytes), plan_.bytes);
        session_ = fmt::format(
            R"({{"cookie":{{"originalMaxAge":1800000,"expires":"2027-01-01T00:00:00.{:03}Z",)"
            R"("httpOnly":true,"path":"/"}},"passport":{{"user":"{:08x}-{:04x}-4000-8000-{:012x}"}},)"
            R"("csrfSecret":"{:016x}","flash":{{}},"cart":{{"items":[)",
            chance_() % 1000, chance_() & 0xffffffff, chance_() & 0xffff, number, chance_());
        const std::size_t items = 1 + chance_() % 16;
        for (std::size_t i = 0; i < items; ++i)
            fmt::format_to(std::back_inserter(session_),
                           R"({}{{"sku":"{:08x}","title":"Article {}, blue, large","quantity":{},)"
                           R"("price":{}.{:02}}})",
                           i == 0 ? "" : ",", chance_() & 0xffffffff, chance_() % 5000,
                           1 + chance_() % 3, chance_() % 200, chance_() % 100);
        session_ += "]}}";
        return session_;
    }

    const plan plan_;
    const int epoll_ = checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    std::mt19937_64 chance_{std::random_device()()};
    std::vector<user> users_;
    std::string noise_;
    std::string session_;
    answers::sums sums_;
    std::size_t asked_ = 0, stored_ = 0;
    std::array<epoll_event, 256> events_;
    std::vector<char> buffer_ = std::vector<char>(256 << 10);
};

}  // namespace
}  // namespace hawser::bench

int main(int count, char** words) {
    hawser::bench::options given(count, words);
    const std::string ask = given.text("ask", "get");
    hawser::bench::plan plan{.port = static_cast<std::uint16_t>(given.count("port", 6379)),
                             .speaks_memcached = given.text("protocol", "resp") == "memcached",
                             .gets = ask == "get",
                             .fills = ask == "fill",
                             .is_express = given.text("data", "random") == "express",
                             .users = given.count("users", 50),
                             .pipeline = given.count("pipeline", 1),
                             .requests = given.count("requests", 100'000),
                             .keys = given.count("keys", 100'000),
                             .bytes = given.count("bytes", 1024)};
    given.refuse_the_rest();
    if (plan.fills) plan.requests = plan.keys;
    return hawser::bench::load(plan).run();
}
