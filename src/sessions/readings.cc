// SPDX-License-Identifier: Apache-2.0
#include "sessions/readings.h"

#include <cstring>
#include <ranges>
#include <span>
#include <utility>

namespace hawser::sessions {

namespace {

constexpr std::size_t beside_data = 160;  // entries of the tables, about
constexpr std::size_t forgotten_at_once = 64;
constexpr std::size_t looked_at_max = 4;

/// Data that several have read is counted for each of them, so the bound holds whoever goes first.
std::size_t bytes_of(const reading& one) {
    return beside_data + (one.data != nullptr ? one.data->size() : 0);
}

}  // namespace

shared_data share(std::string_view data) {
    const auto wipe = [](std::string* done) {
        ::explicit_bzero(done->data(), done->size());
        std::default_delete<std::string>()(done);
    };
    return {std::make_unique<std::string>(data).release(), wipe};
}

std::uint64_t readings::note(const store::record_id& id, store::version at, std::string_view data,
                             steady_time now) {
    auto& in = shard_of(id);
    const std::scoped_lock held(in.lock);
    reading made{.at = at};
    auto& of_session = in.of[id.hash[1]];
    if (!of_session.empty()) {
        const auto& former = in.all.at(of_session.back()).what;
        if (former.at == at && former.data != nullptr && *former.data == data)
            made.data = former.data;
    }
    if (made.data == nullptr) made.data = share(data);
    std::uint64_t number = 0;
    while (number == 0 || in.all.contains(number))
        in.chance.take(std::span(reinterpret_cast<std::uint8_t*>(&number), sizeof number));
    in.bytes += bytes_of(made);
    in.all.emplace(number, entry{.session = id.hash[1], .what = std::move(made), .noted = now});
    of_session.push_back(number);
    in.order.push_back(number);
    while (in.bytes > shard_bytes_max_ && in.order.size() > 1) in.forget_oldest();
    return number;
}

void readings::shard::forget_oldest() {
    const auto found = all.find(order.front());
    bytes -= bytes_of(found->second.what);
    const auto of_session = of.find(found->second.session);
    of_session->second.pop_front();
    if (of_session->second.empty()) of.erase(of_session);
    all.erase(found);
    order.pop_front();
}

std::optional<reading> readings::find(std::uint64_t number, const store::record_id& id) const {
    const auto& in = shard_of(id);
    const std::scoped_lock held(in.lock);
    const auto found = in.all.find(number);
    if (found == in.all.end() || found->second.session != id.hash[1]) return std::nullopt;
    return found->second.what;
}

void readings::answer(std::uint64_t number, const store::record_id& id,
                      std::optional<reading> now) {
    auto& in = shard_of(id);
    const std::scoped_lock held(in.lock);
    const auto found = in.all.find(number);
    if (found == in.all.end() || found->second.session != id.hash[1]) return;
    found->second.is_open = false;
    if (!now) return;
    in.bytes -= bytes_of(found->second.what);
    found->second.what = *std::move(now);
    in.bytes += bytes_of(found->second.what);
}

std::vector<reading> readings::open(const store::record_id& id) const {
    const auto& in = shard_of(id);
    const std::scoped_lock held(in.lock);
    std::vector<reading> found;
    const auto of_session = in.of.find(id.hash[1]);
    if (of_session == in.of.end()) return found;
    for (const auto number : of_session->second | std::views::reverse) {
        const auto& one = in.all.at(number);
        if (one.is_open) found.push_back(one.what);
        if (found.size() == looked_at_max) break;
    }
    return found;
}

void readings::forget_before(steady_time then) {
    for (auto& each : all_) {
        const std::scoped_lock held(each.lock);
        for (std::size_t i = 0; i < forgotten_at_once; ++i) {
            if (each.order.empty() || each.all.at(each.order.front()).noted >= then) break;
            each.forget_oldest();
        }
    }
}

std::size_t readings::bytes() const {
    std::size_t sum = 0;
    for (const auto& each : all_) {
        const std::scoped_lock held(each.lock);
        sum += each.bytes;
    }
    return sum;
}

}  // namespace hawser::sessions
