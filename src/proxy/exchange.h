// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "async/event.h"
#include "async/frame_pool.h"
#include "async/scope.h"
#include "health/outliers.h"
#include "http/h1/writer.h"
#include "observe/access_record.h"
#include "proxy/answer_coding.h"
#include "proxy/client_side.h"
#include "proxy/explanation.h"
#include "proxy/h1_server.h"
#include "proxy/h2_server.h"
#include "proxy/request_client.h"
#include "proxy/session_case.h"
#include "proxy/session_word.h"
#include "proxy/shortage.h"
#include "proxy/station.h"
#include "store/record.h"

namespace hawser::proxy {

/// What becomes of the client's connection after an exchange.
enum class outcome : std::uint8_t {
    keeps_alive,  ///< another request may come
    closes,
    lingers,  ///< closes once the client could read the answer (E3)
};

/// One request from its head to the last byte of its answer.
///
/// The head lies in the worker's buffer only until the first wait; before that, what is needed
/// later is copied once, into `asked_` and `sent_head_`. Everything that runs for the exchange ends
/// before it does.
class exchange {
  public:
    exchange(client_side& client, station& at);
    ~exchange();
    exchange(const exchange&) = delete;
    exchange& operator=(const exchange&) = delete;

    task<outcome> run(const http::request_head& head);
    /// Answers what was not even a request.
    task<> refuse_unread(http::refusal why);

  private:
    /// So often others may take the last place of a server that was chosen; then all counts as
    /// full.
    static constexpr int races_max = 4;

    /// What is needed of the request after the first wait.
    struct asked {
        bool is_head = false;
        bool keeps_alive = false;
        bool is_repeatable = false;  ///< GET, HEAD or OPTIONS without a body (E68)
        bool wants_websocket = false;
        bool is_chunked = false;
        std::string websocket_key;
    };

    /// What most requests do not have: of pools with limits, and of those that waited.
    struct stake {
        upstream::place in_pool;   ///< of what the pool may have to do at once
        upstream::place of_retry;  ///< the same of retries
        /// Until then it waits for its home, if that is down; the epoch: it never was.
        steady_time home_wait_ends{};
        /// Who shows no key yet, where its first requests are to end on one server.
        std::optional<upstream::first_claims::key> client;
        std::vector<std::shared_ptr<edition>> editions;  ///< by which it went on before
    };

    // exchange.cc: the way of a request
    void begin(const http::request_head& head);
    void name_client();
    void note_tls();
    void mark(const http::request_head& head);
    /// By which the client speaks to us.
    [[nodiscard]] std::string_view scheme() const noexcept {
        const client_connection& from = client_.connection();
        return from.secured() != nullptr || from.is_announced_over_tls() ? "https" : "http";
    }
    [[nodiscard]] bool is_misdirected(const http::request_head& head) const;
    std::optional<http::refusal> find_route(const http::request_head& head);
    std::optional<http::refusal> look_at_limits(const http::request_head& head);
    [[nodiscard]] bool is_newcomer() const;
    [[nodiscard]] bool guesses_too_often();
    bool comes_too_often(const request_limits* rates, const http::request_head& head);
    void find_session(const http::request_head& head);
    [[nodiscard]] std::string_view challenge() const;
    void rewrite(const http::request_head& head);
    task<> serve();
    [[nodiscard]] bool has_room_to_retry();
    [[nodiscard]] bool may_try_again(const error& why);
    task<> apologise(error why);
    task<> refuse(http::refusal why);
    task<> refuse_by_grpc(http::refusal why);
    void note_wishes(const http::request_head& head);
    task<> answer_by_route(const http::request_head& head);
    task<> answer_ourselves(http::h1::own_answer what, bool closes);
    void add_hsts();
    void account();
    void keep_explanation();
    void leave_session();

    // session_keys.cc
    void find_keys(const http::request_head& head);
    void mask_keys(const http::request_head& head);
    bool may_take_place();
    void begin_explaining();
    void enter_session();
    /// Its client may have been told of the session, by an earlier answer.
    [[nodiscard]] bool may_be_carried() const noexcept {
        return session_.known || found_.carried.has_value() || found_.lapsed.has_value();
    }
    void revoke_session();
    void heed(const session_word& said);
    affinity::reply mark_answer(const session_word& said);
    [[nodiscard]] bool must_be_known_elsewhere(const affinity::reply& told) const noexcept;
    task<> wait_until_known_elsewhere();
    void learn(const affinity::lesson& said);

