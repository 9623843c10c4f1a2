// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "observe/former_totals.h"

namespace hawser::observe {

/// Label names and values of one sample, in the order in which they are shown.
using label_list = std::vector<std::pair<std::string_view, std::string_view>>;

/// Everything one scrape shows, gathered family by family.
///
/// A family is one metric name; whoever adds to it first gives its help and kind. Names are given
/// without our prefix: `hawser_` is put before all but the usual `process_*`.
class exposition {
  public:
    void counter(std::string_view name, std::string_view help, const label_list& labels,
                 double value);
    void gauge(std::string_view name, std::string_view help, const label_list& labels,
               double value);

    /// How often, and how long in all.
    void summary(std::string_view name, std::string_view help, const label_list& labels,
                 std::uint64_t count, std::chrono::microseconds sum);

    /// `counts` has one place for each bound, and one more for what lies above the last.
    void histogram(std::string_view name, std::string_view help, const label_list& labels,
                   std::span<const std::chrono::microseconds> bounds,
                   std::span<const std::uint64_t> counts, std::chrono::microseconds sum);

    /// Adds what other processes counted to the same series here, or as one more: of pools,
    /// servers, listeners and routes that are shown here. What is counted here in another way
    /// (another kind, other bounds) begins anew.
    void add(const former_totals& counted);

    /// All that only grows, but what is of this process alone.
    [[nodiscard]] std::vector<total> totals() const;

    /// In the Prometheus text format, version 0.0.4.
    [[nodiscard]] std::string text() const;

  private:
    enum class kind : std::uint8_t { counter, gauge, summary, histogram };
    struct sample {
        owned_labels labels;
        double value = 0;                        ///< of durations: the sum, in seconds
        std::vector<std::uint64_t> counts = {};  ///< of a histogram; a summary has one
        std::vector<double> bounds = {};         ///< of a histogram, in seconds
    };
    struct family {
        std::string help;
        kind type = kind::counter;
        std::vector<sample> samples;
    };

    family& family_of(std::string_view name, std::string_view help, kind type);
    [[nodiscard]] static kind kind_of(const total& one);
    static void go_on(sample& here, const total& before);
    [[nodiscard]] std::set<std::string> subjects() const;

    std::map<std::string, family, std::less<>> families_;
};

/// Who is asked at each scrape: the counters of this folder, and whatever others report of
/// themselves (servers, registry, connections, configuration).
class metrics {
  public:
    using source = std::function<void(exposition&)>;

    /// Sources are asked in the scraping thread, one scrape at a time.
    void add(source asked);

    /// What a process before this one has counted so far; its series go on here.
    void go_on_from(std::vector<total> counted);
    /// Of what it has counted, the sum of a family's series whose labels begin with these.
    [[nodiscard]] double counted_before(std::string_view family, const label_list& first) const;

    /// Asks all sources and returns the text to answer with.
    [[nodiscard]] std::string scrape() const { return gather().text(); }
    /// The same for the process after this one.
    [[nodiscard]] std::vector<total> totals() const { return gather().totals(); }

  private:
    [[nodiscard]] exposition gather() const;

    mutable std::mutex mutex_;
    std::vector<source> sources_;
    former_totals former_;
};

inline constexpr std::string_view metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";

/// The process itself: CPU time, memory, descriptors, threads, start.
void collect_process(exposition& into);

/// One series of value 1 whose labels say what was built.
void collect_build(exposition& into, std::string_view version, std::string_view revision);

}  // namespace hawser::observe
