// SPDX-License-Identifier: Apache-2.0
// What the application keeps in a request's session, where its pool says by which cookie that is
// known (docs/sessions.md).

#include <utility>

#include "affinity/token.h"
#include "http/cookie.h"
#include "proxy/exchange.h"
#include "sessions/record_link.h"

namespace hawser::proxy {

namespace {

/// Outlives the request, and the pool that it was for.
task<> set_worth(std::shared_ptr<const sessions::record_link> by, store::record_id at,
                 bool is_valuable) {
    co_await by->set_worth(at, is_valuable);
}

}  // namespace

void exchange::find_record(const http::request_head& head) {
    if (affinity_ == nullptr) return;
    const auto& cookie = pool_->setup->record->cookie();
    const auto value = http::find_cookie(cookie, head.fields);
    if (!value) return;
    const bool is_marked = affinity_->marked_cookie() == cookie;
    set_record(is_marked ? http::split_mark(*value, affinity::token_text_size).value : *value);
}

/// The answer may give the session another id, as after a log-in.
void exchange::follow_record(const http::response_head& head) {
    if (affinity_ == nullptr) return;
    const auto& cookie = pool_->setup->record->cookie();
    for (const http::field& each : head.fields) {
        if (each.id != http::field_id::set_cookie || http::name_set_by(each.value) != cookie)
            continue;
        const auto set = http::read_set_cookie(each.value, station_.now().wall);
        if (!set.is_deleted) set_record(set.value);
    }
}

void exchange::set_record(std::string_view value) {
    record_at_ = pool_->setup->record->place_of(value);
    if (record_at_) station_.sessions.set_data(session_.handle, record_at_->hash);
}

/// A session that is worth more than others here is so there too, once the application has kept
/// something: it may do that while it answers.
void exchange::tell_worth() {
    const bool is_valuable = worth_said_.value_or(session_.before.is_valuable);
    const auto& record = pool_->setup->record;  // of a later edition, if it has waited
    if (record == nullptr || (!is_valuable && !worth_said_)) return;
    if (record->is_worth_changing(*record_at_, is_valuable, station_.now().steady))
        station_.run(set_worth(record, *record_at_, is_valuable));
}

}  // namespace hawser::proxy
