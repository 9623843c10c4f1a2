// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/ensure.h"
#include "input.h"
#include "state/records.h"
#include "state/totals.h"

using namespace hawser;

namespace {

/// Records of a snapshot or a handover: refused, or read to what is written the same.
template <typename Read>
void read_and_write(std::span<const std::uint8_t> text, Read read) {
    const auto all = read(text);
    if (!all) return;
    state::bytes again;
    for (const auto& one : *all) state::append(one, again);
    ensure(std::ranges::equal(again, text), "what was read is written as it was");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::input given(data, size);
    const auto what = given.choose(5);
    const auto text = given.text();
    const std::span from(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    if (what == 0) read_and_write(from, state::read_sessions);
    if (what == 1) read_and_write(from, state::read_servers);
    if (what == 2) read_and_write(from, state::read_totals);
    if (what == 3) read_and_write(from, state::read_endings);
    if (what == 4) read_and_write(from, state::read_findings);
    return 0;
}
