// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "app/configuration/load.h"

namespace hawser::app {
namespace {

namespace fs = std::filesystem;

/// The repository's root, seen from a test program in one of its build folders.
fs::path root() {
    auto here = fs::read_symlink("/proc/self/exe").parent_path();
    while (!fs::exists(here / "src" / "layers.txt") && here != here.root_path()) {
        here = here.parent_path();
    }
    return here;
}

std::string text_of(const fs::path& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

struct example {
    std::string place;
    std::string text;
};

/// Every block of a page that is marked as YAML.
std::vector<example> examples_of(const fs::path& page) {
    std::vector<example> all;
    std::ifstream file(page);
    bool is_inside = false;
    unsigned number = 0;
    for (std::string line; std::getline(file, line);) {
        ++number;
        if (!is_inside && line == "```yaml") {
            is_inside = true;
            all.push_back({page.filename().string() + ":" + std::to_string(number), {}});
        } else if (is_inside && line == "```") {
            is_inside = false;
        } else if (is_inside) {
            all.back().text += line + "\n";
        }
    }
    return all;
}

/// What stands in a pool, as all of the configuration's pools.
std::string as_pool(const std::string& part) {
    std::string pools = "pools:\n  shop:\n    servers: {a: 10.0.0.1:8000}\n";
    std::stringstream lines(part);
    for (std::string line; std::getline(lines, line);) pools += "    " + line + "\n";
    return pools;
}

/// An example may show a part: what it leaves out is as in the small case.
std::string completed(std::string text) {
    if (text.starts_with("affinity:")) text = as_pool(text);
    const auto has = [&](std::string_view key) {
        return text.starts_with(key) || text.contains("\n" + std::string(key));
    };
    std::string more;
    if (!has("listeners:")) more += "listeners: {web: {bind: ':8080'}}\n";
    if (!has("pools:")) more += "pools: {shop: {servers: {a: 10.0.0.1:8000}}}\n";
    if (!has("routes:")) more += "routes: [{pool: shop}]\n";
    return text + more;
}

/// Without what is said of files that an operator would have and a test has not.
std::string without_missing_files(const std::string& problems) {
    std::string left;
    std::stringstream lines(problems);
    for (std::string line; std::getline(lines, line);)
        if (!line.contains("cannot read /etc/hawser/")) left += line + "\n";
    return left;
}

void expect_valid(const example& one) {
    const auto nothing = [](std::string_view) { return std::optional<std::string>(); };
    const auto read = load_text(completed(one.text), one.place, nothing);
    EXPECT_EQ(without_missing_files(read.problems.text()), "") << one.text;
}

TEST(documentation, shows_only_valid_configurations) {
    std::size_t found = 0;
    std::vector<fs::path> pages{root() / "README.md"};
    for (const auto& entry : fs::recursive_directory_iterator(root() / "docs")) {
        if (entry.path().extension() == ".md") pages.push_back(entry.path());
    }
    for (const auto& page : pages) {
        for (const auto& one : examples_of(page)) {
            expect_valid(one);
            ++found;
        }
    }
    EXPECT_GE(found, 7u);
}

TEST(documentation, has_valid_example_files) {
    for (const auto* folder : {"examples", "packaging"}) {
        if (!fs::exists(root() / folder)) continue;
        for (const auto& entry : fs::recursive_directory_iterator(root() / folder)) {
            // What npm has installed there is not ours.
            if (entry.path().extension() != ".yaml" ||
                entry.path().string().contains("/node_modules/"))
                continue;
            expect_valid({entry.path().string(), text_of(entry.path())});
        }
    }
}

TEST(documentation, has_a_current_reference) {
    EXPECT_EQ(text_of(root() / "docs" / "reference.md"), reference())
        << "make it anew: build/release/hawser schema --reference > docs/reference.md";
}

}  // namespace
}  // namespace hawser::app
