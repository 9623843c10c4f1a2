// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "http/client.h"
#include "http/message.h"

/// What the client says and hears, whatever the version.
namespace hawser::http {

/// The request as HTTP/1.1 has it, without its body.
[[nodiscard]] inline std::string head_text_of(const client_request& what) {
    std::string text = what.method + ' ' + what.target + " HTTP/1.1\r\nHost: " + what.host +
                       "\r\nConnection: close\r\n" + what.lines;
    if (!what.body.empty() || what.method == "POST")
        text += "Content-Length: " + std::to_string(what.body.size()) + "\r\n";
    return text + "\r\n";
}

/// What a head says; it may be parsed over afterwards.
[[nodiscard]] inline client_answer answer_of(const response_head& head) {
    client_answer told{.status = head.status};
    for (const auto& each : head.fields) told.fields.emplace_back(each.name, each.value);
    return told;
}

}  // namespace hawser::http
