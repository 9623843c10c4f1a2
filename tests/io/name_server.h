// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/ensure.h"
#include "io/endpoint.h"

namespace hawser::io {

/// DNS messages as a server writes them, with the question still to be put in.
struct dns_reply {
    enum class code : std::uint8_t { fine = 0, failed = 2, no_such_name = 3 };
    struct record {
        std::uint16_t type = 0;
        std::uint32_t ttl = 0;
        std::string data;
    };

    code outcome = code::fine;
    std::vector<record> answers = {};
    std::vector<record> authorities = {};

    static std::string number(std::uint32_t value, unsigned bytes) {
        std::string text;
        while (bytes-- > 0) text += char(value >> (8 * bytes));
        return text;
    }
    static std::string name(std::string_view dotted) {
        std::string text;
        while (!dotted.empty()) {
            const auto label = dotted.substr(0, dotted.find('.'));
            text += char(label.size()) + std::string(label);
            dotted.remove_prefix(std::min(dotted.size(), label.size() + 1));
        }
        return text + '\0';
    }
    dns_reply& address(std::string_view text, std::uint32_t ttl = 60) {
        const auto ip = ip_address::parse(text).value();
        const std::string bytes(ip.bytes().begin(), ip.bytes().end());
        if (ip.is_v4())
            answers.push_back({1, ttl, bytes.substr(12)});
        else
            answers.push_back({28, ttl, bytes});
        return *this;
    }
    dns_reply& service(std::string_view host, std::uint16_t port, std::uint16_t priority = 0,
                       std::uint16_t weight = 0, std::uint32_t ttl = 60) {
        answers.push_back(
            {33, ttl, number(priority, 2) + number(weight, 2) + number(port, 2) + name(host)});
        return *this;
    }
    dns_reply& denial(std::uint32_t ttl, std::uint32_t minimum) {
        std::string data = name("ns.internal") + name("admin.internal");
        for (const std::uint32_t value : {1U, 2U, 3U, 4U, minimum}) data += number(value, 4);
        authorities.push_back({6, ttl, std::move(data)});
        return *this;
    }
    static dns_reply no_such() { return {.outcome = code::no_such_name}; }
    static dns_reply failure() { return {.outcome = code::failed}; }

    /// The message to a question, of its header and the question itself.
    [[nodiscard]] std::string message(std::string_view id, std::string_view question) const {
        std::string text = std::string(id) + '\x81' + char(0x80 | int(outcome)) + number(1, 2) +
                           number(std::uint32_t(answers.size()), 2) +
                           number(std::uint32_t(authorities.size()), 2) + number(0, 2);
        text += question;
        for (const auto* section : {&answers, &authorities})
            for (const auto& each : *section)
                text += "\xC0\x0C" + number(each.type, 2) + number(1, 2) + number(each.ttl, 4) +
                        number(std::uint32_t(each.data.size()), 2) + each.data;
        return text;
    }
};

/// A name server for tests, on a thread of its own, by UDP; it says what it was told to say.
class name_server {
  public:
    name_server() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        const endpoint any(ip_address::parse("127.0.0.1").value(), 0);
        ensure(::bind(socket_, any.address(), any.size()) == 0, "the loopback has a free port");
        sockaddr_in bound{};
        socklen_t size = sizeof bound;
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&bound), &size);
        address_ = endpoint::of(reinterpret_cast<sockaddr*>(&bound), size);
        thread_ = std::thread([this] { serve(); });
    }
    ~name_server() {
        ends_ = true;
        thread_.join();
        ::close(socket_);
    }
    name_server(const name_server&) = delete;
    name_server& operator=(const name_server&) = delete;

    [[nodiscard]] const endpoint& address() const { return address_; }

    /// What it says of a name and type (1 A, 28 AAAA, 33 SRV); nothing: no answer at all. A name
    /// of which it was told nothing does not exist.
    void say(const std::string& name, int type, std::optional<dns_reply> what) {
        const std::scoped_lock held(lock_);
        said_.insert_or_assign(std::pair(name, type), std::move(what));
    }
    [[nodiscard]] unsigned asked(const std::string& name, int type) {
        const std::scoped_lock held(lock_);
        return asked_[std::pair(name, type)];
    }

  private:
    void serve() {
        while (!ends_) {
            pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
            if (::poll(&waiting, 1, 10) <= 0) continue;
            std::array<char, 2048> bytes{};
            sockaddr_in from{};
            socklen_t size = sizeof from;
            const ssize_t got = ::recvfrom(socket_, bytes.data(), bytes.size(), 0,
                                           reinterpret_cast<sockaddr*>(&from), &size);
            if (got < 17) continue;
            const auto answer = answer_to(std::string_view(bytes.data(), std::size_t(got)));
            if (answer)
                ::sendto(socket_, answer->data(), answer->size(), 0,
                         reinterpret_cast<sockaddr*>(&from), size);
        }
    }

    std::optional<std::string> answer_to(std::string_view asked) {
        std::string name;
        std::size_t at = 12;
        while (asked[at] != 0) {
            const auto length = std::size_t(static_cast<unsigned char>(asked[at]));
            name += (name.empty() ? "" : ".") + std::string(asked.substr(at + 1, length));
            at += 1 + length;
        }
        const int type = static_cast<unsigned char>(asked[at + 2]);
        const auto question = asked.substr(12, at + 5 - 12);
        const std::scoped_lock held(lock_);
        const std::pair key(name, type);
        ++asked_[key];
        const auto found = said_.find(key);
        if (found == said_.end()) return dns_reply::no_such().message(asked.substr(0, 2), question);
        if (!found->second) return std::nullopt;
        return found->second->message(asked.substr(0, 2), question);
    }

    int socket_;
    endpoint address_;
    std::atomic<bool> ends_{false};
    std::mutex lock_;
    std::map<std::pair<std::string, int>, std::optional<dns_reply>> said_;
    std::map<std::pair<std::string, int>, unsigned> asked_;
    std::thread thread_;
};

}  // namespace hawser::io
