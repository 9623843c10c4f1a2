// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "admin/api.h"
#include "admin/operations.h"
#include "admin/visitors.h"
#include "async/task.h"
#include "http/server.h"
#include "io/listener.h"

namespace hawser::admin {

/// The operator's HTTP endpoint: health, metrics, status, and what changes the node.
///
/// Runs on the control thread, apart from the traffic, and with small limits of its own, so that
/// it answers while the workers are overloaded. GET changes nothing; what changes something is
/// JSON where it has a body (E170). Errors are `{"error": ...}`.
class endpoint {
  public:
    /// `tls`: the terms on which a connection is served that comes now; null: in clear.
    endpoint(operations& node, std::function<std::shared_ptr<const tls::server_context>()> tls);

    /// Everything that can be asked: the one list of it.
    [[nodiscard]] static std::span<const action> actions() noexcept;

    /// Serves what arrives at `from` until the scope around it is stopped.
    task<> serve(std::unique_ptr<io::listener> from) { return server_.serve(std::move(from)); }

    /// The answer to one request, which outlives it.
    [[nodiscard]] task<http::served_answer> answer(const http::served_request& asked);

  private:
    /// A request that may be answered: what it asks for, and who does.
    struct admitted {
        const action* what;
        path_names names;
        identity by;
    };
    using admission = std::expected<admitted, http::served_answer>;

    [[nodiscard]] admission admit(const http::served_request& asked);
    [[nodiscard]] admission allow(const http::served_request& asked, const action& what,
                                  const path_names& names);
    task<result<outcome>> make(const action& what, const call& asked, const order& by);
    task<http::served_answer> change(admitted given, const http::served_request& asked);
    void record(const order& by, level may, const http::served_request& asked, unsigned status);
    http::served_answer tell_change(const outcome& done, server_name which);

    http::served_answer health(const call& asked);
    http::served_answer readiness(const call& asked);
    http::served_answer metrics(const call& asked);
    http::served_answer status(const call& asked);
    http::served_answer pools(const call& asked);
    http::served_answer pool(const call& asked);
    http::served_answer server(const call& asked);
    http::served_answer overrides(const call& asked);
    http::served_answer show_drain(const call& asked);
    http::served_answer configuration(const call& asked);
    http::served_answer log(const call& asked);
    http::served_answer upgrade(const call& asked);
    http::served_answer openapi(const call& asked);
    task<http::served_answer> impact(const call& asked);
    task<http::served_answer> sessions(const call& asked);
    task<http::served_answer> explanations(const call& asked);
    task<http::served_answer> explain(const call& asked);

    result<outcome> reload(const call& asked, const order& by);
    result<outcome> begin_upgrade(const call& asked, const order& by);
    result<outcome> set_state(const call& asked, const order& by);
    result<outcome> drain(const call& asked, const order& by);
    result<outcome> set_weight(const call& asked, const order& by);
    result<outcome> add_server(const call& asked, const order& by);
    result<outcome> remove_server(const call& asked, const order& by);
    result<outcome> lift(const call& asked, const order& by);
    template <typename Wanted, typename Change>
    task<result<outcome>> change_sessions(const call& asked, const order& by, Change change);
    task<result<outcome>> move_sessions(const call& asked, const order& by);
    task<result<outcome>> pin_sessions(const call& asked, const order& by);
    task<result<outcome>> end_sessions(const call& asked, const order& by);
    result<outcome> set_log(const call& asked, const order& by);
    result<outcome> lift_log(const call& asked, const order& by);

    operations& node_;
    visitors visitors_;
    http::server server_;
};

}  // namespace hawser::admin