    // session_record.cc: what the application keeps in the session
    void find_record(const http::request_head& head);
    void follow_record(const http::response_head& head);
    void set_record(std::string_view value);
    void tell_worth();

    // choose.cc
    server_post* choose_server();
    server_post* choose_with(upstream::server* offered);
    upstream::server* find_server(upstream::server* offered);
    [[nodiscard]] bool is_within_limits();
    [[nodiscard]] stake& its_stake();
    void see_why_none();
    /// What the rules of home_policy.h and placement.h are asked with.
    [[nodiscard]] session_case present_case() const {
        return {.servers = *pool_->setup->servers,
                .found = found_,
                .session = session_,
                .now = station_.now().steady,
                .is_kept = affinity_ != nullptr,
                .so_far = verdict_,
                .tried = tried_,
                .held = &place_,
                .client = stake_ && stake_->client ? &*stake_->client : nullptr,
                .wants_websocket = asked_.wants_websocket,
                .is_repeatable = asked_.is_repeatable,
                .is_shared = station_.sessions.is_shared()};
    }
    upstream::server* home_for_session();
    upstream::server* pick_home(upstream::server* offered);
    upstream::server& bind(upstream::server& picked);
    [[nodiscard]] upstream::server* usable_home() const;
    void explain_choice();

    // keep_home.cc
    void note_value(const http::request_head& head);
    [[nodiscard]] bool is_within_home_wait();
    [[nodiscard]] bool stays_with_home();
    upstream::server* repeat_at_home();
    void come_home();
    void be_away();
    upstream::server* stay_at_home();
    void begin_anew();
    void leave_home(std::string_view successor);

    // find_home.cc
    void look_for_companions(const http::request_head& head);
    upstream::server* pick_candidate();
    upstream::server& first_choice(balance::candidates usable);
    upstream::server& balanced(balance::candidates usable);
    upstream::server& joint_choice(upstream::server& own, balance::candidates usable);
    upstream::server* named_successor();
    upstream::server* lighter_than(upstream::server& home);
    [[nodiscard]] bool reserve_session(upstream::server& at) const;
    [[nodiscard]] bool counts_sessions(const upstream::server& at) const;

    // wait.cc: until there is a place at a server
    [[nodiscard]] bool may_wait();
    task<result<>> wait_until_called(seat& here);
    [[nodiscard]] steady_time next_look_at(const upstream::server& home);
    task<result<server_post*>> wait_for_place();
    task<result<server_post*>> take_turns(seat& here);
    void note_wait(steady_time::duration time, const result<server_post*>& found);
    void say_for_what(upstream::waiter& here);
    void go_on_by_present();

    // forward.cc: towards the server
    task<result<>> forward(server_post& to);
    task<result<>> open_stream(server_post& to);
    task<result<upstream::connection>> open(server_post& to);
    task<result<>> secure(server_post& to, upstream::connection& over, steady_time end);
    error cannot_reach(server_post& to, error why);
    [[nodiscard]] result<io::source> source_towards(const server_post& to) const;
    [[nodiscard]] bool tells_ends(const server_post& to) const noexcept;
    void note_ends(const io::endpoint& ours);
    upstream::connection take_idle(server_post& to);
    [[nodiscard]] clients::address_and_port named_to(const server_post& to) const;
    [[nodiscard]] clients::proxy_header announcement_to(const server_post& to) const;
    task<result<>> send_request();
    body_result take_first_part();
    [[nodiscard]] std::string_view without_claims(std::string_view trailers);
    task<> upload();
    void abort_upload(http::refusal why);
    task<result<>> read_answer_head();
    void note_first_byte();
    task<bool> pass_interim();
    [[nodiscard]] bool is_too_slow() const;
    task<> end_upload();
    task<> drop_server();
    void let_go_of_server() noexcept;

    /// What ends waiting for the server early: the client's reset, or a faulty body of its.
    [[nodiscard]] stop_source& stop() noexcept {
        return abort_ ? static_cast<stop_source&>(*abort_) : client_.gone();
    }

