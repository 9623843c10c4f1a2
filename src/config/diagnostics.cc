// SPDX-License-Identifier: Apache-2.0
#include "config/diagnostics.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/limits.h"
#include "config/write.h"

namespace hawser::config {
namespace {

std::string_view name_of(severity weight) {
    return weight == severity::error ? "error" : "warning";
}

std::string_view file_of(const problem& one) {
    return one.at.file ? std::string_view(*one.at.file) : std::string_view();
}

node as_node(const problem& one) {
    auto made = node::empty_map();
    made.set("severity", node::quoted(std::string(name_of(one.weight))));
    if (!one.id.empty()) made.set("id", node::quoted(one.id));
    made.set("file", node::quoted(std::string(file_of(one))));
    made.set("line", node::plain(std::to_string(one.at.line)));
    made.set("column", node::plain(std::to_string(one.at.column)));
    made.set("message", node::quoted(one.message));
    return made;
}

}  // namespace

void diagnostics::error(const position& at, std::string message) {
    ++errors_;
    keep({.weight = severity::error, .at = at, .message = std::move(message)});
}

void diagnostics::warning(const position& at, std::string_view id, std::string message) {
    ++warnings_;
    keep({severity::warning, std::string(id), at, std::move(message)});
}

void diagnostics::keep(problem found) {
    if (problems_.size() < limits::problems_max) problems_.push_back(std::move(found));
}

void diagnostics::make_warnings_errors() {
    for (auto& one : problems_) one.weight = severity::error;
    errors_ += std::exchange(warnings_, 0);
}

std::vector<problem> diagnostics::sorted() const {
    auto all = problems_;
    std::ranges::sort(all, {}, [](const problem& one) {
        return std::tuple(file_of(one), one.at.line, one.at.column, std::string_view(one.message));
    });
    return all;
}

std::string diagnostics::text() const {
    std::string all;
    for (const auto& one : sorted()) {
        all += one.at.file ? one.at.text() + ": " : "hawser: ";
        all += std::string(name_of(one.weight)) + ": " + one.message;
        if (!one.id.empty()) all += " [" + one.id + "]";
        all += '\n';
    }
    if (const auto found = errors_ + warnings_; found > problems_.size()) {
        all += "... and " + std::to_string(found - problems_.size()) + " more\n";
    }
    return all;
}

std::string diagnostics::json() const {
    auto all = node::empty_list();
    for (const auto& one : sorted()) all.add(as_node(one));

    auto made = node::empty_map();
    made.set("valid", node::plain(has_errors() ? "false" : "true"));
    made.set("errors", node::plain(std::to_string(errors_)));
    made.set("warnings", node::plain(std::to_string(warnings_)));
    made.set("problems", std::move(all));
    return to_json(made);
}

}  // namespace hawser::config
