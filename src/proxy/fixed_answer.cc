// SPDX-License-Identifier: Apache-2.0
#include "proxy/fixed_answer.h"

namespace hawser::proxy {

result<std::string> location_for(const http::request_head& head, std::string_view scheme,
                                 const fixed_answer& by) {
    const texts_of_request read(head, scheme, by.reading);
    if (read.is_ambiguous() || (by.location->needs_host() && read.texts().host.empty()))
        return fail(errc::malformed, "path");
    return by.location->fill(read.texts());
}

}  // namespace hawser::proxy
