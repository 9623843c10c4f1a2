// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "store/embedded/mortal_disk.h"
#include "store/ground.h"
#include "store/store.h"

namespace hawser::store {

using namespace std::chrono_literals;

class contract_lab;

/// A kind of store under contract.
struct contracted {
    std::string_view name;
    durability lasts;  ///< the class that its records have
    /// For the lab's worker and namespaces; its files lie in the lab's place.
    std::function<std::unique_ptr<store>(contract_lab& lab, const room& all)> make;

    friend void PrintTo(const contracted& one, std::ostream* out) { *out << one.name; }
};

/// A store, two namespaces, and a time that only the test moves.
class contract_lab {
  public:
    explicit contract_lab(const contracted& kind, const room& all = {})
        : lasts(kind.lasts), kept(kind.make(*this, all)) {
        kept->on_end([this](const ending& what) {
            (what.why == end_cause::expired ? expired : evicted)
                .push_back(std::string(what.in.name()) + "/" + what.name);
        });
    }

    [[nodiscard]] record_id id(std::string_view name, space* in = nullptr) {
        auto& where = in != nullptr ? *in : shop;
        return {.in = &where, .hash = {stable_hash(name, 1), stable_hash(name, 2)}};
    }
    [[nodiscard]] record named(std::string_view name, std::string_view data,
                               const lifetime& life = {}) const {
        return {.name = std::string(name), .data = std::string(data), .life = life, .lasts = lasts};
    }

    task<result<change>> write(std::string name, std::string data, expectation on = {},
                               lifetime life = {}) {
        co_return co_await kept->write(id(name), named(name, data, life), on, now);
    }
    task<result<change>> erase(std::string name, std::chrono::milliseconds remembered = 0ms) {
        co_return co_await kept->erase(id(name), {}, remembered, now);
    }
    /// The data, or `-`.
    task<std::string> data_of(std::string name, bool sees = false) {
        const auto found = co_await kept->read(id(name), sees, now);
        co_return found && found->record ? found->record->data : "-";
    }
    task<version> version_of(std::string name) {
        const auto found = co_await kept->read(id(name), false, now);
        co_return found ? found->at : no_version;
    }
    task<std::vector<std::string>> names(space& in, std::size_t count) {
        std::vector<std::string> all;
        cursor at{};
        do {
            const auto some = co_await kept->scan(in, at, count, now);
            for (const auto& each : some->found) all.push_back(each.name);
            at = some->next;
        } while (at != cursor{});
        co_return all;
    }
    void pass(std::chrono::milliseconds time) { now += time; }
    void sweep() {
        while (kept->sweep(now, 100)) {
        }
    }

    io::worker here{0, io::make_epoll_engine().value()};
    folder place;
    mortal_disk disk;
    steady_time now{1000h};
    durability lasts;
    space shop{"shop", 3};
    space blog{"blog", 4};
    std::vector<std::string> expired;
    std::vector<std::string> evicted;
    std::unique_ptr<store> kept;
};

class store_contract : public testing::TestWithParam<contracted> {
  public:
    void run(task<> (*body)(contract_lab&), const room& all = {}) {
        contract_lab lab(GetParam(), all);
        run_on(lab.here, body(lab));
    }
};

}  // namespace hawser::store

/// What every store promises; the body is a coroutine with a `contract_lab` called `at`.
#define STORE_PROMISES_WITH(promise, ...)                                                  \
    ::hawser::task<> body_of_##promise(::hawser::store::contract_lab& at);                 \
    TEST_P(store_contract, promise) { run(body_of_##promise __VA_OPT__(, ) __VA_ARGS__); } \
    ::hawser::task<> body_of_##promise([[maybe_unused]] ::hawser::store::contract_lab& at)
#define STORE_PROMISES(promise) STORE_PROMISES_WITH(promise)
