// SPDX-License-Identifier: Apache-2.0
#include "app/crew.h"

#include <latch>
#include <utility>

#include "io/epoll/epoll_engine.h"

namespace hawser::app {

result<std::unique_ptr<crew>> crew::start(std::size_t workers, const equipment& equip) {
    auto made = std::make_unique<crew>();
    for (unsigned index = 0; index < workers; ++index) {
        auto engine = io::make_epoll_engine();
        if (!engine) return std::unexpected(std::move(engine.error()));
        auto& self = *made->hands_.emplace_back(std::make_unique<hand>());
        self.thread = std::thread([&self, index, engine = std::move(*engine), equip]() mutable {
            work(self, index, std::move(engine), equip);
        });
        self.station.wait(nullptr);
    }
    return made;
}

void crew::work(hand& self, unsigned index, std::unique_ptr<io::engine> engine,
                const equipment& equip) {
    io::worker worker(index, std::move(engine));
    proxy::station station(worker, equip(index));
    self.worker = &worker;
    self.station = &station;
    self.station.notify_all();
    worker.run_until([&] { return self.leaves && station.is_quiet(); });
    station.put_away();
    self.is_let_go.wait(false);
}

crew::~crew() {
    for (auto& each : hands_) {
        each->worker.load()->post([&self = *each] {
            self.leaves = true;
            self.station.load()->stop();
        });
        each->is_let_go = true;
        each->is_let_go.notify_one();
    }
    for (auto& each : hands_) each->thread.join();
}

void crew::tell_all(const std::function<void(proxy::station&)>& what) {
    std::latch told(std::ptrdiff_t(hands_.size()));
    for (auto& each : hands_) {
        each->worker.load()->post([&what, &told, &station = *each->station.load()] {
            what(station);
            told.count_down();
        });
    }
    told.wait();
}

void crew::tell(unsigned worker, const std::function<void(proxy::station&)>& what) {
    std::latch told(1);
    hands_[worker]->worker.load()->post([&what, &told, &station = *hands_[worker]->station.load()] {
        what(station);
        told.count_down();
    });
    told.wait();
}

bool crew::is_quiet() {
    std::atomic<bool> quiet{true};
    tell_all([&](proxy::station& each) {
        if (!each.is_quiet()) quiet = false;
    });
    return quiet;
}

bool crew::have_all_turned() {
    bool all = true;
    for (auto& each : hands_) {
        const std::uint64_t turns = each->worker.load()->turns_taken();
        all &= std::exchange(each->turns_seen, turns) != turns;
        each->worker.load()->post([] {});
    }
    return all;
}

}  // namespace hawser::app
