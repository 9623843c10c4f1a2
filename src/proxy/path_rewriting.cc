// SPDX-License-Identifier: Apache-2.0
#include "proxy/path_rewriting.h"

namespace hawser::proxy {

result<std::string> rewrite_target(const http::request_head& head, std::string_view scheme,
                                   const path_rewriting& how) {
    if (!head.path.starts_with('/')) return std::string(head.target);
    const texts_of_request read(head, scheme, how.reading);
    if (read.is_ambiguous()) return fail(errc::malformed, "path");
    std::string target = how.to.fill(read.texts());
    if (how.keeps_rest) {
        // `/new/` and `/x` are `/new/x`.
        if (target.ends_with('/') && read.texts().rest.starts_with('/')) target.pop_back();
        target += read.texts().rest;
    }
    return target.append(read.texts().suffix);
}

}  // namespace hawser::proxy
