// SPDX-License-Identifier: Apache-2.0
#include "config/document.h"

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include "base/limits.h"
#include "config/yaml_reader.h"

namespace hawser::config {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view main_name = "hawser.yaml";

struct loading {
    const variables& known;
    diagnostics& out;
    node root = node::empty_map();
    std::vector<fs::path> read = {};
    bool is_complete = true;
};

position in_file(const std::string& path) { return {std::make_shared<const std::string>(path)}; }

std::vector<fs::path> files_of(const fs::path& directory, const position& asked, diagnostics& out) {
    std::vector<fs::path> all;
    std::error_code wrong;
    for (fs::directory_iterator one(directory, wrong), end; !wrong && one != end;
         one.increment(wrong)) {
        if (one->path().extension() == ".yaml") all.push_back(one->path());
    }
    if (wrong) out.error(asked, "cannot read " + directory.string() + ": " + wrong.message());
    std::ranges::sort(all);
    return all;
}

void merge(node& into, node more, bool is_top, diagnostics& out) {
    for (auto& one : more.entries()) {
        auto& all = into.entries();
        const auto there = std::ranges::find(all, one.key, &node::entry::key);
        if (there == all.end()) {
            all.push_back(std::move(one));
        } else if (there->value.is_map() && one.value.is_map()) {
            merge(there->value, std::move(one.value), false, out);
        } else if (is_top && there->value.is_list() && one.value.is_list()) {
            for (auto& item : one.value.items()) there->value.add(std::move(item));
        } else {
            out.error(one.at, "`" + one.key + "` is set already in " + there->at.text());
        }
    }
}

/// Reads one file into the root and returns its `include`, which is no setting.
node load_file(const fs::path& path, const position& asked, loading& state) {
    if (std::ranges::find(state.read, path.lexically_normal()) != state.read.end()) return {};
    if (state.read.size() == limits::configuration_files_max) {
        state.out.error(asked,
                        "more than " + std::to_string(limits::configuration_files_max) + " files");
        return {};
    }
    state.read.push_back(path.lexically_normal());
    const auto text = read_file(path.string(), asked, state.out);
    auto tree = text ? parse_yaml(*text, path.string(), state.known, state.out) : node();
    if (tree.is_null()) state.is_complete = false;
    node include;
    if (const auto* found = tree.find("include")) include = *found;
    std::erase_if(tree.entries(), [](const node::entry& one) { return one.key == "include"; });
    if (!state.root.at().file) state.root.place_at(tree.at());
    merge(state.root, std::move(tree), true, state.out);
    if (state.is_complete && state.root.count() > limits::configuration_nodes_max) {
        state.out.error(in_file(path.string()), "too large together with the files before it");
        state.is_complete = false;
    }
    return include;
}

/// Files that another one names; they include no more themselves.
void load_included(const fs::path& path, const position& asked, loading& state) {
    std::error_code ignored;
    auto all = fs::is_directory(path, ignored) ? files_of(path, asked, state.out)
                                               : std::vector<fs::path>{path};
    for (const auto& one : all) {
        const auto more = load_file(one, asked, state);
        if (!more.is_null()) state.out.error(more.at(), "an included file cannot include others");
    }
}

void load_main(const fs::path& path, loading& state) {
    const auto include = load_file(path, in_file(path.string()), state);
    const auto beside = path.parent_path();
    if (include.is_scalar()) load_included(beside / include.text(), include.at(), state);
    for (const auto& one : include.items()) load_included(beside / one.text(), one.at(), state);
    if (include.is_map()) state.out.error(include.at(), "`include` is a path or a list of paths");

    std::error_code ignored;
    if (path.filename() == main_name && fs::is_directory(beside / "conf.d", ignored)) {
        load_included(beside / "conf.d", in_file(path.string()), state);
    }
}

}  // namespace

std::optional<std::string> read_file(const std::string& path, const position& asked,
                                     diagnostics& out) {
    std::ifstream file(path, std::ios::binary);
    std::string text;
    std::array<char, 64 * 1024> piece;
    while (file && text.size() <= limits::configuration_file_max) {
        file.read(piece.data(), piece.size());
        text.append(piece.data(), static_cast<std::size_t>(file.gcount()));
    }
    if (!file.is_open() || file.bad()) {
        const auto why = std::error_code(errno, std::generic_category()).message();
        out.error(asked, "cannot read " + path + ": " + why);
        return std::nullopt;
    }
    if (text.size() <= limits::configuration_file_max) return text;
    out.error(in_file(path),
              "larger than " + std::to_string(limits::configuration_file_max >> 20) + " MiB");
    return std::nullopt;
}

node parse_yaml(std::string_view text, std::string file, const variables& known, diagnostics& out) {
    const auto name = std::make_shared<const std::string>(std::move(file));
    yaml_reader reader(name, known, out);
    auto root = node::empty_map();
    root.place_at({name, 1, 1});

    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        if (!parser.HandleNextDocument(reader)) return root;
        if (reader.is_full()) return {};
        auto tree = reader.take_root();
        if (tree.is_map())
            root = std::move(tree);
        else if (!tree.is_null())
            out.error(tree.at(), "expected a map of settings");
        if (parser) out.error(position{name}, "only one YAML document may stand in a file");
    } catch (const YAML::Exception& wrong) {
        out.error(reader.place(wrong.mark), "not valid YAML: " + wrong.msg);
        return {};
    }
    return root;
}

node load_yaml(const std::string& path, const variables& known, diagnostics& out) {
    loading state{.known = known, .out = out};
    std::error_code ignored;
    const fs::path given(path);
    if (!fs::is_directory(given, ignored)) {
        load_main(given, state);
    } else if (fs::exists(given / main_name, ignored)) {
        load_main(given / main_name, state);
    } else {
        const auto all = files_of(given, in_file(path), out);
        if (all.empty() && !out.has_errors()) out.error(in_file(path), "no *.yaml file in there");
        if (all.empty()) state.is_complete = false;
        for (const auto& one : all) load_included(one, in_file(path), state);
    }
    return state.is_complete ? std::move(state.root) : node();
}

}  // namespace hawser::config
