// SPDX-License-Identifier: Apache-2.0
#include "http/message.h"

namespace hawser::http {

method_id method_id_of(std::string_view method) noexcept {
    switch (method.size()) {
        case 3:
            if (method == "GET") return method_id::get;
            if (method == "PUT") return method_id::put;
            break;
        case 4:
            if (method == "POST") return method_id::post;
            if (method == "HEAD") return method_id::head;
            break;
        case 5:
            if (method == "PATCH") return method_id::patch;
            if (method == "TRACE") return method_id::trace;
            break;
        case 6:
            if (method == "DELETE") return method_id::delete_;
            break;
        case 7:
            if (method == "OPTIONS") return method_id::options;
            if (method == "CONNECT") return method_id::connect;
            break;
        default: break;
    }
    return method_id::other;
}

std::string_view reason_of(unsigned status) noexcept {
    switch (status) {
        case 100: return "Continue";
        case 101: return "Switching Protocols";
        case 103: return "Early Hints";
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 206: return "Partial Content";
        case 301: return "Moved Permanently";
        case 302: return "Found";
        case 303: return "See Other";
        case 304: return "Not Modified";
        case 307: return "Temporary Redirect";
        case 308: return "Permanent Redirect";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 411: return "Length Required";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 414: return "URI Too Long";
        case 415: return "Unsupported Media Type";
        case 417: return "Expectation Failed";
        case 421: return "Misdirected Request";
        case 422: return "Unprocessable Content";
        case 425: return "Too Early";
        case 426: return "Upgrade Required";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 502: return "Bad Gateway";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        case 505: return "HTTP Version Not Supported";
        default: return "Unknown";
    }
}

}  // namespace hawser::http
