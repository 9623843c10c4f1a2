// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "async/scope.h"
#include "async/stop.h"
#include "async/task.h"
#include "base/result.h"
#include "crypto/random.h"
#include "http/server.h"
#include "io/listener.h"
#include "io/listening_socket.h"
#include "io/worker.h"
#include "sessions/api/book.h"
#include "sessions/api/hub.h"
#include "sessions/api/messages.h"
#include "sessions/api/setup.h"
#include "sessions/failed_logins.h"

namespace hawser::sessions::api {

class door;

/// One thing that can be asked of the door: what is dispatched by, and what the OpenAPI document
/// is made of.
struct action {
    std::string_view name;    ///< for metrics, and the operation's id
    std::string_view method;  ///< GET answers HEAD too
    std::string_view path;
    std::string_view summary;
    /// What the request is to name besides its path.
    enum class subject : std::uint8_t { nothing, session, user } of;
    members takes;
    std::string_view answer;  ///< its schema
    unsigned status;          ///< when it is done
    bool is_audited;          ///< always; else where it says whose a session is
    task<http::served_answer> (door::*serve)(book& in, const http::served_request& asked,
                                             wish what);
};

/// One worker's JSON door. Used and destroyed on its worker's thread, once it is quiet.
///
/// Ids stand in a header field, never in a path, where logs and proxies would see them (S4). For
/// servers, not for pages: what a browser sends says so, and is refused.
class door {
  public:
    door(io::worker& on, hub& with, std::shared_ptr<const setup> first);
    door(const door&) = delete;
    door& operator=(const door&) = delete;

    /// Everything that can be asked: the one list of it.
    [[nodiscard]] static std::span<const action> actions() noexcept;

    void publish(std::shared_ptr<const setup> next) { setup_ = std::move(next); }
    [[nodiscard]] result<> open(const std::string& place, io::listening_socket socket);
    void close(const std::string& place);
    void stop();
    [[nodiscard]] bool is_quiet() const noexcept { return running_.running() == 0; }

    /// The answer to one request, which outlives it.
    [[nodiscard]] task<http::served_answer> answer(const http::served_request& asked);

  private:
    task<> accept_on(std::shared_ptr<stop_source> closing, std::unique_ptr<io::listener> from);
    [[nodiscard]] std::expected<caller, problem> admit(const http::served_request& asked);
    task<http::served_answer> serve(const action& what, const http::served_request& asked,
                                    const caller& who);
    void audit(audited done, const book& in, const http::served_request& asked);

    task<http::served_answer> create(book& in, const http::served_request& asked, wish what);
    task<http::served_answer> read(book& in, const http::served_request& asked, wish what);
    task<http::served_answer> replace(book& in, const http::served_request& asked, wish what);
    task<http::served_answer> patch(book& in, const http::served_request& asked, wish what);
    task<http::served_answer> touch(book& in, const http::served_request& asked, wish what);
    task<http::served_answer> renew(book& in, const http::served_request& asked, wish what);
    task<http::served_answer> end(book& in, const http::served_request& asked, wish what);
    task<http::served_answer> list(book& in, const http::served_request& asked, wish what);
    task<http::served_answer> end_all(book& in, const http::served_request& asked, wish what);
    task<http::served_answer> locks(book& in, const http::served_request& asked, wish what);
    task<http::served_answer> openapi(book& in, const http::served_request& asked, wish what);

    io::worker& worker_;
    hub& hub_;
    counters& counters_;
    std::shared_ptr<const setup> setup_;
    crypto::random_stock chance_;
    failed_logins failures_;
    http::server server_;
    std::multimap<std::string, std::shared_ptr<stop_source>> places_;
    scope running_;
};

}  // namespace hawser::sessions::api
