// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/result.h"
#include "sessions/name_space.h"
#include "state/channel.h"
#include "state/kept_records.h"
#include "store/residents.h"
#include "store/store.h"

namespace hawser::app {

using kept_spaces =
    std::map<std::string, std::shared_ptr<hawser::sessions::name_space>, std::less<>>;

/// In the old process of an upgrade: gives to the new one what applications keep in this memory
/// only, over a channel of its own, and lets go of it on the way. Nobody else uses the store any
/// more. A thread of its own does that; its end is waited for by the destructor.
class record_giver {
  public:
    record_giver(store::residents& from, kept_spaces spaces, state::channel to);

  private:
    void give();
    [[nodiscard]] result<> give_all();
    [[nodiscard]] result<> put(const state::kept_item& one);
    [[nodiscard]] result<> send_full_blocks();
    [[nodiscard]] result<> send(std::span<const std::uint8_t> text);

    store::residents& from_;
    kept_spaces spaces_;
    state::channel to_;
    state::bytes block_;
    std::uint64_t given_ = 0;
    std::jthread thread_;
};

/// In the new process: takes it, and opens the namespaces, which were awaited until then, however
/// it ends: what does not come is told in the log, and counted as lost.
class record_taker {
  public:
    /// `tell` is called by the thread that takes for every record of a user's, before its namespace
    /// is open.
    record_taker(store::residents& into, kept_spaces spaces, state::channel from,
                 store::store::loaded tell);

  private:
    /// A namespace of the old process, by its number there.
    struct arrival {
        std::string name;
        hawser::sessions::name_space* in = nullptr;  ///< null: there is none of that name here
        std::uint64_t light = 0;
        std::uint64_t came = 0;  ///< of those
        bool is_told_of = false;
    };

    void take();
    [[nodiscard]] result<> take_all();
    [[nodiscard]] result<> take_items();
    [[nodiscard]] result<> take(const state::kept_space& one);
    [[nodiscard]] result<> take(const state::kept_renewal& one);
    [[nodiscard]] result<> take(const state::kept_record& one);
    [[nodiscard]] result<> take(const state::kept_end& one);
    void tell_of(const result<>& how, steady_time::duration took) const;

    store::residents& into_;
    kept_spaces spaces_;
    state::channel from_;
    store::store::loaded tell_;
    state::kept_reader reader_;
    std::array<arrival, store::space::numbers_max> arrivals_;
    bool is_over_ = false;
    std::jthread thread_;
};

}  // namespace hawser::app
