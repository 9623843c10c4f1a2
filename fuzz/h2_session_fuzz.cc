// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "http/h2/body.h"
#include "http/h2/session.h"
#include "input.h"

namespace hawser::http::h2 {
namespace {

struct : stream_listener {
    void stirred() noexcept override {}
} nobody;

/// Nothing that was accepted breaks a line of what goes to an HTTP/1.1 server (E94).
void check_lines(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\n') ensure(i > 0 && text[i - 1] == '\r', "no bare LF");
        if (text[i] == '\r') ensure(i + 1 < text.size() && text[i + 1] == '\n', "no bare CR");
        ensure(text[i] != '\0', "no NUL");
    }
}

/// Serves whatever arrives: half of the streams at once, the others when the input is over.
class server {
  public:
    void look() {
        while (stream* const one = served_.next_stirred()) {
            if (one->listener() == nullptr) begin(*one);
            if (one->id() % 4 == 1) go_on(*one);
        }
        std::string out(20'000, '\0');
        while (served_.produce(out) != 0) {
        }
    }

    void feed(std::span<const char> bytes) {
        served_.feed(bytes, steady_time(std::chrono::hours(1)));
        look();
    }

    void end() {
        while (!open_.empty()) release(*open_.back());
        ensure(served_.open_streams() <= limits::h2_streams_max, "no more streams than allowed");
    }

  private:
    void begin(stream& one) {
        one.listen(&nobody);
        open_.push_back(&one);
        const received_head from = one.take_head();
        static request_head head;
        if (read_request_head(from, head, {})) {
            served_.send_head(one, "HTTP/1.1 400 Bad Request\r\n\r\n", true);
            return;
        }
        check_lines(from.text);
        served_.send_head(one, "HTTP/1.1 200 OK\r\nX: y\r\n\r\n", false);
        served_.send(one, "some bytes");
    }

    void go_on(stream& one) {
        check_lines(one.trailers());
        served_.consume(one, one.payload().size());
        if (one.is_closed()) return release(one);
        if (one.has_ended()) served_.finish(one, "Grpc-Status: 0\r\n");
    }

    void release(stream& one) {
        std::erase(open_, &one);
        served_.release(one);
    }

    session served_{session::role::server, {}};
    std::vector<stream*> open_;
};

void check(fuzz::input input) {
    const std::size_t piece = 1 + input.choose(255);
    server one;
    const std::string hello = std::string(preface) + std::string("\0\0\0\x04\0\0\0\0\0", 9);
    one.feed(hello);
    const fuzz::exact_copy bytes(input.text());
    for (std::size_t at = 0; at < bytes.view().size(); at += piece) {
        const fuzz::exact_copy part(bytes.view().substr(at, piece));
        one.feed({part.view().data(), part.view().size()});
    }
    one.end();
}

}  // namespace
}  // namespace hawser::http::h2

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    hawser::http::h2::check({data, size});
    return 0;
}
