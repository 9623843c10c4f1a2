// SPDX-License-Identifier: Apache-2.0
// Releases of a pool, and which of its servers runs which of them.
#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "app/configuration/checks.h"
#include "discovery/file.h"

namespace hawser::app {
namespace {

using config::diagnostics;
using config::node;

/// A file says of each of its servers what that runs; what else is found is all alike.
bool may_be_of_any_release(const discovery::choice& found) {
    return found.settings_if<discovery::file>() != nullptr;
}

/// A server of the file runs it, or one that is found may.
bool is_run(const release& one, const pool& by) {
    const auto runs = [&](const auto& each) { return each.second.release == one.name; };
    if (one.discover || std::ranges::any_of(by.servers, runs)) return true;
    return by.discover &&
           (by.discovered.release == one.name || may_be_of_any_release(*by.discover));
}

/// Who is found runs one of the releases.
void check_found_releases(const std::string& name, const pool& one, const node& written,
                          diagnostics& out) {
    const auto& theirs = one.discovered.release;
    if (!theirs.empty() &&
        std::ranges::find(one.releases, theirs, &release::name) == one.releases.end())
        out.error(written.place({"pools", name, "discovered", "release"}),
                  "the pool has no release `" + theirs + "`");
    if (one.releases.empty() || !one.discover) return;
    const auto at = written.place({"pools", name, "discover"});
    if (std::ranges::any_of(one.releases,
                            [](const auto& each) { return each.discover.has_value(); }))
        out.error(at, "either the pool has a `discover`, or its `releases` have");
    if (theirs.empty() && !may_be_of_any_release(*one.discover))
        out.error(at,
                  "who is found must run one of the `releases`: say which in `discovered`, or give "
                  "each of them a `discover` of its own");
}

void check_pool(const std::string& name, const pool& one, const node& written, diagnostics& out) {
    const auto at = written.place({"pools", name, "releases"});
    check_found_releases(name, one, written, out);
    std::set<std::string_view> names;
    bool has_share = false;
    for (const auto& each : one.releases) {
        if (!names.insert(each.name).second)
            out.error(at, "the release `" + each.name + "` is there twice");
        if (!is_run(each, one)) out.error(at, "no server runs the release `" + each.name + "`");
        has_share |= each.weight != 0;
    }
    for (const auto& [server_name, server] : one.servers) {
        const auto place = written.place({"pools", name, "servers", server_name});
        if (server.release.empty() && !names.empty())
            out.error(place, "it needs a `release`, as its pool has `releases`");
        else if (!server.release.empty() && !names.contains(server.release))
            out.error(place, "the pool has no release `" + server.release + "`");
    }
    if (one.releases.empty()) return;
    if (!has_share) out.error(at, "every release has the weight 0, so nobody gets new sessions");
    if (one.affinity.empty())
        out.error(at, "sessions are bound to `releases`, so they need `affinity`");
}

}  // namespace

void check_releases(const configuration& given, const node& written, diagnostics& out) {
    for (const auto& [name, one] : given.pools) check_pool(name, one, written, out);
}

}  // namespace hawser::app
