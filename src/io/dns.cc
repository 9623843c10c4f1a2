// SPDX-License-Identifier: Apache-2.0
#include "io/dns.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <sys/time.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "async/event.h"
#include "async/loop.h"
#include "async/with.h"

namespace hawser::io {

namespace {

/// What arrives unfragmented nearly everywhere.
constexpr int udp_answer_max = 1232;

int number_of(dns_type what) {
    switch (what) {
        case dns_type::a: return ns_t_a;
        case dns_type::aaaa: return ns_t_aaaa;
        case dns_type::srv: return ns_t_srv;
    }
    std::unreachable();
}

error error_of(int status) {
    switch (status) {
        case ARES_ETIMEOUT: return {errc::timed_out, "no name server answered in time"};
        case ARES_EDESTRUCTION: return {errc::cancelled, "the look-up was given up"};
        case ARES_EBADRESP: return {errc::malformed, ares_strerror(status)};
        default: return {errc::unavailable, ares_strerror(status)};
    }
}

/// The library's channel and what it waits for. One round of questions long, so that a changed
/// resolv.conf is heeded, and no socket stays open that an answer could be forged to.
class channel final : public descriptor_user {
  public:
    channel(engine& on, std::vector<result<dns_answer>>& answers) : on_(on), answers_(answers) {}
    channel(const channel&) = delete;
    channel& operator=(const channel&) = delete;
    ~channel() {
        if (library_ != nullptr) ares_destroy(library_);
    }

    result<> open(const dns_terms& terms);
    void ask(const dns_question& asked);
    [[nodiscard]] bool has_all() const noexcept { return left_ == 0; }
    /// Waits until there is something to do and does it; false when it is to be given up.
    task<bool> go_on();

  private:
    /// Which answer is whose.
    struct pending {
        channel& of;
        std::size_t place;
        dns_type what;
    };

    static void answered(void* given, int status, int, unsigned char* bytes, int size);
    static void socket_changed(void* given, ares_socket_t socket, int readable, int writable);
    void became_ready(int descriptor, readiness what) noexcept override;
    [[nodiscard]] steady_time next_timeout() const;
    void process();

    engine& on_;
    std::vector<result<dns_answer>>& answers_;
    ares_channel library_ = nullptr;
    std::map<int, std::unique_ptr<descriptor_watch>> watches_;
    std::vector<std::pair<int, readiness>> ready_;
    event stirred_;
    std::vector<std::unique_ptr<pending>> pending_;
    std::size_t left_ = 0;
};

result<> channel::open(const dns_terms& terms) {
    ares_options options{};
    options.flags = ARES_FLAG_EDNS;
    options.ednspsz = udp_answer_max;
    options.timeout = int(terms.timeout.count());
    options.tries = int(terms.tries);
    options.sock_state_cb = &channel::socket_changed;
    options.sock_state_cb_data = this;
    const int wanted = ARES_OPT_FLAGS | ARES_OPT_EDNSPSZ | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
                       ARES_OPT_SOCK_STATE_CB;
    if (const int status = ares_init_options(&library_, &options, wanted); status != ARES_SUCCESS)
        return std::unexpected(error_of(status));

    std::string servers;
    for (const auto& each : terms.servers) servers += (servers.empty() ? "" : ",") + each.text();
    if (servers.empty()) return {};
    if (const int status = ares_set_servers_ports_csv(library_, servers.c_str());
        status != ARES_SUCCESS)
        return std::unexpected(error_of(status));
    return {};
}

void channel::ask(const dns_question& asked) {
    auto& one =
        *pending_.emplace_back(std::make_unique<pending>(*this, pending_.size(), asked.what));
    ++left_;
    ares_search(library_, asked.name.c_str(), ns_c_in, number_of(asked.what), &channel::answered,
                &one);
}

void channel::answered(void* given, int status, int, unsigned char* bytes, int size) {
    auto& asked = *static_cast<pending*>(given);
    auto& into = asked.of.answers_[asked.place];
    const std::span message(bytes, bytes != nullptr ? std::size_t(size) : 0);
    if (status == ARES_SUCCESS)
        into = read_dns_answer(message, asked.what);
    else if (status == ARES_ENODATA || status == ARES_ENOTFOUND)
        into = read_dns_denial(message);
    else
        into = std::unexpected(error_of(status));
    --asked.of.left_;
}

void channel::socket_changed(void* given, ares_socket_t socket, int readable, int writable) {
    auto& self = *static_cast<channel*>(given);
    self.watches_.erase(socket);
    if (readable == 0 && writable == 0) return;
    // One that cannot be watched is heard of by the library's timeouts only.
    auto watch = self.on_.watch(socket, {readable != 0, writable != 0}, self);
    if (watch) self.watches_.emplace(socket, std::move(*watch));
}

void channel::became_ready(int descriptor, readiness what) noexcept {
    ready_.emplace_back(descriptor, what);
    stirred_.set();
}

steady_time channel::next_timeout() const {
    timeval left{};
    if (ares_timeout(library_, nullptr, &left) == nullptr) return no_deadline;
    return loop::current().now().steady + std::chrono::seconds(left.tv_sec) +
           std::chrono::microseconds(left.tv_usec);
}

void channel::process() {
    for (const auto& [descriptor, what] : std::exchange(ready_, {})) {
        if (!watches_.contains(descriptor)) continue;  // closed for what another one brought
        ares_process_fd(library_, what.readable ? descriptor : ARES_SOCKET_BAD,
                        what.writable ? descriptor : ARES_SOCKET_BAD);
    }
    ares_process_fd(library_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

task<bool> channel::go_on() {
    const steady_time end = next_timeout();
    const auto waited = co_await with_deadline_at(end, stirred_.wait());
    const bool is_due = loop::current().now().steady >= end;
    if (!waited && !is_due) co_return false;
    process();
    co_return true;
}

}  // namespace

task<std::vector<result<dns_answer>>> ask_dns(engine& on, dns_terms terms,
                                              std::vector<dns_question> questions) {
    std::vector<result<dns_answer>> answers(questions.size());
    {
        channel library(on, answers);
        if (auto opened = library.open(terms); !opened) {
            answers.assign(questions.size(), std::unexpected(opened.error()));
            co_return answers;
        }
        for (const auto& each : questions) library.ask(each);
        bool goes_on = true;
        while (goes_on && !library.has_all()) goes_on = co_await library.go_on();
    }
    co_return answers;
}

}  // namespace hawser::io
