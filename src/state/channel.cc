// SPDX-License-Identifier: Apache-2.0
#include "state/channel.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/ensure.h"
#include "base/limits.h"
#include "io/passing.h"

namespace hawser::state {

namespace {

constexpr std::size_t head_size = 5;  // length of the text, word

bool is_known(std::uint8_t what) {
    return what >= std::to_underlying(word::hello) && what <= std::to_underlying(word::kept);
}

int milliseconds_until(steady_time end) {
    if (end == no_deadline) return -1;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    return int(std::clamp<std::int64_t>(left.count(), 0, 60'000));
}

}  // namespace

result<std::pair<channel, channel>> channel::make() {
    std::array<int, 2> ends;
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return std::unexpected(system_error(errno, "socketpair"));
    return std::pair(channel(io::descriptor(ends[0])), channel(io::descriptor(ends[1])));
}

void channel::interrupt() noexcept { ::shutdown(socket_.number(), SHUT_RDWR); }

result<> channel::wait(short events, steady_time end) const {
    for (;;) {
        pollfd asked{.fd = socket_.number(), .events = events, .revents = 0};
        const int ready = ::poll(&asked, 1, milliseconds_until(end));
        if (ready > 0) return {};
        if (ready < 0 && errno != EINTR) return std::unexpected(system_error(errno, "poll"));
        if (std::chrono::steady_clock::now() >= end)
            return fail(errc::timed_out, "the other process does not answer in time");
    }
}

result<> channel::send(word what, std::span<const std::uint8_t> text, steady_time end,
                       std::span<const int> descriptors) {
    ensure(text.size() <= limits::state_block_max, "what is sent is cut into messages");
    bytes whole;
    writer to(whole);
    to.number(static_cast<std::uint32_t>(text.size()));
    to.number(std::to_underlying(what));
    to.raw(text);
    std::string_view left(reinterpret_cast<const char*>(whole.data()), whole.size());
    while (!left.empty()) {
        if (auto ready = wait(POLLOUT, end); !ready) return ready;
        const auto sent = io::send_with(socket_.number(), left, descriptors);
        if (!sent && sent.error().code == errc::unavailable) continue;
        if (!sent) return std::unexpected(sent.error());
        left.remove_prefix(*sent);
        descriptors = {};
    }
    return {};
}

result<> channel::fill(std::span<std::uint8_t> into, std::vector<io::descriptor>& passed,
                       steady_time end) {
    while (!into.empty()) {
        if (auto ready = wait(POLLIN, end); !ready) return ready;
        const auto got = io::receive_with(socket_.number(), into, passed);
        if (!got && got.error().code == errc::unavailable) continue;
        if (!got) return std::unexpected(got.error());
        if (*got == 0) return fail(errc::end_of_stream, "the other process has ended");
        into = into.subspan(*got);
    }
    return {};
}

result<message> channel::receive(steady_time end) {
    message made;
    std::array<std::uint8_t, head_size> head;
    if (auto filled = fill(head, made.descriptors, end); !filled)
        return std::unexpected(std::move(filled.error()));
    const auto size = big_endian<std::uint32_t>(std::span(head).first<4>());
    if (size > limits::state_block_max || !is_known(head.back()))
        return fail(errc::malformed, "the other process says what is not understood");
    made.what = word{head.back()};
    made.text.resize(size);
    if (auto filled = fill(made.text, made.descriptors, end); !filled)
        return std::unexpected(std::move(filled.error()));
    return made;
}

result<message> channel::expect(word wanted, steady_time end) {
    auto told = receive(end);
    if (!told || told->what == wanted) return told;
    if (told->what == word::failed)
        return fail(errc::invalid, std::string(told->text.begin(), told->text.end()));
    return fail(errc::malformed, "the other process says something at the wrong time");
}

}  // namespace hawser::state
