// SPDX-License-Identifier: Apache-2.0
#include "app/override_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/limits.h"
#include "config/json_reader.h"
#include "config/write.h"
#include "crypto/private_file.h"
#include "observe/log.h"

namespace hawser::app {

namespace {

constexpr unsigned present_version = 1;

/// What stands in the file.
struct document {
    unsigned version = present_version;
    std::vector<set_value> all = {};

    static void describe(config::fields<document>& field) {
        field("version", &document::version, "Of the document.")
            .required()
            .minimum(present_version)
            .maximum(present_version);
        field("overrides", &document::all, "What people have set at run time.").required();
    }
};

bool has_its_value(const set_value& one) {
    return one.settings.has_value() == (one.field == override_field::added) &&
           one.state.has_value() == (one.field == override_field::state) &&
           one.weight.has_value() == (one.field == override_field::weight) &&
           (!one.drain || one.state == upstream::admin_state::drain);
}

result<overrides> parse(std::string_view text, const std::string& name) {
    config::diagnostics problems;
    const auto tree = config::parse_json(text, name, problems);
    document read;
    if (!problems.has_errors()) config::codec<document>::read(tree, read, problems);
    if (problems.has_errors()) return fail(errc::invalid, problems.text());
    if (read.all.size() > limits::overrides_max)
        return fail(errc::invalid, name + ": holds too many");
    if (!std::ranges::all_of(read.all, has_its_value))
        return fail(errc::invalid, name + ": a value is missing");
    return overrides(std::move(read.all));
}

}  // namespace

override_file::override_file(std::string_view state, std::string_view origin) {
    if (origin.empty()) return;
    path_ =
        std::filesystem::path(state) / fmt::format("overrides-{:016x}.json", stable_hash(origin));
}

overrides override_file::load() const {
    if (path_.empty()) return {};
    const auto text = crypto::read_private(path_, limits::overrides_file_max);
    if (!text && text.error().code == errc::not_found) return {};
    auto read = text ? parse(text->view(), path_.string()) : std::unexpected(text.error());
    if (read) return std::move(*read);
    set_aside(read.error().context);
    return {};
}

void override_file::set_aside(std::string_view why) const {
    if (path_.empty()) return;
    auto aside = path_;
    aside += ".damaged";
    std::error_code failed;
    std::filesystem::rename(path_, aside, failed);
    observe::log(observe::level::error,
                 fmt::format("what was set at run time counts no more, its file {}: {}",
                             failed ? "cannot be renamed" : "is now " + aside.string(), why));
}

void tell_of_overtaken(std::span<const set_value> overtaken) {
    for (const auto& each : overtaken)
        observe::log(observe::level::notice,
                     fmt::format("server {}/{}: {} {}, set by {} at {}, is over: the file has "
                                 "changed it",
                                 each.pool, each.server, name_of(each.field), each.text(), each.who,
                                 each.when));
}

result<> override_file::save(const overrides& all) const {
    if (path_.empty())
        return fail(errc::unavailable, "a node without a configuration file keeps nothing");
    const auto lock = crypto::directory_lock::take(path_);
    if (!lock) return std::unexpected(lock.error());
    return crypto::write_private(path_, config::to_json(config::codec<document>::show(
                                            {.all = {all.all().begin(), all.all().end()}})) +
                                            "\n");
}

}  // namespace hawser::app
