// SPDX-License-Identifier: Apache-2.0
#include "app/configuration/access.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "base/limits.h"

namespace hawser::app {

namespace {

using config::diagnostics;

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r";
    const auto begin = text.find_first_not_of(blanks);
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

/// Reads at most one byte more than is allowed.
std::optional<std::string> content_of(const std::filesystem::path& path) {
    std::error_code wrong;
    if (!std::filesystem::is_regular_file(path, wrong)) return std::nullopt;
    const auto size = std::filesystem::file_size(path, wrong);
    std::ifstream file(path, std::ios::binary);
    if (wrong || !file) return std::nullopt;
    std::string text(std::min<std::size_t>(size, limits::network_file_max) + 1, '\0');
    file.read(text.data(), std::streamsize(text.size()));
    if (file.bad()) return std::nullopt;
    text.resize(std::size_t(file.gcount()));
    return text;
}

bool read_networks(std::string_view text, const std::string& path,
                   std::vector<clients::network>& into, diagnostics& out) {
    const auto file = std::make_shared<const std::string>(path);
    bool fine = true;
    for (unsigned number = 1; !text.empty(); ++number) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        const auto word = trimmed(line.substr(0, line.find('#')));
        if (word.empty()) continue;
        if (const auto found = clients::network::parse(word)) {
            into.push_back(*found);
            continue;
        }
        const auto column = unsigned(word.data() - line.data()) + 1;
        out.error({file, number, column},
                  "is no network: write `10.0.0.0/8`, `2001:db8::/32`, one address, or `unix:`");
        fine = false;
    }
    return fine;
}

}  // namespace

std::string list_something(const std::vector<network_file>& files) {
    for (const auto& file : files)
        if (file.networks.empty() && !file.path.empty())
            return "`" + file.path + "` lists nobody, and so would let everybody in";
    return {};
}

std::vector<clients::network> all_networks(const std::vector<clients::network>& list,
                                           const std::vector<network_file>& files) {
    std::vector<clients::network> all = list;
    for (const auto& file : files)
        all.insert(all.end(), file.networks.begin(), file.networks.end());
    return all;
}

}  // namespace hawser::app

namespace hawser::config {

bool codec<app::network_file>::read(const node& given, app::network_file& into, diagnostics& out) {
    if (!detail::expect_scalar(given, "the path of a list of networks", out)) return false;
    std::filesystem::path path = given.text();
    if (path.is_relative() && given.at().file)
        path = std::filesystem::path(*given.at().file).parent_path() / path;
    const auto text = app::content_of(path);
    if (!text) {
        out.error(given.at(), "`" + path.string() + "` cannot be read");
        return false;
    }
    if (text->size() > limits::network_file_max) {
        out.error(given.at(), "`" + path.string() + "` is larger than " +
                                  std::to_string(limits::network_file_max) + " bytes");
        return false;
    }
    app::network_file made{.path = given.text(), .networks = {}};
    if (!app::read_networks(*text, path.string(), made.networks, out)) return false;
    if (made.networks.size() > limits::networks_max) {
        out.error(given.at(), "`" + path.string() + "` lists more than " +
                                  std::to_string(limits::networks_max) + " networks");
        return false;
    }
    into = std::move(made);
    return true;
}

node codec<app::network_file>::show(const app::network_file& value) {
    return node::quoted(value.path);
}

shape codec<app::network_file>::type() {
    auto made = codec<std::string>::type();
    made.words = "path";
    return made;
}

}  // namespace hawser::config
