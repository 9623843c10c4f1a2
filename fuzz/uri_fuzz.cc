// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "http/uri.h"
#include "input.h"

namespace hawser::http {
namespace {

void check_path(std::string_view text) {
    const std::string path = "/" + std::string(text);
    fuzz::exact_copy out(path);
    const auto normal = normal_path(path, out.span());
    if (!normal) return;
    ensure(normal->starts_with('/'), "a normal path begins at the root");
    ensure(!normal->contains("//"), "slashes are merged");
    const std::string closed = std::string(*normal) + "/";
    ensure(!closed.contains("/./") && !closed.contains("/../"), "dot segments are resolved");
}

void check_authority(std::string_view text) {
    const auto parts = split_authority(text);
    if (!parts) return;
    ensure(text.starts_with(parts->host), "the host is its front");
    ensure(text.size() == parts->host.size() || text[parts->host.size()] == ':', "then a port");
    ensure(same_authority(text, text, 80), "an authority is the same as itself");
    ensure(text.find_first_of(" ,/@?#\\\r\n") == std::string_view::npos, "nothing hides in it");
    fuzz::exact_copy out(parts->host);
    const std::string folded(fold_host(parts->host, out.span()));
    // Of several trailing dots one is folded away each time.
    if (!parts->host.ends_with(".."))
        ensure(same_authority(folded, parts->host, 80), "a folded host names the same place");
}

void check_parameters(std::string_view text) {
    fuzz::exact_copy out(text);
    const auto decoded = percent_decoded(text, out.span());
    ensure(decoded.size() <= text.size(), "decoding never adds");
    ensure(text.contains('%') || decoded == text, "without escapes it is what it was");
    std::size_t taken = 0;
    for (std::string_view rest = text; const auto value = take_parameter("a", '&', rest); ++taken)
        ensure(!value->contains('&'), "a value ends at its separator");
    ensure(taken <= text.size() / 2 + 1, "each of them takes its place");
}

}  // namespace
}  // namespace hawser::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const hawser::fuzz::exact_copy text(hawser::fuzz::input(data, size).text());
    hawser::http::check_path(text.view());
    hawser::http::check_authority(text.view());
    hawser::http::check_parameters(text.view());
    return 0;
}