    // answer.cc: towards the client
    std::string_view choose_coding(bool carries_mark);
    task<> answer(server_post& from);
    task<bool> relay_body(std::string_view head);
    task<> tunnel(std::string_view head);
    void note_instance(server_post& from, std::optional<generation> mark);
    void note_weight(server_post& from);
    void tell_session();
    void lose_answer(http::refusal why);
    void lose_client(errc why);
    void cut(std::string_view why);
    void release_server(server_post& from);
    [[nodiscard]] bool owes_status(const http::response_head& head) const;
    void look_for_pinning(const http::response_head& head);
    void report(server_post& about, std::optional<upstream::failure> failed);
    void end_circuit_trial(bool has_failed);

    client_side& client_;
    station& station_;
    std::shared_ptr<edition> edition_;
    std::shared_ptr<const route> to_https_;  ///< the way, where that is what is answered
    request_client asks_;
    const route* way_ = nullptr;
    pool_post* pool_ = nullptr;
    affinity::chain* affinity_ = nullptr;  ///< of the pool, for this client; null: none
    asked asked_;
    std::unique_ptr<request_marks> marks_;  ///< null: it goes on as it came
    std::string new_target_;                ///< empty: as it came
    page_form wanted_page_ = page_form::plain;
    bool asks_by_grpc_ = false;  ///< seen only when it is told of an error
    unsigned retry_after_ = 1;   ///< seconds, told with a 429 or 503
    shortage crowded_ = shortage::none;
    bool tries_circuit_ = false;                  ///< whether the pool works again
    bool waits_for_home_ = false;                 ///< no other server will do
    const upstream::release* release_ = nullptr;  ///< nor one of another release; null: any

    // The session.
    affinity::finding found_;
    registry::seen session_;
    affinity::verdict verdict_ = affinity::verdict::none;
    affinity::cause cause_ = affinity::cause::none;
    std::uint64_t hash_ = 0;                     ///< of what the balancer asks for
    bool has_bound_ = false;                     ///< the session has got a home or a name
    std::optional<store::record_id> record_at_;  ///< what the application keeps in it
    std::optional<bool> worth_said_;             ///< by the answer

    // The way to the server.
    pooled_bytes sent_head_space_;
    std::string_view sent_head_;
    bool host_is_theirs_ = false;  ///< the server's own name goes into Host
    std::vector<const upstream::server*> tried_;
    std::optional<upstream::retry_budget::permit> retry_;
    unsigned retries_ = 0;
    std::shared_ptr<const secured_way> secured_by_;  ///< the server's connection; null: in clear
    bool is_fresh_ = false;         ///< the server's connection was opened for this request
    bool has_repeated_ = false;     ///< it was sent once more without an answer to the first
    server_post* again_ = nullptr;  ///< where to repeat it if there is no other server
    bool needs_fresh_ = false;      ///< a kept connection has failed it already
    server_post* target_ = nullptr;
    std::optional<upstream::request_mark> mark_;
    upstream::place place_;
    std::unique_ptr<stake> stake_;
    std::optional<h1_server> over_http1_;
    std::unique_ptr<h2_server> over_http2_;
    server_side* server_ = nullptr;          ///< null: there is none now
    steady_time server_opened_{};            ///< when its connection was
    std::optional<std::string> whole_body_;  ///< held until the server has taken it (E181)
    bool is_pinned_ = false;                 ///< the server's connection is this client's alone

    // The request's body.
    bool body_begun_ = false;
    std::string trailers_;  ///< where they go on otherwise than they came
    std::optional<linked_stop_source> abort_;
    context upload_conditions_;
    std::optional<scope> uploads_;
    std::optional<http::refusal> upload_refusal_;
    steady_time upload_ended_{};
    steady_time::duration waited_for_body_{};

    // The answer.
    http::compression::wish wish_;
    std::unique_ptr<answer_coding> coding_;  ///< null: its body goes on as it came
    unsigned interims_ = 0;
    bool owes_status_ = false;   ///< gRPC's, which has not come with its head
    bool answer_begun_ = false;  ///< a byte of it came from the server
    bool passed_on_ = false;     ///< a byte of it, interim included, went to the client
    bool answered_ = false;      ///< its final head went to the client
    bool is_whole_ = false;      ///< the client has the whole answer
    outcome outcome_ = outcome::closes;

    steady_time began_;
    const bool is_logged_;  ///< settled at its begin: no record is half filled
    observe::access_record record_;
    std::unique_ptr<explanation> told_;  ///< null: nobody watches
};

}  // namespace hawser::proxy
