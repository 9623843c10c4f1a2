// SPDX-License-Identifier: Apache-2.0
#include "proxy/request_texts.h"

#include "http/raw_path.h"
#include "http/uri.h"

namespace hawser::proxy {

texts_of_request::texts_of_request(const http::request_head& head, std::string_view scheme,
                                   const path_reading& how) {
    texts_.scheme = scheme;
    texts_.authority = head.host;
    if (const auto parts = http::split_authority(head.host)) texts_.host = parts->host;
    texts_.path = head.path;
    texts_.rest = http::path_below(head.path, how.depth);
    // An absolute-form without a path has none in its target either.
    texts_.suffix =
        head.target.starts_with('?') ? head.target : head.target.substr(head.path.size());
    if (!how.groups) return;
    is_ambiguous_ = http::has_ambiguous_slash(head.path);
    const auto normal = http::normal_path(head.path, space_);
    if (!normal || !how.groups->match(*normal, texts_.groups)) is_ambiguous_ = true;
}

}  // namespace hawser::proxy
