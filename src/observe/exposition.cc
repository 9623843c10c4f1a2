// SPDX-License-Identifier: Apache-2.0
#include "observe/exposition.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <limits>
#include <sstream>

#include "base/ensure.h"

namespace hawser::observe {

namespace {

double seconds_of(std::chrono::microseconds duration) {
    return std::chrono::duration<double>(duration).count();
}

std::vector<std::pair<std::string, std::string>> owned(const label_list& labels) {
    return {labels.begin(), labels.end()};
}

prometheus::ClientMetric::Histogram histogram_of(std::span<const std::uint64_t> counts,
                                                 std::span<const std::chrono::microseconds> bounds,
                                                 double sum) {
    prometheus::ClientMetric::Histogram shown;
    for (std::size_t index = 0; index < counts.size(); ++index) {
        shown.sample_count += counts[index];
        const double bound = index < bounds.size() ? seconds_of(bounds[index])
                                                   : std::numeric_limits<double>::infinity();
        shown.bucket.push_back({shown.sample_count, bound});
    }
    shown.sample_sum = sum;
    return shown;
}

}  // namespace

exposition::family& exposition::family_of(std::string_view name, std::string_view help, kind type) {
    const std::string full =
        name.starts_with("process_") ? std::string(name) : "hawser_" + std::string(name);
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

void exposition::histogram(std::string_view name, std::string_view help, const label_list& labels,
                           std::span<const std::chrono::microseconds> bounds,
                           std::span<const std::uint64_t> counts, std::chrono::microseconds sum) {
    ensure(counts.size() == bounds.size() + 1, "the last bucket has no upper end");
    family_of(name, help, kind::histogram)
        .samples.push_back(
            {owned(labels), seconds_of(sum), {counts.begin(), counts.end()}, bounds});
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

std::string metrics::scrape() const {
    exposition gathered;
    {
        const std::scoped_lock lock(mutex_);
        for (const auto& source : sources_) source(gathered);
    }
    return gathered.text();
}

}  // namespace hawser::observe
