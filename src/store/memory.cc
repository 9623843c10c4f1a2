// SPDX-License-Identifier: Apache-2.0
#include "store/memory.h"

namespace hawser::store {

task<result<finding>> memory::read(record_id id, bool sees, steady_time now) {
    co_return residents_.read(id, sees, now);
}

task<result<change>> memory::write(record_id id, record what, expectation on, steady_time now) {
    if (what.lasts != durability::memory)
        co_return fail(errc::invalid, "the memory store outlives nothing");
    co_return residents_.write(id, what, on, now);
}

task<result<change>> memory::erase(record_id id, expectation on,
                                   std::chrono::milliseconds remembered, steady_time now) {
    co_return residents_.erase(id, on, remembered, now);
}

task<result<touched>> memory::touch(record_id id, touching how, steady_time now) {
    co_return residents_.touch(id, how, now).told;
}

task<result<page>> memory::scan(space& in, cursor from, std::size_t count, steady_time now) {
    co_return residents_.scan(in, from, count, now);
}

}  // namespace hawser::store
