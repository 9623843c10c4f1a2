// SPDX-License-Identifier: Apache-2.0
#include "sessions/resp/connection.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "async/sleep.h"
#include "async/with.h"
#include "clients/network.h"
#include "crypto/compare.h"
#include "crypto/digest.h"
#include "observe/log.h"
#include "sessions/opening.h"
#include "sessions/resp/command.h"
#include "sessions/resp/door.h"

namespace hawser::sessions::resp {

namespace {

using outcome = store::resp::command_parser::outcome;

constexpr std::size_t heard_at_once = 64 * 1024;
constexpr std::size_t answered_at_once = 64 * 1024;
constexpr unsigned timed_each = 16;         // two looks at the clock are a tenth of a GET
constexpr std::size_t steps_at_once = 256;  // about a quarter of a millisecond
// The same of a container of small fields that is taken apart and put together again.
constexpr std::size_t worked_at_once = 256 * 1024;

constexpr std::size_t sent_at_once = 256 * 1024;

/// Rather than that nothing more can come.
bool is_interrupted(const error& why) {
    return why.code == errc::cancelled || why.code == errc::timed_out;
}

/// A browser that was led here by a page says one of these first (R1.5).
bool is_of_a_browser(std::string_view name) {
    return is_word(name, "post") || is_word(name, "host:");
}

}  // namespace

connection::connection(door& at, std::unique_ptr<io::stream> client)
    : door_(at),
      stream_(std::move(client)),
      setup_(at.current()),
      parser_(setup_->commands),
      number_(at.shared().next_client.fetch_add(1, std::memory_order_relaxed)) {
    reset();
}

connection::~connection() { door_.give_back(std::move(input_)); }

void connection::reset() {
    subscriber_.reset();
    client_.reset();
    pending_.close();
    user_.clear();
    name_.clear();
    set_protocol(store::resp::protocol::resp2);
    parser_.unprove();
    greeted_by_ = door_.now().steady + setup_->greeting;
    if (setup_->open_to) enter(*setup_->open_to, {});
}

void connection::set_protocol(store::resp::protocol form) {
    out_.set_protocol(form);
    if (subscriber_ != nullptr) subscriber_->set_protocol(form);
}

void connection::enter(std::size_t tenancy, std::string_view user) {
    const auto& into = setup_->tenancies[tenancy];
    if (!client_ || &client_->in() != into.in.get()) {
        subscriber_.reset();  // nobody hears another namespace
        pending_.abandon();   // nor was it meant for this one
        client_.emplace(door_.shared().kept, into.in, into.by, number_);
    }
    client_->set_name(name_);
    user_ = user;
    parser_.prove();
}

task<> connection::serve() {
    while (!ends_ && co_await hear()) co_await answer_heard();
    const bool is_cut_off = over().is_stopped();
    subscriber_.reset();
    if (client_) co_await client_->free_locks();
    stream_->shut_down_writing();
    if (ends_ && !is_cut_off) co_await linger();
}

/// Closed with bytes unread, the client would lose what it was told last.
task<> connection::linger() {
    const steady_time end = door_.now().steady + limits::linger_time;
    for (std::size_t dropped = 0; dropped < limits::linger_bytes_max;) {
        const auto lent =
            co_await with_stop(door_.leaving(), with_deadline_at(end, stream_->read()));
        if (!lent) break;
        dropped += lent->size();
    }
}

/// Waits for bytes, and answers where they lie what can be answered there; the rest is `input_`.
/// False: none will come.
task<bool> connection::hear() {
    if (is_in() && client_->in().space.condition() == store::condition::opening)
        co_await with_stop(door_.leaving(), await_opening(client_->in().space));
    if (input_.empty()) door_.give_back(std::exchange(input_, {}));  // idle costs nothing
    // The rest of a large value comes in one go as far as it can.
    const std::size_t wanted = std::max(heard_at_once, parser_.awaited());
    const steady_time read_by = is_in() ? no_deadline : greeted_by_;
    result<std::span<char>> lent = fail(errc::cancelled);
    while (!lent) {
        if (subscriber_ != nullptr) co_await send_heard();
        stop_source& until = subscriber_ == nullptr ? over() : subscriber_->over_or_news();
        // However much it is told, what it says is looked at in between.
        const steady_time end = has_news() ? door_.now().steady : read_by;
        lent = co_await with_stop(
            until, with_deadline_at(end, stream_->read(std::min(wanted, limits::hot_buffer))));
        const bool goes_on = lent || (has_news() && is_interrupted(lent.error()));
        if (!goes_on || over().is_stopped()) co_return false;
        follow_setup();
        if (!lent && ends_) co_return false;
    }
    if (out_.bytes().empty()) out_.buffer() = door_.take_buffer();
    std::string_view came(lent->data(), lent->size());
    if (input_.empty() && !ends_) came.remove_prefix(answer_at_once(came));
    if (came.empty()) co_return true;
    if (input_.empty()) input_ = door_.take_buffer();
    input_.append(came);
    co_return true;
}

/// What ends its waits.
stop_source& connection::over() noexcept {
    return subscriber_ == nullptr ? door_.leaving() : subscriber_->over();
}

subscriber& connection::subscribe() {
    if (subscriber_ == nullptr) {
        auto& audience = door_.audience_of(client_->in().channels);
        subscriber_ = std::make_unique<resp::subscriber>(number_, audience, door_.leaving());
        subscriber_->set_protocol(out_.form());
    }
    return *subscriber_;
}

void connection::tell_heard() {
    if (!has_news()) return;
    const std::string heard = subscriber_->take();
    out_.buffer() += heard;
    subscriber_->note_sent(heard.size());
}

/// It leaves between answers, in pieces: so it is known how far behind the client is.
task<> connection::send_heard() {
    const std::string heard = subscriber_->take();
    for (std::size_t begin = 0; begin < heard.size() && !ends_; begin += sent_at_once) {
        const auto piece = std::string_view(heard).substr(begin, sent_at_once);
        const auto sent = co_await with_stop(
            over(), with_idle_limit(setup_->stall, stream_->write(io::pieces(piece))));
        if (!sent) ends_ = true;
        subscriber_->note_sent(piece.size());
    }
}

/// Returns how many bytes that were.
std::size_t connection::answer_at_once(std::string_view bytes) {
    std::size_t begin = 0;
    pause_ = pause::incomplete;
    while (!ends_) {
        const auto done = parser_.parse(bytes.substr(begin));
        if (done == outcome::incomplete) break;
        if (done == outcome::broken) {
            out_.error("ERR Protocol error: " + std::string(parser_.complaint()));
            count_error("ERR");
            end();
            break;
        }
        if (done == outcome::command) {
            call asked{.from = *this, .arguments = parser_.arguments(), .out = out_};
            if (!is_answered(asked)) {
                pause_ = pause::command;
                break;
            }
        }
        begin += parser_.used();
        note_work(parser_.used());
        ++steps_;
        if (is_breath_due()) {
            pause_ = pause::breath;
            break;
        }
    }
    return begin;
}

/// Answers what is left of the input, and hands over all answers.
task<> connection::answer_heard() {
    std::size_t begin = 0;
    if (pause_ == pause::breath) co_await take_breath();
    while (!ends_ && begin < input_.size()) {
        if (out_.bytes().empty()) out_.buffer() = door_.take_buffer();
        begin += answer_at_once(std::string_view(input_).substr(begin));
        if (pause_ == pause::incomplete) break;
        if (pause_ == pause::command) {
            // It may lead elsewhere, and what was changed was changed here.
            if (!held_.empty()) co_await settle_held();
            // Arguments are views into the input, which stays as it is until all are answered.
            call asked{.from = *this, .arguments = parser_.arguments(), .out = out_};
            const command& under_way = *asked_;
            const steady_time begun = read_clocks().steady;
            count(under_way);
            co_await under_way.serve(asked);
            if (client_) client_->stop_metering();
            note_time(under_way, begun, 1);
            begin += parser_.used();
            note_work(parser_.used());
            ++steps_;
        }
        if (is_breath_due()) co_await take_breath();
    }
    input_.erase(0, begin);
    co_await send();
    door_.give_back(std::exchange(out_.buffer(), {}));
}

/// False: the command has to be awaited; it is `asked_` then.
bool connection::is_answered(call& asked) {
    asked_ = admit(asked);
    if (asked_ == nullptr) {
        pending_.spoil();
        return true;
    }
    if (pending_.is_open() && !asked_->is_never_queued) {
        queue(asked, *asked_);
        return true;
    }
    if (client_ && door_.meters_next()) client_->start_metering();
    if (asked_->serve_at_once == nullptr) return false;
    const bool is_timed = steps_ % timed_each == 0;
    const steady_time begun = is_timed ? read_clocks().steady : steady_time();
    if (!asked_->serve_at_once(asked)) return false;
    if (client_) client_->stop_metering();
    count(*asked_);
    if (is_timed) note_time(*asked_, begun, timed_each);
    return true;
}

void connection::queue(call& asked, const command& what) {
    if (changes_subscriptions(what)) {
        pending_.spoil();
        return asked.refuse("ERR '" + std::string(what.name) + "' inside MULTI is not served");
    }
    if (pending_.add(what, asked.arguments)) return out_.status("QUEUED");
    pending_.spoil();
    asked.refuse("ERR the transaction is too large");
}

task<> connection::serve_queued(const transaction::queued& one) {
    const std::vector<std::string_view> arguments(one.arguments.begin(), one.arguments.end());
    call asked{.from = *this, .arguments = arguments, .out = out_};
    for (const auto each : arguments) note_work(each.size());
    count(*one.what);
    const steady_time begun = read_clocks().steady;
    if (one.what->serve_at_once == nullptr || !one.what->serve_at_once(asked)) {
        if (!held_.empty()) co_await settle_held();
        co_await one.what->serve(asked);
    }
    note_time(*one.what, begun, 1);
    co_await breathe();
}

/// For so many like it.
void connection::note_time(const command& one, steady_time begun, unsigned many) {
    const auto took = std::chrono::ceil<std::chrono::microseconds>(read_clocks().steady - begun);
    door_.counted().times[place_of(one)].add(took, many);
}

void connection::count(const command& one) { door_.counted().commands[place_of(one)].add(); }

/// The command, if it may be asked; null: it is answered why not.
const command* connection::admit(call& asked) {
    const auto arguments = asked.arguments;
    const command* found = find_command(arguments[0]);
    if (found == nullptr && is_of_a_browser(arguments[0])) {
        observe::log_sparsely(observe::level::warn, "resp-cross-protocol",
                              "the RESP door was spoken to in HTTP: closed");
        door_.counted().refused.add("http");
        end();
        return nullptr;
    }
    if (!is_in() && (found == nullptr || !found->is_for_strangers)) {
        asked.refuse("NOAUTH Authentication required.");
        return nullptr;
    }
    if (found == nullptr) {
        // What comes after the name may be a session: it is not repeated (S4).
        asked.refuse("ERR unknown command '" + shown_word(arguments[0]) +
                     "', with args beginning with: ");
        return nullptr;
    }
    const bool fits =
        arguments.size() >= found->least && (found->most == 0 || arguments.size() <= found->most);
    if (fits && is_confined() && !is_for_subscribers(*found)) {
        asked.refuse("ERR Can't execute '" + std::string(found->name) +
                     "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed "
                     "in this context");
        return nullptr;
    }
    if (fits) return found;
    count(*found);
    asked.refuse("ERR wrong number of arguments for '" + std::string(found->name) + "' command");
    return nullptr;
}

void connection::hold_answer(std::size_t begin, store::durability as) {
    held_.push_back({.begin = begin, .size = out_.bytes().size() - begin});
    held_for_ = std::max(held_for_, as);
}

task<> connection::settle_held() {
    const auto held = std::exchange(held_, {});
    const auto as = std::exchange(held_for_, store::durability::memory);
    const auto settled = co_await client_->settle(as, held.size());
    if (settled) co_return;
    const std::string answers = std::exchange(out_.buffer(), {});
    call refused{.from = *this, .arguments = {}, .out = out_};
    std::size_t from = 0;
    for (const auto& each : held) {
        out_.buffer().append(answers, from, each.begin - from);
        refused.refuse(settled.error());
        from = each.begin + each.size;
    }
    out_.buffer().append(answers, from);
}

bool connection::is_turn_over() const {
    return steps_ % steps_at_once == 0 || work_ >= worked_at_once;
}

bool connection::is_breath_due() const {
    return out_.bytes().size() >= answered_at_once || is_turn_over();
}

task<> connection::breathe() {
    ++steps_;
    if (is_breath_due()) co_await take_breath();
}

task<> connection::take_breath() {
    if (out_.bytes().size() >= answered_at_once) co_await send();
    if (!is_turn_over()) co_return;
    work_ = 0;
    (void)co_await with_stop(door_.leaving(), sleep_for(std::chrono::nanoseconds(1)));
}

task<> connection::send() {
    if (!held_.empty()) co_await settle_held();
    if (out_.bytes().empty()) co_return;
    std::string bytes = std::exchange(out_.buffer(), {});
    note_work(bytes.size());
    const auto sent = co_await with_stop(
        over(), with_idle_limit(setup_->stall, stream_->write(io::pieces(bytes))));
    if (!sent) ends_ = true;
    door_.give_back(std::move(bytes));
}

/// What was changed by a reload holds from the next command on; who is known no more must go.
void connection::follow_setup() {
    if (setup_ == door_.current()) return;
    const auto former = std::exchange(setup_, door_.current());
    if (!is_in()) return settle();
    const auto known = setup_->users.find(user_);
    const auto before = former->users.find(user_);
    std::optional<std::size_t> tenancy;
    if (user_.empty())
        tenancy = setup_->open_to;
    else if (known != setup_->users.end() && before != former->users.end() &&
             known->second.password == before->second.password)
        tenancy = known->second.tenancy;
    if (!tenancy) return end();
    enter(*tenancy, user_);
    client_->set_terms(setup_->tenancies[*tenancy].by);
}

void connection::set_name(std::string_view said) {
    name_ = said;
    if (client_) client_->set_name(name_);
}

/// Nobody has to say who it is any more.
void connection::settle() {
    if (setup_->open_to) enter(*setup_->open_to, {});
}

connection::login connection::log_in(std::string_view name_given, std::string_view password) {
    const auto source = clients::counted_as(stream_->peer().ip());
    const steady_time now = door_.now().steady;
    if (!door_.failures.may_try(source, now)) return login::too_many;
    const auto known = setup_->users.find(name_given);
    // An unknown name takes as long as a wrong password.
    static constexpr std::array<std::uint8_t, 32> nobody{};
    const auto& wanted = known == setup_->users.end() ? nobody : known->second.password;
    const bool is_right = crypto::equal_in_constant_time(crypto::sha256(password), wanted);
    if (is_right && known != setup_->users.end()) {
        enter(known->second.tenancy, name_given);
        return login::welcome;
    }
    door_.failures.note(source, now);
    door_.counted().failed_logins.add();
    observe::log_sparsely(observe::level::warn, "resp-login",
                          "a client of the RESP door has shown a wrong name or password");
    return login::wrong;
}

void connection::count_error(std::string_view code) { door_.counted().errors.add(code); }

}  // namespace hawser::sessions::resp
