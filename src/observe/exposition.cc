// SPDX-License-Identifier: Apache-2.0
#include "observe/exposition.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <set>
#include <sstream>
#include <utility>

#include "base/ensure.h"

namespace hawser::observe {

namespace {

double seconds_of(std::chrono::microseconds duration) {
    return std::chrono::duration<double>(duration).count();
}

owned_labels owned(const label_list& labels) { return {labels.begin(), labels.end()}; }

/// What a series tells of that may come and go: `pool shop`, `server shop/a`.
std::set<std::string> subjects_of(const owned_labels& labels) {
    std::set<std::string> all;
    std::string pool;
    for (const auto& [name, value] : labels) {
        if (value.empty()) continue;
        if (name == "pool") pool = value;
        if (name == "pool" || name == "listener" || name == "route") all.insert(name + " " + value);
        if (name == "server") all.insert("server " + pool + "/" + value);
    }
    return all;
}

/// It spends its own time and memory, whoever was there before.
bool is_of_process(std::string_view name) { return name.starts_with("process_"); }

prometheus::ClientMetric::Histogram histogram_of(std::span<const std::uint64_t> counts,
                                                 std::span<const double> bounds, double sum) {
    prometheus::ClientMetric::Histogram shown;
    for (std::size_t index = 0; index < counts.size(); ++index) {
        shown.sample_count += counts[index];
        const double bound =
            index < bounds.size() ? bounds[index] : std::numeric_limits<double>::infinity();
        shown.bucket.push_back({shown.sample_count, bound});
    }
    shown.sample_sum = sum;
    return shown;
}

}  // namespace

exposition::family& exposition::family_of(std::string_view name, std::string_view help, kind type) {
    const std::string full =
        is_of_process(name) ? std::string(name) : "hawser_" + std::string(name);
    const auto [place, is_new] = families_.try_emplace(full);
    if (is_new) {
        place->second.help = help;
        place->second.type = type;
    }
    ensure(place->second.type == type, "a metric is of one kind");
    return place->second;
}

void exposition::counter(std::string_view name, std::string_view help, const label_list& labels,
                         double value) {
    family_of(name, help, kind::counter).samples.push_back({owned(labels), value});
}

void exposition::gauge(std::string_view name, std::string_view help, const label_list& labels,
                       double value) {
    family_of(name, help, kind::gauge).samples.push_back({owned(labels), value});
}

void exposition::summary(std::string_view name, std::string_view help, const label_list& labels,
                         std::uint64_t count, std::chrono::microseconds sum) {
    family_of(name, help, kind::summary)
        .samples.push_back({owned(labels), seconds_of(sum), {count}});
}

void exposition::histogram(std::string_view name, std::string_view help, const label_list& labels,
                           std::span<const std::chrono::microseconds> bounds,
                           std::span<const std::uint64_t> counts, std::chrono::microseconds sum) {
    ensure(counts.size() == bounds.size() + 1, "the last bucket has no upper end");
    sample one{owned(labels), seconds_of(sum), {counts.begin(), counts.end()}};
    for (const auto bound : bounds) one.bounds.push_back(seconds_of(bound));
    family_of(name, help, kind::histogram).samples.push_back(std::move(one));
}

exposition::kind exposition::kind_of(const total& one) {
    if (one.counts.empty()) return kind::counter;
    return one.bounds.empty() ? kind::summary : kind::histogram;
}

void exposition::add(const former_totals& counted) {
    if (counted.families().empty()) return;
    const auto present = subjects();
    for (const auto& [name, series] : counted.families()) {
        const total& first = series.begin()->second;
        const auto type = kind_of(first);
        auto rest = series;
        auto& to = families_.try_emplace(name, family{first.help, type, {}}).first->second;
        if (to.type != type) continue;
        for (auto& one : to.samples) {
            const auto before = rest.extract(one.labels);
            if (before) go_on(one, before.mapped());
        }
        for (auto& [labels, before] : rest)
            if (std::ranges::includes(present, subjects_of(labels)))
                to.samples.push_back({labels, before.value, before.counts, before.bounds});
        if (to.samples.empty()) families_.erase(name);
    }
}

void exposition::go_on(sample& here, const total& before) {
    if (before.bounds != here.bounds || before.counts.size() != here.counts.size()) return;
    here.value += before.value;
    std::ranges::transform(here.counts, before.counts, here.counts.begin(), std::plus());
}

std::set<std::string> exposition::subjects() const {
    std::set<std::string> all;
    for (const auto& [name, family] : families_)
        for (const auto& one : family.samples) all.merge(subjects_of(one.labels));
    return all;
}

std::vector<total> exposition::totals() const {
    std::vector<total> all;
    for (const auto& [name, family] : families_) {
        if (family.type == kind::gauge || is_of_process(name)) continue;
        for (const auto& one : family.samples)
            all.push_back({name, family.help, one.labels, one.value, one.counts, one.bounds});
    }
    return all;
}

std::string exposition::text() const {
    std::vector<prometheus::MetricFamily> shown;
    shown.reserve(families_.size());
    for (const auto& [name, family] : families_) {
        auto& each = shown.emplace_back();
        each.name = name;
        each.help = family.help;
        for (const auto& sample : family.samples) {
            auto& metric = each.metric.emplace_back();
            for (const auto& [label, value] : sample.labels) metric.label.push_back({label, value});
            switch (family.type) {
                case kind::counter:
                    each.type = prometheus::MetricType::Counter;
                    metric.counter.value = sample.value;
                    break;
                case kind::gauge:
                    each.type = prometheus::MetricType::Gauge;
                    metric.gauge.value = sample.value;
                    break;
                case kind::summary:
                    each.type = prometheus::MetricType::Summary;
                    metric.summary.sample_count = sample.counts.front();
                    metric.summary.sample_sum = sample.value;
                    break;
                case kind::histogram:
                    each.type = prometheus::MetricType::Histogram;
                    metric.histogram = histogram_of(sample.counts, sample.bounds, sample.value);
                    break;
            }
        }
    }
    std::ostringstream text;
    prometheus::TextSerializer().Serialize(text, shown);
    return std::move(text).str();
}

void metrics::add(source asked) {
    const std::scoped_lock lock(mutex_);
    sources_.push_back(std::move(asked));
}

void metrics::go_on_from(std::vector<total> counted) {
    const std::scoped_lock lock(mutex_);
    for (auto& each : counted) former_.set(std::move(each));
}

double metrics::counted_before(std::string_view family, const label_list& first) const {
    const auto wanted = owned(first);
    const std::scoped_lock lock(mutex_);
    const auto found = former_.families().find("hawser_" + std::string(family));
    if (found == former_.families().end()) return 0;
    double sum = 0;
    // Series are in the order of their labels.
    for (auto at = found->second.lower_bound(wanted); at != found->second.end(); ++at) {
        const auto& labels = at->first;
        if (labels.size() < wanted.size() ||
            !std::equal(wanted.begin(), wanted.end(), labels.begin()))
            break;
        sum += at->second.value;
    }
    return sum;
}

exposition metrics::gather() const {
    exposition gathered;
    const std::scoped_lock lock(mutex_);
    for (const auto& source : sources_) source(gathered);
    gathered.add(former_);
    return gathered;
}

}  // namespace hawser::observe
