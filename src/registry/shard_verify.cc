// SPDX-License-Identifier: Apache-2.0
// What must hold between any two calls, checked in full.

#include <vector>

#include "base/ensure.h"
#include "registry/shard.h"

namespace hawser::registry {

void shard::verify() const {
    const std::lock_guard held(lock_);
    std::vector<ledger::place> counted(ledger_.places());
    std::uint32_t established = 0;
    std::uint32_t tentative = 0;
    std::size_t named = 0;
    for (record_number number = 1; number <= entries_.used(); ++number) {
        const entry& mine = entries_[number];
        if (mine.is(entry::live) || mine.requests != 0) ++counted[mine.place].records;
        if (!mine.is(entry::live)) {
            ensure(mine.flags == 0, "an ended session has no flags");
            continue;
        }
        const bool is_tentative = mine.is(entry::tentative);
        ++(is_tentative ? tentative : established);
        ++(is_tentative ? counted[mine.place].tentative : counted[mine.place].established);
        ensure(mine.tunnels <= mine.requests, "a tunnel is a request in flight");
        ensure(mine.keys > 0, "a live session has a key");
        if (mine.is(entry::named)) {
            ++named;
            const auto at = index_.find(mine.name.low(), [&](key_index::reference to) {
                return !to.extra && to.number == number;
            });
            ensure(at != key_index::nowhere, "the index leads to every entry that is named");
        }
    }
    ensure(established == established_ && tentative == tentative_, "the shard counts its sessions");
    ensure(named + extras_.count() == index_.keys(), "the index holds every key, and no other");
    for (ledger::place_number at = 1; at < counted.size(); ++at)
        ensure(counted[at].records == ledger_[at].records &&
                   counted[at].established == ledger_[at].established &&
                   counted[at].tentative == ledger_[at].tentative,
               "the counts of a home are those of its sessions");

    std::size_t filed = 0;
    for (std::size_t which = 0; which < wheels_.size(); ++which)
        filed += wheels_[which].verify([&](record_number number) {
            const entry& mine = entries_[number];
            ensure(mine.is(entry::live), "only live sessions are filed");
            ensure(&wheels_[which] == &wheel_of(mine), "a session is filed in its own wheel");
        });
    ensure(filed == std::size_t{established} + tentative, "every session is filed once");
}

}  // namespace hawser::registry
