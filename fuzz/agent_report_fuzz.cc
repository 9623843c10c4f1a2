// SPDX-License-Identifier: Apache-2.0
#include "health/agent_report.h"

#include <string>

#include "input.h"

namespace hawser::health {
namespace {

/// In the words of a report.
std::string written(const agent_report& said) {
    using upstream::admin_state;
    std::string line;
    if (said.percent) line += std::to_string(*said.percent) + "% ";
    if (said.is_fit) line += *said.is_fit ? "up " : "down ";
    if (said.wish) {
        const auto wish = *said.wish;
        line += wish == admin_state::ready   ? "ready"
                : wish == admin_state::drain ? "drain"
                                             : "maint";
    }
    return line;
}

void check_percent(std::string_view text) {
    const auto value = read_percent(text);
    if (!value) return;
    ensure(*value <= 100, "nobody asks for more than all of it");
    ensure(read_percent(std::to_string(*value) + "%") == value, "what is written is read");
}

void check(std::string_view text) {
    const fuzz::exact_copy line(text);
    check_percent(line.view());
    const auto read = read_agent_report(line.view());
    if (!read) {
        ensure(read.error().code == errc::malformed, "a refusal says that the report is malformed");
        return;
    }
    ensure(read->percent || read->is_fit || read->wish, "a report says something");
    ensure(!read->percent || *read->percent <= 100, "nobody asks for more than all of it");
    ensure(read_agent_report(written(*read)) == *read, "what is written is read");

    const fuzz::exact_copy words(text.substr(0, text.find('#')));
    ensure(read_agent_report(words.view()) == *read, "what is for people does not matter");
    const auto twice = std::string(words.view()) + "," + std::string(words.view());
    ensure(read_agent_report(twice) == *read, "to say it again changes nothing");
    ensure(!read_agent_report(std::string(words.view()) + ",\x01"), "half a report is none");
}

}  // namespace
}  // namespace hawser::health

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    hawser::health::check(hawser::fuzz::input(data, size).text());
    return 0;
}
