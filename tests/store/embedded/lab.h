// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "store/embedded/embedded.h"
#include "store/embedded/mortal_disk.h"
#include "store/ground.h"

namespace hawser::store {

using namespace std::chrono_literals;

/// An embedded store on a disk that can fail, which can be closed and opened again.
class embedded_lab {
  public:
    embedded_lab() { open(); }

    /// Starts the store, and waits until it is ready, unless it cannot be.
    void open(bool becomes_ready = true) {
        shop = std::make_unique<space>("shop", 3);
        kept = make();
        if (becomes_ready) await(condition::ready);
    }
    void close() {
        kept.reset();
        shop.reset();
    }
    void reopen() {
        close();
        open();
    }

    [[nodiscard]] std::unique_ptr<embedded> make() {
        embedded::settings how{.memory = {.records = 1000},
                               .disk = {.where = {.directory = sessions(), .disk = disk.env()},
                                        .clock = [this] { return clocks(); },
                                        .patience = patience}};
        auto made = std::make_unique<embedded>(std::move(how), ring, now());
        made->serve({&here});
        made->on_end([this](const ending& what) { ended.push_back(what.name); });
        made->on_load([this](const record_id&, std::uint64_t user, steady_time created) {
            users[created] = user;
        });
        made->add(*shop);
        return made;
    }

    void await(condition what) const {
        while (shop->condition() != what) std::this_thread::yield();
    }

    [[nodiscard]] record_id id(std::string_view name) const {
        return {.in = shop.get(), .hash = {stable_hash(name, 1), stable_hash(name, 2)}};
    }

    /// Runs one call of the store to its end.
    template <typename T>
    T ask(task<T> call) {
        std::optional<T> told;
        run_on(here, take(std::move(call), told));
        return std::move(*told);
    }

    result<change> write(std::string_view name, std::string_view data,
                         durability lasts = durability::sync, const lifetime& life = {},
                         const expectation& on = {}) {
        record what{
            .name = std::string(name), .data = std::string(data), .life = life, .lasts = lasts};
        return ask(kept->write(id(name), std::move(what), on, now()));
    }
    result<change> erase(std::string_view name, std::chrono::milliseconds remembered = 0ms) {
        return ask(kept->erase(id(name), {}, remembered, now()));
    }
    finding read(std::string_view name, bool sees = false) {
        return ask(kept->read(id(name), sees, now())).value();
    }
    /// The data, or `-`.
    std::string data_of(std::string_view name) {
        const auto found = read(name);
        return found.record ? found.record->data : "-";
    }

    [[nodiscard]] std::uint64_t syncs() const {
        std::uint64_t sum = 0;
        for (const auto& each : kept->counted().syncs) sum += each;
        return sum;
    }
    [[nodiscard]] std::filesystem::path sessions() const { return place.path / "sessions"; }
    [[nodiscard]] instant clocks() const {
        const auto real = read_clocks();
        const auto more = passed.load();
        return {.steady = real.steady + more, .wall = real.wall + more};
    }
    [[nodiscard]] steady_time now() const { return clocks().steady; }
    /// Time passes, for the store and for the test.
    void pass(std::chrono::milliseconds time) { passed = passed.load() + time; }

    /// All that lies on the disk.
    [[nodiscard]] std::string all_files() const {
        std::string all;
        for (const auto& each : std::filesystem::recursive_directory_iterator(place.path)) {
            if (!each.is_regular_file()) continue;
            std::ifstream from(each.path(), std::ios::binary);
            all.append(std::istreambuf_iterator<char>(from), {});
        }
        return all;
    }

    std::atomic<std::chrono::milliseconds> passed{0ms};
    std::chrono::milliseconds patience = 1min;
    folder place;
    mortal_disk disk;
    crypto::key_ring ring = ring_of_tests();
    io::worker here{0, io::make_epoll_engine().value()};
    std::vector<std::string> ended;
    std::map<steady_time, std::uint64_t> users;  ///< of what was loaded, by when it was created
    std::unique_ptr<space> shop;
    std::unique_ptr<embedded> kept;

  private:
    template <typename T>
    static task<> take(task<T> call, std::optional<T>& into) {
        into.emplace(co_await std::move(call));
    }
};

}  // namespace hawser::store
