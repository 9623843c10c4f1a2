// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "config/settings.h"
#include "http/compression/kinds.h"

namespace hawser::app {

/// A text of the configuration, or what a file holds: `{file: pages/503.html}`, whose path counts
/// from the configuration's own folder. Read with the configuration, so that a reload reads it
/// anew.
struct text_or_file {
    std::string text;
    std::string file;

    friend bool operator==(const text_or_file&, const text_or_file&) = default;
};

/// Where a route sends its clients.
struct redirect {
    std::string to;
    unsigned status = 302;

    static void describe(config::fields<redirect>& field);
    friend bool operator==(const redirect&, const redirect&) = default;
};

/// What a route answers by itself.
struct response {
    unsigned status = 200;
    text_or_file body;
    std::string content_type = "text/plain; charset=utf-8";

    static void describe(config::fields<response>& field);
    friend bool operator==(const response&, const response&) = default;
};

/// The body of Hawser's own answers of one status.
struct error_page {
    text_or_file html;
    text_or_file json;

    static void describe(config::fields<error_page>& field);
    friend bool operator==(const error_page&, const error_page&) = default;
};

/// By status: `404`, or `5xx` for all of that class that have none of their own.
using error_pages = std::map<std::string, error_page, std::less<>>;

/// What is wrong with the names of pages, or empty.
[[nodiscard]] std::string wrong_error_pages(const error_pages& all);

/// Which answers are compressed on their way to clients.
struct compression {
    std::vector<http::compression::choice> with{http::compression::choice("zstd"),
                                                http::compression::choice("br"),
                                                http::compression::choice("gzip")};
    std::vector<std::string> types{"text/*", "application/json", "application/javascript",
                                   "application/xml", "image/svg+xml"};
    byte_count minimum{1024};
    bool secrets = false;

    static void describe(config::fields<compression>& field);
    friend bool operator==(const compression&, const compression&) = default;
};

}  // namespace hawser::app

namespace hawser::config {

template <>
struct codec<app::text_or_file> {
    static bool read(const node& given, app::text_or_file& into, diagnostics& out);
    static node show(const app::text_or_file& value);
    static shape type();
};

}  // namespace hawser::config
