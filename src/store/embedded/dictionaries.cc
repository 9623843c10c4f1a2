// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/dictionaries.h"

#include <string.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

namespace hawser::store {

namespace {

constexpr double worse_by = 1.25;   // then another one is trained
constexpr double better_by = 0.85;  // else it is not worth what it costs

void wipe(std::vector<std::string>& all) {
    for (auto& each : all) ::explicit_bzero(each.data(), each.size());
    all.clear();
}

std::size_t packed_bytes(std::span<const std::string> all, const dictionary* with) {
    packer by;
    std::string into;
    std::size_t sum = 0;
    for (const auto& each : all) {
        into.clear();
        sum += by.pack(each, with, into) ? into.size() : each.size();
    }
    return sum;
}

/// Looks at a part of them whether it is any better for those that it was not trained with.
dictionaries::one train(std::vector<std::string> samples, const dictionaries::one& former) {
    const auto all = std::span<const std::string>(samples);
    const auto seen = all.first(all.size() - all.size() / 4);
    const auto unseen = all.subspan(seen.size());
    dictionaries::one made = dictionary::train(seen);
    const auto most = better_by * double(packed_bytes(unseen, former.get()));
    if (made != nullptr && double(packed_bytes(unseen, made.get())) > most) made = nullptr;
    wipe(samples);
    return made;
}

}  // namespace

dictionaries::~dictionaries() {
    for (auto& each : states_) wipe(each.samples);
}

const dictionary* dictionaries::current(const space& in) const {
    const auto& all = states_[in.number()].all;
    return all.empty() ? nullptr : all.back().what.get();
}

const dictionary* dictionaries::find(const space& in, std::uint32_t id) {
    state& at = states_[in.number()];
    const auto found =
        std::ranges::find(at.all, id, [](const numbered& each) { return each.what->id(); });
    if (found == at.all.end()) return nullptr;
    at.asked_for.insert(found->number);
    return found->what.get();
}

void dictionaries::note(const record_id& id, std::string_view plain, std::size_t packed) {
    state& at = states_[id.in->number()];
    if (packed == 0) packed = plain.size();
    spared_ += plain.size() - packed;
    at.records += 1;
    at.plain += plain.size();
    at.packed += packed;
    if (at.is_learning)
        learn(*id.in, id.hash[1], plain);
    else if (at.records == (at.all.empty() ? tried_again : looked_at))
        look(at);
}

void dictionaries::learn(const space& in, std::uint64_t key, std::string_view plain) {
    state& at = states_[in.number()];
    if (at.samples.size() < samples) {
        if (at.sampled.insert(key).second) at.samples.emplace_back(plain.substr(0, sample_bytes));
        return;
    }
    if (trained_for_ != nullptr) return;  // one after the other
    trained_for_ = &in;
    std::promise<one> told;
    training_ = told.get_future();
    trainer_ = std::jthread([told = std::move(told), given = std::exchange(at.samples, {}),
                             former = at.all.empty() ? nullptr : at.all.back().what]() mutable {
        told.set_value(train(std::move(given), former));
    });
    begin_anew(at, false);
}

/// Whether records have become unlike those that the current dictionary was trained with.
void dictionaries::look(state& at) {
    const double left = double(at.packed) / double(at.plain);
    const bool has_room = at.all.size() < of_one_space;
    const bool is_worse = at.usual > 0 && left > at.usual * worse_by;
    if (at.usual == 0) at.usual = left;
    begin_anew(at, has_room && (at.all.empty() || is_worse));
}

void dictionaries::begin_anew(state& at, bool is_learning) {
    at.is_learning = is_learning;
    at.sampled.clear();
    at.records = at.plain = at.packed = 0;
}

std::optional<dictionaries::trained> dictionaries::take_trained() {
    if (trained_for_ == nullptr ||
        training_.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
        return std::nullopt;
    trained done{.in = std::exchange(trained_for_, nullptr), .made = training_.get()};
    state& at = states_[done.in->number()];
    begin_anew(at, false);
    at.usual = 0;
    if (done.made == nullptr || find(*done.in, done.made->id()) != nullptr) return std::nullopt;
    return done;
}

std::uint32_t dictionaries::add(const space& in, one what, std::optional<std::uint32_t> given) {
    auto& at = states_[in.number()];
    const std::uint32_t number = given.value_or(at.last_number + 1);
    at.all.push_back({.number = number, .what = std::move(what)});
    std::ranges::sort(at.all, {}, &numbered::number);
    reserve(in, number);
    begin_anew(at, false);
    at.usual = 0;
    return number;
}

void dictionaries::reserve(const space& in, std::uint32_t number) {
    auto& last = states_[in.number()].last_number;
    last = std::max(last, number);
}

void dictionaries::forget(const space& in) {
    state& at = states_[in.number()];
    wipe(at.samples);
    at = {};
}

std::vector<std::uint32_t> dictionaries::drop_unused(const space& in) {
    state& at = states_[in.number()];
    std::vector<std::uint32_t> dropped;
    if (at.all.empty()) return dropped;
    const std::uint32_t last = at.all.back().number;
    std::erase_if(at.all, [&](const numbered& each) {
        const bool is_used = each.number == last || at.asked_for.contains(each.number);
        if (!is_used) dropped.push_back(each.number);
        return !is_used;
    });
    return dropped;
}

}  // namespace hawser::store
