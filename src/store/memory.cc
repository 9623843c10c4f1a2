// SPDX-License-Identifier: Apache-2.0
#include "store/memory.h"

#include <functional>

namespace hawser::store {

namespace {

std::unexpected<error> outlives_nothing() {
    return fail(errc::invalid, "the memory store outlives nothing");
}

}  // namespace

task<result<finding>> memory::read(record_id id, bool sees, steady_time now) {
    if (id.in->condition() == condition::opening) co_return opening();
    co_return residents_.read(id, sees, now);
}

task<result<change>> memory::write(record_id id, record what, expectation on, steady_time now) {
    if (what.lasts != durability::memory) co_return outlives_nothing();
    if (id.in->condition() == condition::opening) co_return opening();
    co_return residents_.write(id, what, on, now);
}

std::optional<result<revised>> memory::revise(const record_id& id, std::string_view name,
                                              std::string_view data, steady_time now,
                                              const decision& decide) {
    if (id.in->condition() == condition::opening) return opening();
    bool is_light = true;
    const auto decide_light = [&](const record_view* there, version at) {
        revision by = decide(there, at);
        is_light = by.is != revision::what::write || by.lasts == durability::memory;
        if (!is_light) by.is = revision::what::leave;
        return by;
    };
    auto done = residents_.revise(id, name, data, now, std::ref(decide_light));
    if (!is_light) return outlives_nothing();
    return done;
}

task<result<change>> memory::erase(record_id id, expectation on,
                                   std::chrono::milliseconds remembered, steady_time now) {
    if (id.in->condition() == condition::opening) co_return opening();
    co_return residents_.erase(id, on, remembered, now);
}

task<result<touched>> memory::touch(record_id id, touching how, steady_time now) {
    if (how.as && how.as->lasts != durability::memory) co_return outlives_nothing();
    if (id.in->condition() == condition::opening) co_return opening();
    co_return residents_.touch(id, how, now).told;
}

task<result<page>> memory::scan(space& in, cursor from, std::size_t count, steady_time now) {
    if (in.condition() == condition::opening) co_return opening();
    co_return residents_.scan(in, from, count, now);
}

}  // namespace hawser::store
