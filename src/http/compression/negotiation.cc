// SPDX-License-Identifier: Apache-2.0
#include "http/compression/negotiation.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "http/weighted_list.h"

namespace hawser::http::compression {

namespace {

const field* find_by_name(const field_list& fields, std::string_view name) {
    const auto found = std::ranges::find_if(
        fields, [&](const field& each) { return equal_ignoring_case(each.name, name); });
    return found == fields.end() ? nullptr : found;
}

/// The weight of `coding` in all lines of Accept-Encoding; `*` stands for what none names.
std::optional<unsigned> weight_of(const request_head& head, std::string_view coding) {
    std::optional<unsigned> of_others;
    for (const field& each : head.fields) {
        if (!equal_ignoring_case(each.name, "accept-encoding")) continue;
        if (const auto weight = weight_in(each.value, coding)) return weight;
        if (!of_others) of_others = weight_in(each.value, "*");
    }
    return of_others;
}

bool may_have_body(unsigned status) {
    return status == 200 || status == 201 || status == 202 || status == 203 || status >= 400;
}

std::string_view media_type(std::string_view value) {
    value = value.substr(0, value.find(';'));
    while (value.ends_with(' ') || value.ends_with('\t')) value.remove_suffix(1);
    return value;
}

bool is_listed(const std::vector<std::string>& types, std::string_view type) {
    return std::ranges::any_of(types, [&](std::string_view each) {
        if (!each.ends_with("/*")) return equal_ignoring_case(each, type);
        each.remove_suffix(1);
        return type.size() > each.size() && equal_ignoring_case(type.substr(0, each.size()), each);
    });
}

/// Fields whose meaning another coding of the body would break.
bool forbids_change(const field& one) {
    constexpr std::array<std::string_view, 6> names{"content-encoding", "content-range",
                                                    "content-md5",      "digest",
                                                    "content-digest",   "repr-digest"};
    if (one.id == field_id::cache_control) return has_directive(one.value, "no-transform");
    return std::ranges::any_of(
        names, [&](std::string_view each) { return equal_ignoring_case(each, one.name); });
}

bool tells_of_secrets(const field& one) {
    if (one.id == field_id::set_cookie) return true;
    return one.id == field_id::cache_control &&
           (has_directive(one.value, "private") || has_directive(one.value, "no-store"));
}

/// What the server says of the body's size, for HEAD too; a body of unknown size may be large.
bool is_large_enough(const response_head& head, std::size_t size_min) {
    const field* length = head.fields.find(field_id::content_length);
    if (length == nullptr) return true;
    std::uint64_t size = 0;
    std::from_chars(length->value.data(), length->value.data() + length->value.size(), size);
    return size >= size_min;
}

}  // namespace

bool has_directive(std::string_view list, std::string_view name) noexcept {
    while (!list.empty()) {
        auto part = list.substr(0, list.find(','));
        list.remove_prefix(std::min(list.size(), part.size() + 1));
        part = part.substr(0, part.find('='));
        while (part.starts_with(' ') || part.starts_with('\t')) part.remove_prefix(1);
        while (part.ends_with(' ') || part.ends_with('\t')) part.remove_suffix(1);
        if (equal_ignoring_case(part, name)) return true;
    }
    return false;
}

wish wish_of(const request_head& head, std::span<const std::string_view> offered) {
    wish made;
    made.may_have_secrets = head.fields.find(field_id::authorization) != nullptr;
    made.is_excluded = head.minor == 0 || find_by_name(head.fields, "range") != nullptr;
    unsigned best = 0;
    for (std::size_t i = 0; i < offered.size(); ++i) {
        const auto weight = weight_of(head, offered[i]);
        if (!weight || *weight <= best) continue;
        best = *weight;
        made.coding = i;
    }
    for (const field& each : head.fields)
        if (equal_ignoring_case(each.name, "accept-encoding") &&
            weight_in(each.value, "identity").value_or(0) > best)
            made.coding.reset();
    return made;
}

verdict judge(const response_head& head, const policy& by, const wish& asked, bool carries_mark) {
    if (!may_have_body(head.status) || std::ranges::any_of(head.fields, forbids_change))
        return verdict::never;
    const field* type = head.fields.find(field_id::content_type);
    if (type == nullptr || !is_listed(by.types, media_type(type->value))) return verdict::never;
    if (!is_large_enough(head, by.size_min)) return verdict::never;
    if (!by.with_secrets && std::ranges::any_of(head.fields, tells_of_secrets))
        return verdict::never;
    const bool is_secret = !by.with_secrets && (asked.may_have_secrets || carries_mark);
    const bool applies = asked.coding && !asked.is_excluded && !is_secret;
    return applies ? verdict::applies : verdict::varies;
}

}  // namespace hawser::http::compression
