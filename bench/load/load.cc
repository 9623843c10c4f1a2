// SPDX-License-Identifier: Apache-2.0

// The load: one thread, `--users` connections to one port, for `--seconds`.
//   --mode keep    each user keeps its connection (default)
//   --mode close   each request has a connection of its own
//   --mode idle    each user asks once; "held" is printed, and all stay open until stdin ends
//   --rate N       N requests a second on a schedule, whatever the answers do (open loop); latency
//                  counts from the scheduled moment. Without it every user asks as soon as it was
//                  answered (closed loop).
//   --cookie learn users send the cookies that their first answer set; `none`: never
// Each answer's status and length are checked; users that know their cookie must stay with the
// server that answered them first, or count as strays. The result is one line of JSON.

#include <sys/prctl.h>

#include <array>
#include <ctime>
#include <deque>
#include <vector>

#include "histogram.h"
#include "options.h"
#include "sockets.h"
#include "user.h"

namespace hawser::bench {
namespace {

constexpr std::uint64_t second = 1'000'000'000;
constexpr unsigned errors_max = 1000;  ///< then something is broken, not slow
constexpr unsigned idle_openers = 32;  ///< users of the idle mode that open at a time

std::uint64_t now() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * second +
           static_cast<std::uint64_t>(time.tv_nsec);
}

struct plan {
    std::uint16_t port;
    std::string path;
    std::size_t body;
    std::size_t users;
    double seconds;
    double rate;
    bool closing, idle, learns, browser;
};

class load {
  public:
    explicit load(plan given) : plan_(std::move(given)), users_(plan_.users) {
        for (user& one : users_) one.request = request_with("");
    }

    int run() {
        begin_ = now();
        end_ = begin_ + static_cast<std::uint64_t>(plan_.seconds * static_cast<double>(second));
        if (plan_.idle)
            hold();
        else
            drive();
        report();
        return errors_ == 0 ? 0 : 1;
    }

  private:
    std::string request_with(std::string_view cookie) const {
        return make_request(plan_.path, cookie, plan_.browser, plan_.closing);
    }

    // ---- who asks when

    void drive() {
        for (std::size_t id = 0; id < users_.size(); ++id) free_.push_back(id);
        while (errors_ < errors_max) {
            const std::uint64_t time = now();
            // After the end, only answers that are due are awaited, for two seconds.
            if (time >= end_ && (waiting_ == 0 || time > end_ + 2 * second)) break;
            turn(ask_what_is_due(time));
        }
        for (const user& one : users_) unanswered_ += one.waiting;
        errors_ += unanswered_;
    }

    /// Sends what the schedule, or a free user, asks for; returns how long to wait for answers.
    std::uint64_t ask_what_is_due(std::uint64_t time) {
        if (plan_.rate == 0) {
            while (time < end_ && !free_.empty()) ask(next_free(), time);
            return second / 10;
        }
        for (;;) {
            const std::uint64_t due =
                begin_ + static_cast<std::uint64_t>(static_cast<double>(scheduled_) *
                                                    static_cast<double>(second) / plan_.rate);
            if (due >= end_) return second / 10;
            if (due > time) return due - time;
            if (free_.empty()) return second / 10;  // late: the next answer helps
            ++scheduled_;
            ask(next_free(), due);
        }
    }

    std::size_t next_free() {
        const std::size_t id = free_.front();
        free_.pop_front();
        return id;
    }

    void hold() {
        opening_ = std::min<std::size_t>(idle_openers, users_.size());
        for (std::size_t id = 0; id < opening_; ++id) ask(id, now());
        end_ = begin_ + 60 * second;
        while (answered_ < users_.size() && errors_ == 0 && now() < end_) turn(second / 10);
        std::printf("{\"held\": %zu}\n", answered_);
        std::fflush(stdout);
        // The orchestrator looks at the proxy's memory until it closes our input.
        while (getchar() != EOF) {
        }
        while (turn(0) > 0) {
        }
    }

    void ask(std::size_t id, std::uint64_t when) {
        user& one = users_[id];
        one.asked = when;
        one.waiting = true;
        ++waiting_;
        one.reply.begin();
        if (one.fd < 0) {
            one.fd = connect_to(plan_.port);
            if (one.fd < 0) return fail(id);
            watch(epoll_, one.fd, id);
            ++connections_;
        }
        send_request(id);
    }

    /// A connection that is not there yet (EAGAIN) is written to by its first edge.
    void send_request(std::size_t id) {
        user& one = users_[id];
        const ssize_t sent = ::send(one.fd, one.request.data(), one.request.size(), MSG_NOSIGNAL);
        one.unsent = sent < 0 && (errno == EAGAIN || errno == ENOTCONN);
        if (sent < 0 && !one.unsent) fail(id);
    }

    // ---- what comes back

    int turn(std::uint64_t patience) {
        const timespec limit{.tv_sec = static_cast<time_t>(patience / second),
                             .tv_nsec = static_cast<long>(patience % second)};
        const int count =
            epoll_pwait2(epoll_, events_.data(), static_cast<int>(events_.size()), &limit, nullptr);
        for (int i = 0; i < count; ++i) {
            const auto& event = events_[static_cast<std::size_t>(i)];
            user& one = users_[event.data.u64];
            if (one.fd < 0) continue;
            if (one.unsent) send_request(event.data.u64);
            if (event.events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) read(event.data.u64);
        }
        return count;
    }

