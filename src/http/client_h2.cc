// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>
#include <utility>

#include "async/loop.h"
#include "base/ensure.h"
#include "base/limits.h"
#include "http/client.h"
#include "http/client_text.h"
#include "http/h2/body.h"
#include "http/h2/session.h"

namespace hawser::http {

namespace {

/// One request over an HTTP/2 connection that carries no other.
class single_exchange {
  public:
    single_exchange(io::stream& server, client_request what, std::string_view scheme)
        : server_(server),
          what_(std::move(what)),
          session_(h2::session::role::client,
                   {.bytes = limits::response_head_max, .fields = limits::response_fields_max}),
          stream_(session_.open(head_text_of(what_), scheme, what_.body.empty())),
          room_(limits::h2_written_max, '\0') {
        if (what_.body.empty()) return;
        const std::size_t taken = session_.send(stream_, what_.body);
        ensure(taken == what_.body.size(), "a request of ours is short");
        session_.finish(stream_, {});
    }

    task<result<client_answer>> run() {
        for (;;) {
            auto sent = co_await write();
            if (!sent) co_return std::unexpected(std::move(sent.error()));
            auto is_whole = take();
            if (!is_whole) co_return std::unexpected(std::move(is_whole.error()));
            if (*is_whole) break;
            auto lent = co_await server_.read();
            if (!lent) co_return std::unexpected(std::move(lent.error()));
            session_.feed(*lent, loop::current().now().steady);
        }
        session_.release(stream_);
        session_.end(h2::error_code::no_error, "");
        (void)co_await write();  // a farewell that nobody has to hear
        if (told_.body.size() > what_.answer_max) told_.body.resize(what_.answer_max);
        co_return std::move(told_);
    }

  private:
    task<result<>> write() {
        for (;;) {
            const std::size_t size = session_.produce(room_);
            if (size == 0) co_return result<>();
            auto sent = co_await server_.write(io::pieces(std::string_view(room_.data(), size)));
            if (!sent) co_return sent;
        }
    }

    /// What has come; true once that is all.
    result<bool> take() {
        while (session_.next_stirred() != nullptr) {
        }
        while (stream_.has_head() && !body_)
            if (auto taken = take_head(); !taken) return std::unexpected(taken.error());
        if (body_) {
            const auto step = body_->take(stream_);
            if (step.why)
                return fail(errc::malformed, "the answer's body: " + std::string(step.why->cause));
            told_.body.append(step.payload.data(), step.payload.size());
            session_.consume(stream_, step.payload.size());
            if (!what_.takes_begin && told_.body.size() > what_.answer_max)
                return fail(errc::malformed, "the answer's body: body-limit");
            if (step.done) told_.trailers = stream_.trailers();
            if (step.done) return true;
            if (what_.takes_begin && told_.body.size() >= what_.answer_max) return true;
        }
        if (session_.fault()) return fail(errc::malformed, std::string(session_.fault()->cause));
        if (stream_.is_closed())
            return fail(errc::reset, std::string(h2::name_of(stream_.closed_with())));
        return false;
    }

    result<> take_head() {
        auto came = stream_.take_head();
        const auto head = std::make_unique<response_head>();
        if (auto why = h2::read_response_head(came, {.head = what_.method == "HEAD"}, *head, {}))
            return fail(errc::malformed,
                        "the answer is no HTTP that is understood: " + std::string(why->cause));
        if (head->is_interim()) return {};
        told_ = answer_of(*head);
        body_.emplace(*head);
        return {};
    }

    io::stream& server_;
    client_request what_;
    h2::session session_;
    h2::stream& stream_;
    std::string room_;
    client_answer told_;
    std::optional<h2::body_reader> body_;
};

}  // namespace

task<result<client_answer>> ask_over_h2(io::stream& server, client_request what,
                                        std::string_view scheme) {
    single_exchange exchange(server, std::move(what), scheme);
    co_return co_await exchange.run();
}

}  // namespace hawser::http
