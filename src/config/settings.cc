// SPDX-License-Identifier: Apache-2.0
#include "config/settings.h"

#include "config/suggest.h"

namespace hawser::config {

void description::add(std::unique_ptr<field> one) {
    ensure(find(one->key()) == nullptr, "a struct describes each key once");
    all.push_back(std::move(one));
}

const field* description::find(std::string_view key) const {
    for (const auto& one : all) {
        if (one->key() == key) return one.get();
    }
    return nullptr;
}

namespace {

std::vector<std::string_view> keys_of(const description& what) {
    std::vector<std::string_view> all;
    for (const auto& one : what.all) all.push_back(one->key());
    return all;
}

}  // namespace

bool read_object(const description& what, const node& given, void* object, diagnostics& out) {
    const auto before = out.error_count();
    if (given.is_scalar() && !what.shorthand.empty()) {
        what.find(what.shorthand)->read(given, object, out);
        return out.error_count() == before;
    }
    const auto keys = keys_of(what);
    if (!detail::expect_map(given, keys.empty() ? "without keys" : one_of(keys), out)) return false;

    for (const auto& one : given.entries()) {
        if (const auto* known = what.find(one.key)) {
            known->read(one.value, object, out);
        } else {
            out.error(one.at, "unknown key `" + one.key + "`" + did_you_mean(one.key, keys));
        }
    }
    for (const auto& one : what.all) {
        if (one->is_required() && !given.find(one->key())) {
            out.error(given.at(), "`" + std::string(one->key()) +
                                      "` is missing: " + std::string(one->summary()));
        }
    }
    return out.error_count() == before;
}

node show_object(const description& what, const void* object) {
    auto all = node::empty_map();
    for (const auto& one : what.all) {
        auto value = one->show(object);
        if (value.is_null()) continue;
        if (one->is_secret()) value = node::quoted("(hidden)");
        all.set(std::string(one->key()), std::move(value));
    }
    return all;
}

}  // namespace hawser::config
