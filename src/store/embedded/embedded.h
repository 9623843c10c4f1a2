// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "crypto/key_ring.h"
#include "io/worker.h"
#include "store/embedded/committer.h"
#include "store/residents.h"
#include "store/store.h"

namespace hawser::store {

/// Records in this process's memory and on its disk: all of them are resident, reads never wait.
///
/// A change is decided in memory and told once it is as safe as its class wants it: `interval`
/// outlives this process, and, but for the last two seconds, the machine; `sync` outlives both.
/// Others may see it before that. How long a record was idle goes to the disk in batches: after a
/// crash it seems to have been seen at most `touch_cover` later than it was.
///
/// While a namespace is read after the start, all its calls are `unavailable`. While nothing can be
/// kept, changes are too (or `exhausted`: the disk is full), unless the namespace wants them served
/// from memory; then they tell that class, and are kept later.
class embedded final : public store {
  public:
    struct settings {
        residents::settings memory;
        committer::settings disk;
    };

    embedded(settings given, const crypto::key_ring& ring, steady_time now);

    /// Calls come from these workers, which outlive it.
    void serve(std::vector<io::worker*> workers) { workers_ = std::move(workers); }
    /// `in` is kept from now on, and what it had kept is read. Classes but `memory` need that.
    void add(space& in) { disk_.add(in); }
    void use(const crypto::key_ring& ring) { disk_.use(ring); }
    /// What is of class `memory` will go to another process: it is not lost with this one.
    void leave_light_records() { disk_.leave_light_records(); }
    /// Lets go of the disk; after the last call.
    void close() { disk_.close(); }

    [[nodiscard]] task<result<finding>> read(record_id id, bool sees, steady_time now) override;
    [[nodiscard]] task<result<change>> write(record_id id, record what, expectation on,
                                             steady_time now) override;
    [[nodiscard]] task<result<change>> erase(record_id id, expectation on,
                                             std::chrono::milliseconds remembered,
                                             steady_time now) override;
    [[nodiscard]] task<result<touched>> touch(record_id id, touching how, steady_time now) override;
    [[nodiscard]] task<result<page>> scan(space& in, cursor from, std::size_t count,
                                          steady_time now) override;
    [[nodiscard]] std::optional<result<>> show(const record_id& id, bool sees, steady_time now,
                                               const look& look) override;
    [[nodiscard]] std::optional<result<revised>> revise(const record_id& id, std::string_view name,
                                                        std::string_view data, steady_time now,
                                                        const decision& decide) override;
    [[nodiscard]] task<result<durability>> settle(space& in, durability unsettled,
                                                  std::size_t changes) override;
    bool sweep(steady_time now, std::size_t budget) override { return memory_.sweep(now, budget); }

    [[nodiscard]] occupancy& held() noexcept { return memory_.held(); }
    /// All that is there; for what goes from process to process.
    [[nodiscard]] residents& records() noexcept { return memory_; }
    /// How the disk does; `failing` too when it does not answer.
    [[nodiscard]] condition fares() const {
        return disk_.is_stuck() ? condition::failing : disk_.counted().fares.load();
    }
    [[nodiscard]] const committed& counted() const noexcept { return disk_.counted(); }

  private:
    [[nodiscard]] result<> may_change(space& in) const;
    [[nodiscard]] result<> may_change(const record_id& id);
    [[nodiscard]] bool is_failing(const space& in) const;
    [[nodiscard]] io::worker& here() const;

    residents memory_;
    committer disk_;
    std::vector<io::worker*> workers_;
};

}  // namespace hawser::store
