// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "app/configuration.h"
#include "app/memory.h"
#include "app/strain.h"
#include "observe/exposition.h"
#include "proxy/admission.h"

namespace hawser::app {

/// How near the process is to its limits, as the control thread sees it: it looks every now and
/// then, and workers are told.
class overload {
  public:
    explicit overload(proxy::admission& told) : told_(told) {}

    /// Keeps these limits from now on; `descriptors` is how many the process may have open.
    void change_to(const process_limits& given, std::size_t descriptors);

    /// Looks at what is used now. Says once that something is near its end, and once that it is no
    /// more. True: memory is short, and what nobody uses should be let go of.
    bool look();

    void collect(observe::exposition& into) const;

  private:
    [[nodiscard]] memory_use memory() const;

    proxy::admission& told_;
    group_memory group_;
    process_limits limits_;
    memory_use seen_;
    strain connections_{{.tight = limits::connections_tight_percent}};
    strain memory_{{.tight = limits::memory_tight_percent, .full = limits::memory_full_percent}};
};

/// Of the descriptors half are for clients, so that each of them reaches a server; some are kept
/// for logs, checks and the operator (E161).
[[nodiscard]] std::size_t connections_for(std::size_t descriptors);

}  // namespace hawser::app