    void read(std::size_t id) {
        user& one = users_[id];
        for (;;) {
            const ssize_t got = recv(one.fd, buffer_.data(), buffer_.size(), 0);
            if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
            if (got <= 0) return lost(id);
            const auto size = static_cast<std::size_t>(got);
            if (!one.waiting || !one.reply.take({buffer_.data(), size})) return fail(id);
            if (one.reply.is_complete() && !plan_.closing) return finish(id);
            if (size < buffer_.size() && !plan_.closing) return;
        }
    }

    /// The other side closed: how an answer with "Connection: close" ends, and an error else,
    /// unless it closed an idle connection as any server may.
    void lost(std::size_t id) {
        user& one = users_[id];
        const bool answered = one.waiting && one.reply.is_complete();
        if (one.waiting && !answered) return fail(id);
        drop(one);
        if (answered)
            finish(id);
        else if (!plan_.closing)
            ++closed_on_us_;
    }

    void finish(std::size_t id) {
        user& one = users_[id];
        const std::uint64_t time = now();
        latency_.add(time - one.asked);
        bytes_ += one.reply.length();
        ++answered_;
        if (one.reply.status() != 200 || one.reply.length() != plan_.body) return fail(id);

        one.waiting = false;
        --waiting_;
        if (one.knows && one.has_cookie && one.reply.server() != one.home) ++strays_;
        if (!one.knows) learn(one);
        if (one.reply.server() >= 'a' && one.reply.server() <= 'z')
            ++servers_[static_cast<std::size_t>(one.reply.server() - 'a')];
        release(id);
    }

    void learn(user& one) {
        one.knows = true;
        one.home = one.reply.server();
        one.has_cookie = plan_.learns && !one.reply.cookies().empty();
        learned_ += one.has_cookie;
        if (one.has_cookie) one.request = request_with(one.reply.cookies());
    }

    void release(std::size_t id) {
        if (!plan_.idle) return free_.push_back(id);
        if (opening_ < users_.size()) ask(opening_++, now());
    }

    void fail(std::size_t id) {
        user& one = users_[id];
        if (errors_++ == 0)
            std::fprintf(stderr, "first error: user %zu, status %u, length %zu, %s\n", id,
                         one.reply.status(), one.reply.length(), std::strerror(errno));
        drop(one);
        if (!one.waiting) return;
        one.waiting = false;
        --waiting_;
        free_.push_back(id);
    }

    static void drop(user& one) {
        if (one.fd >= 0) close(one.fd);
        one.fd = -1;
    }

    void report() const {
        std::string servers;
        for (const auto count : servers_) {
            if (count)
                fmt::format_to(std::back_inserter(servers), "{}{}", servers.empty() ? "" : ", ",
                               count);
        }
        fmt::print(
            "{{\"requests\": {}, \"errors\": {}, \"unanswered\": {}, \"strays\": {}, "
            "\"cookies\": {}, \"connections\": {}, \"closed_on_us\": {}, \"seconds\": {:.4f}, "
            "\"bytes\": {}, \"p50_us\": {:.1f}, \"p99_us\": {:.1f}, \"max_us\": {:.1f}, "
            "\"servers\": [{}]}}\n",
            answered_, errors_, unanswered_, strays_, learned_, connections_, closed_on_us_,
            static_cast<double>(now() - begin_) / static_cast<double>(second), bytes_,
            microseconds(latency_.quantile(0.5)), microseconds(latency_.quantile(0.99)),
            microseconds(latency_.greatest()), servers);
    }

    static double microseconds(std::uint64_t value) { return static_cast<double>(value) / 1000; }

    const plan plan_;
    const int epoll_ = checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    std::vector<user> users_;
    std::deque<std::size_t> free_;  ///< users without a request, the longest idle first
    std::size_t waiting_ = 0, opening_ = 0;
    std::uint64_t begin_ = 0, end_ = 0, scheduled_ = 0;

    std::size_t answered_ = 0, learned_ = 0, connections_ = 0, closed_on_us_ = 0, bytes_ = 0;
    unsigned errors_ = 0, unanswered_ = 0, strays_ = 0;
    std::array<std::uint64_t, 26> servers_{};
    histogram latency_;

    std::array<epoll_event, 256> events_;
    std::vector<char> buffer_ = std::vector<char>(256 << 10);
};

}  // namespace
}  // namespace hawser::bench

int main(int count, char** words) {
    hawser::bench::options given(count, words);
    const std::string mode = given.text("mode", "keep");
    const auto body = given.count("body", 128);
    hawser::bench::plan plan{.port = static_cast<std::uint16_t>(given.count("port", 8080)),
                             .path = given.text("path", "/" + std::to_string(body)),
                             .body = body,
                             .users = given.count("users", 64),
                             .seconds = given.number("seconds", 1),
                             .rate = given.number("rate", 0),
                             .closing = mode == "close",
                             .idle = mode == "idle",
                             .learns = given.text("cookie", "learn") == "learn",
                             .browser = given.text("head", "browser") == "browser"};
    given.refuse_the_rest();
    // The schedule is finer than the kernel's usual slack of 50 us.
    prctl(PR_SET_TIMERSLACK, 1UL);
    return hawser::bench::load(std::move(plan)).run();
}
