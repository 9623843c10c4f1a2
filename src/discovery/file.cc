// SPDX-License-Identifier: Apache-2.0
#include "discovery/file.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "async/sleep.h"
#include "async/with.h"
#include "base/limits.h"
#include "config/document.h"
#include "io/directory_watch.h"

namespace hawser::discovery {

namespace {

using namespace std::chrono_literals;

/// What programs write is taken as it stands.
std::optional<std::string> no_variables(std::string_view) { return std::nullopt; }

std::string wrong_address(const std::string& text) {
    if (io::endpoint::parse(text)) return {};
    return "`" + text + "` is no address: write `10.0.0.1:8000`, `[2001:db8::1]:8000` or " +
           "`unix:/run/app.sock`; names are found by `dns`";
}

/// Lines of a report, without the last one's end.
std::string report_of(const config::diagnostics& problems) {
    auto text = problems.text();
    while (text.ends_with('\n')) text.pop_back();
    return text;
}

std::string directory_of(const std::string& path) {
    const auto parent = std::filesystem::path(path).parent_path().string();
    return parent.empty() ? "." : parent;
}

}  // namespace

void listed_server::describe(config::fields<listed_server>& field) {
    field("address", &listed_server::address, "Numbers and a port, or `unix:PATH`.")
        .required()
        .check(wrong_address);
    field("weight", &listed_server::weight, "Its share beside the others'; 0: no new sessions.")
        .maximum(limits::server_weight_max);
    field("priority", &listed_server::priority, "The lower, the sooner it is asked.")
        .maximum(limits::server_priority_max);
    field("release", &listed_server::release, "Which of the pool's `releases` it runs.");
    field.shorthand("address");
}

void server_list::describe(config::fields<server_list>& field) {
    field("servers", &server_list::servers, "All there are.")
        .required()
        .check([](const auto& all) -> std::string {
            if (all.size() <= limits::servers_of_pool_max) return {};
            return "more than " + std::to_string(limits::servers_of_pool_max) + " servers";
        });
}

void file::settings::describe(config::fields<settings>& field) {
    field("path", &settings::path, "The file; best replaced as a whole, by a rename.").required();
    field("poll", &settings::poll, "How often it is looked at even where nothing was heard of it.")
        .minimum(100ms);
    field.shorthand("path");
}

result<std::vector<sighting>> read_server_list(std::string_view text, const std::string& name) {
    config::diagnostics problems;
    server_list list;
    const auto tree = config::parse_yaml(text, name, no_variables, problems);
    if (!tree.is_null()) config::codec<server_list>::read(tree, list, problems);
    if (problems.has_errors()) return fail(errc::invalid, report_of(problems));

    std::vector<sighting> found;
    for (const auto& [server_name, one] : list.servers)
        found.push_back({.name = server_name,
                         .address = *io::endpoint::parse(one.address),
                         .weight = one.weight,
                         .priority = one.priority,
                         .release = one.release});
    return found;
}

task<result<sightings>> file::look() {
    for (;;) {
        // Before it is read, so that no change falls between.
        const auto watch = io::directory_watch::open(engine_, directory_of(settings_.path));
        if (auto news = read_if_new()) co_return std::move(*news);
        result<> waited;
        if (watch)
            waited = co_await with_deadline(settings_.poll, (*watch)->changed());
        else
            waited = co_await sleep_for(settings_.poll);
        if (!waited && waited.error().code == errc::cancelled)
            co_return std::unexpected(std::move(waited.error()));
    }
}

/// Nothing: it is as it was at the last look.
std::optional<result<sightings>> file::read_if_new() {
    config::diagnostics problems;
    const config::position here{.file = std::make_shared<const std::string>(settings_.path)};
    const auto text = config::read_file(settings_.path, here, problems);
    auto seen = text ? *text : report_of(problems);
    if (std::exchange(is_seen_, true) && seen == seen_) return std::nullopt;
    seen_ = std::move(seen);
    if (!text) return fail(errc::unavailable, seen_);
    auto found = read_server_list(seen_, settings_.path);
    if (!found) return std::unexpected(std::move(found.error()));
    return sightings{.servers = std::move(*found)};
}

}  // namespace hawser::discovery
