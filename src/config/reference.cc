// SPDX-License-Identifier: Apache-2.0
#include "config/schema.h"
#include "config/write.h"

namespace hawser::config {
namespace {

/// Text inside a table's cell.
std::string cell(std::string_view text) {
    std::string all;
    for (const char c : text) {
        if (c == '|') all += '\\';
        all += c == '\n' ? ' ' : c;
    }
    return all;
}

std::string below(const std::string& path, std::string_view step) {
    return path.empty() ? std::string(step) : path + "." + std::string(step);
}

std::string default_cell(const field& one, const shape& type, const void* defaults) {
    if (one.is_required()) return "required";
    const auto value = one.show(defaults);
    if (value.is_null()) return "";
    if (value.is_list() && value.items().size() == 1 && value.items()[0].is_scalar()) {
        return "`[" + value.items()[0].text() + "]`";
    }
    if (value.is_list()) return value.items().empty() ? "`[]`" : "below";
    if (value.is_map()) return value.entries().empty() && !type.object ? "`{}`" : "below";
    return value.text().empty() ? "" : "`" + value.text() + "`";
}

void append_object(const description& what, const std::string& path, std::string& out);

void append_parts(const field& one, const std::string& path, std::string& out) {
    const auto type = one.type();
    const auto mine = below(path, one.key()) + type.below;
    if (type.object) append_object(*type.object, mine, out);
    for (const auto& kind : type.kinds) {
        out += "\n### `" + mine + "`: `" + kind.name + "`\n\n" + kind.summary + "\n";
        if (!kind.settings->all.empty()) append_object(*kind.settings, mine + "." + kind.name, out);
    }
}

void append_object(const description& what, const std::string& path, std::string& out) {
    out += path.empty() ? "\n## The file\n\n" : "\n## `" + path + "`\n\n";
    if (!what.shorthand.empty()) {
        out += "Instead of the map, its `" + what.shorthand + "` alone may stand here.\n\n";
    }
    out += "| key | type | default | meaning |\n|---|---|---|---|\n";
    for (const auto& one : what.all) {
        const auto type = one->type();
        out += "| `" + std::string(one->key()) + "` | " + cell(type.words) + " | " +
               cell(default_cell(*one, type, what.defaults.get())) + " | " + cell(one->summary()) +
               " |\n";
    }
    for (const auto& one : what.all) append_parts(*one, path, out);
}

}  // namespace

std::string reference_of(const description& what) {
    std::string out;
    append_object(what, {}, out);
    return out;
}

}  // namespace hawser::config
