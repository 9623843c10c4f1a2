// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "async/scope.h"
#include "async/with.h"
#include "health/check.h"
#include "http/h2/session.h"
#include "support/sim/sim_test.h"

namespace hawser::health {

/// A server in the simulated world that is checked once.
///
/// It reads until `until` is there, says `says`, and then keeps the connection open, or ends it.
class clinic {
  public:
    virtual ~clinic() = default;
    clinic(const clinic&) = delete;
    clinic& operator=(const clinic&) = delete;

    static constexpr std::string_view place = "10.0.0.1:80";

    explicit clinic(sim::world& in) : world_(in), door_(in.listen(place)) {
        way.address = io::endpoint::parse(place).value();
        way.pool = "shop";
        way.server = "a";
        way.host = place;
    }

    /// What `asked` finds within two seconds.
    task<outcome> find(const check& asked) {
        stop_source over;
        const context conditions{.stop = &over};
        scope serving(conditions);
        serving.spawn(serve());
        const auto found = co_await with_deadline(std::chrono::seconds(2),
                                                  asked.run(visit(way, world_.io(), room_)));
        over.stop();
        co_await serving.join();
        co_return found;
    }
    /// Nobody listens.
    void close() { door_.reset(); }

    std::string until = "\r\n\r\n";
    std::string says;
    bool keeps_open = true;
    std::string heard = {};
    health::way way;

  protected:
    /// With whoever has connected.
    virtual task<> meet(std::unique_ptr<io::stream> client) { co_await talk(*client); }
    virtual task<> talk(io::stream& with) {
        while (!heard.contains(until)) {
            const auto more = co_await with.read();
            if (!more) co_return;
            heard.append(more->data(), more->size());
        }
        if (!says.empty() && !co_await with.write(io::pieces(says))) co_return;
        while (keeps_open && co_await with.read()) {
        }
    }

    sim::world& world_;
    tls::work_room room_;

  private:
    task<> serve() {
        if (!door_) co_return;
        while (auto client = co_await door_->accept()) co_await meet(std::move(*client));
    }

    std::unique_ptr<io::listener> door_;
};

/// The same with HTTP/2: answers the first request by `head`, `says` and `trailers`.
class h2_clinic final : public clinic {
  public:
    using clinic::clinic;

    std::string head = "HTTP/1.1 200 OK\r\n\r\n";
    std::string trailers;

  private:
    task<> talk(io::stream& with) override {
        http::h2::session session(http::h2::session::role::server, {});
        std::string room(16 * 1024, '\0');
        for (;;) {
            while (const std::size_t size = session.produce(room))
                if (!co_await with.write(io::pieces(std::string_view(room.data(), size))))
                    co_return;
            const auto more = co_await with.read();
            if (!more) co_return;
            session.feed(*more, loop::current().now().steady);
            while (http::h2::stream* const one = session.next_stirred()) answer(session, *one);
        }
    }

    void answer(http::h2::session& session, http::h2::stream& one) {
        if (!one.has_ended() || has_answered_) return;
        has_answered_ = true;
        heard = one.take_head().text + std::string(one.payload().data(), one.payload().size());
        const bool is_bare = says.empty() && trailers.empty();
        session.send_head(one, head, is_bare);
        if (is_bare) return;
        (void)session.send(one, says);
        session.finish(one, trailers);
    }

    bool has_answered_ = false;
};

}  // namespace hawser::health
