// SPDX-License-Identifier: Apache-2.0
#include "sessions/resp/container_commands.h"

#include <algorithm>
#include <utility>

#include "sessions/limits.h"
#include "sessions/resp/scan.h"
#include "sessions/sorted_set.h"

namespace hawser::sessions::resp {

namespace {

/// A plan under way.
class undertaking {
  public:
    undertaking(call& asked, holding as, plan what)
        : asked_(asked), as_(as), plan_(std::move(what)) {}

    [[nodiscard]] client::decision decision() {
        return [this](const store::record* there) { return decide(there); };
    }

    void answer(const result<saved>& done) {
        if (!done) return asked_.refuse(done.error());
        if (is_other_) return asked_.refuse_kind();
        if (!made_.refusal.empty()) return asked_.refuse(made_.refusal);
        // A change that came after the end looks kept to who sends it, and is counted.
        if (plan_.answers_ok)
            asked_.out.ok();
        else
            asked_.out.number(made_.number);
    }

  private:
    std::optional<save> decide(const store::record* there) {
        is_other_ = there != nullptr && holding_of(there->flags) != as_;
        if (is_other_) return std::nullopt;
        const auto data = there != nullptr ? std::string_view(there->data) : std::string_view();
        made_ = plan_.by(data);
        asked_.from.note_work(data.size() + made_.data.size());
        if (!made_.refusal.empty()) return std::nullopt;
        if (there == nullptr && made_.data.empty()) return std::nullopt;
        const bool is_empty = made_.data.empty();
        const bool is_told = plan_.is_always_told || there == nullptr || made_.data != there->data;
        return save{.data = std::move(made_.data),
                    .expires = there != nullptr ? there->life.expires : no_deadline,
                    .as = as_,
                    .ends = is_empty,
                    .told = is_told ? plan_.told : record_event()};
    }

    call& asked_;
    holding as_;
    plan plan_;
    remade made_;
    bool is_other_ = false;
};

/// Nothing: it has been answered why not.
task<std::optional<std::string>> read(call& asked, holding as) {
    auto found = co_await asked.records().read(asked[1]);
    if (!found) {
        asked.refuse(found.error());
        co_return std::nullopt;
    }
    asked.note_read(*found);
    if (!*found) co_return std::string();
    if (holding_of((*found)->flags) != as) {
        asked.refuse_kind();
        co_return std::nullopt;
    }
    co_return std::move((*found)->data);
}

/// A container is scanned in one step: it is bounded, and nobody comes between.
task<> scan(call& asked, holding as) {
    const auto from = number_of(asked[2]);
    if (!from || *from < 0) co_return asked.refuse("ERR invalid cursor");
    scan_options by;
    if (!read_scan_options(asked, 3, by)) co_return;
    const auto data = co_await read(asked, as);
    if (!data) co_return;
    std::vector<std::string> scores;
    std::vector<field> all;
    if (as == holding::sorted_set) {
        const sorted_set there(*data);
        scores.reserve(there.all().size());
        for (const auto& each : there.all())
            all.push_back({.name = each.name, .value = scores.emplace_back(text_of(each.score))});
    } else {
        all = fields(*data, as).all();
    }
    std::vector<field> found;
    for (const auto& each : all)
        if (co_await matches_in_turns(asked, by.pattern, each.name)) found.push_back(each);
    const bool has_values = as != holding::set;
    asked.out.array(2);
    asked.out.bulk("0");
    asked.out.array(found.size() * (has_values ? 2 : 1));
    for (const auto& each : found) {
        asked.out.bulk(each.name);
        if (has_values) asked.out.bulk(each.value);
    }
}

}  // namespace

bool carry_out_at_once(call& asked, holding as, planner by) {
    auto what = by(asked);
    if (!what) return true;
    undertaking under_way(asked, as, std::move(*what));
    const auto done = asked.records().change_now(asked[1], under_way.decision());
    if (!done) return false;
    const std::size_t begin = asked.out.bytes().size();
    under_way.answer(*done);
    asked.hold(begin);
    return true;
}

task<> carry_out(call& asked, holding as, planner by) {
    auto what = by(asked);
    if (!what) co_return;
    undertaking under_way(asked, as, std::move(*what));
    const auto decision = under_way.decision();
    under_way.answer(co_await asked.records().change(asked[1], decision));
}

bool show_at_once(call& asked, holding as, teller tell) {
    std::string data;
    bool is_other = false;
    const auto take = [&](const store::record_view* there) {
        if (there == nullptr) return;
        is_other = holding_of(there->flags) != as;
        if (is_other) return;
        data = there->data;
        asked.from.note_work(data.size());
    };
    const auto done = asked.records().read_now(asked[1], std::ref(take));
    if (!done) return false;
    if (!*done)
        asked.refuse(done->error());
    else if (is_other)
        asked.refuse_kind();
    else
        tell(asked, data);
    return true;
}

task<> show(call& asked, holding as, teller tell) {
    const auto data = co_await read(asked, as);
    if (data) tell(asked, *data);
}

std::string too_many_fields() {
    return "ERR it would have more than " + std::to_string(limits::container_fields) + " fields";
}

std::string too_many_fields_at_once() {
    return "ERR more than " + std::to_string(limits::container_fields_changed) +
           " fields in one command";
}

remade remade_of(changed what, std::int64_t number) {
    if (what.count > limits::container_fields) return {.refusal = too_many_fields()};
    return {.data = std::move(what.data), .number = number};
}

std::optional<std::vector<field>> given_fields(call& asked, std::size_t at, bool have_values) {
    const std::size_t step = have_values ? 2 : 1;
    const auto given = asked.arguments.subspan(at);
    if (given.size() % step != 0) {
        asked.refuse_count();
        return std::nullopt;
    }
    if (given.size() / step > limits::container_fields_changed) {
        asked.refuse(too_many_fields_at_once());
        return std::nullopt;
    }
    std::vector<field> all;
    for (std::size_t i = 0; i < given.size(); i += step)
        all.push_back({.name = given[i], .value = have_values ? given[i + 1] : ""});
    settle(all);
    return all;
}

std::optional<places> places_of(call& asked, std::size_t size) {
    auto first = number_of(asked[2]);
    auto last = number_of(asked[3]);
    if (!first || !last) {
        asked.refuse_number();
        return std::nullopt;
    }
    const auto all = std::int64_t(size);
    if (*first < 0) *first = std::max<std::int64_t>(*first + all, 0);
    if (*last < 0) *last += all;
    *last = std::min(*last, all - 1);
    if (*first > *last) return places{};
    return places{.first = std::size_t(*first), .count = std::size_t(*last - *first + 1)};
}

task<> serve_hscan(call& asked) { co_await scan(asked, holding::hash); }

task<> serve_sscan(call& asked) { co_await scan(asked, holding::set); }

task<> serve_zscan(call& asked) { co_await scan(asked, holding::sorted_set); }

}  // namespace hawser::sessions::resp
