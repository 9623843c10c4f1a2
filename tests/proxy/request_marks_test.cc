// SPDX-License-Identifier: Apache-2.0
#include "proxy/request_marks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "proxy/parsed.h"

namespace hawser::proxy {
namespace {

const std::string trace = "0af7651916cd43dd8448eb211c80319c";
const std::string parent = "traceparent: 00-" + trace + "-b7ad6b7169203331-01\r\n";

struct marked {
    explicit marked(const std::string& fields,
                    marking how = {.id_name = "X-Request-Id", .traces = believes::trusted},
                    bool is_trusted = true)
        : by(std::move(how)),
          request("GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n"),
          marks(by, request.head(), is_trusted, random) {}

    /// The names of fields that do not go on.
    [[nodiscard]] std::string replaced() const {
        std::string names;
        for (const auto& each : request.head().fields)
            if (marks.replaces(each)) names.append(each.name).append(" ");
        return names;
    }

    marking by;
    parsed_request request;
    crypto::random_stock random;
    request_marks marks;
};

TEST(request_marks, keep_those_of_trusted_proxies) {
    const marked one("x-request-ID: abc-1.2:3\r\n" + parent + "tracestate: a=b\r\n");
    EXPECT_EQ(one.marks.id(), "abc-1.2:3");
    EXPECT_EQ(one.marks.trace_id(), trace);
    EXPECT_EQ(one.replaced(), "");
    EXPECT_EQ(one.marks.server_lines(), "");
    EXPECT_EQ(one.marks.client_lines(), "X-Request-Id: abc-1.2:3\r\n");
}

TEST(request_marks, of_others_are_made_anew) {
    const auto how = marking{.id_name = "X-Request-Id", .traces = believes::trusted};
    const marked one("X-Request-Id: abc\r\n" + parent + "Tracestate: a=b\r\n", how, false);
    EXPECT_EQ(one.marks.id().size(), 32u);
    EXPECT_NE(one.marks.trace_id(), trace);
    EXPECT_EQ(one.replaced(), "X-Request-Id traceparent Tracestate ");
    EXPECT_EQ(
        one.marks.server_lines(),
        "X-Request-Id: " + std::string(one.marks.id()) + "\r\ntraceparent: 00-" +
            std::string(one.marks.trace_id()) +
            std::string(one.marks.server_lines().substr(one.marks.server_lines().size() - 22)));
    const marked other("", how, false);
    EXPECT_NE(one.marks.id(), other.marks.id());
}

TEST(request_marks, are_believed_as_the_listener_says) {
    const auto everybody = marking{.id_name = "Id", .ids = believes::all, .traces = believes::all};
    EXPECT_EQ(marked("Id: abc\r\n", everybody, false).marks.id(), "abc");
    EXPECT_EQ(marked(parent, everybody, false).marks.trace_id(), trace);
    const auto nobody = marking{.id_name = "Id", .ids = believes::none, .traces = believes::none};
    EXPECT_NE(marked("Id: abc\r\n", nobody, true).marks.id(), "abc");
    EXPECT_NE(marked(parent, nobody, true).marks.trace_id(), trace);
}

TEST(request_marks, that_are_malformed_are_made_anew) {
    const std::string too_long(65, 'a');
    for (const std::string& id : {std::string(), std::string("a b"), std::string("a\"b"),
                                  std::string("<script>"), std::string("\xff"), too_long})
        EXPECT_EQ(marked("X-Request-Id: " + id + "\r\n").marks.id().size(), 32u) << id;
    EXPECT_EQ(marked("X-Request-Id: a\r\nX-Request-Id: b\r\n").marks.id().size(), 32u);
    EXPECT_NE(marked(parent + parent).marks.trace_id(), trace);
    EXPECT_EQ(marked("traceparent: 00-" + trace + "-b7ad6b7169203331-01-\r\n").replaced(),
              "traceparent ");
}

TEST(request_marks, e51_of_a_look_alike_do_not_go_on) {
    EXPECT_EQ(marked("Trace_Id: x\r\n", {.id_name = "Trace-Id"}).replaced(), "Trace_Id ");
}

TEST(request_marks, that_are_not_asked_for_go_on_as_they_came) {
    const marked one("X-Request-Id: a b\r\ntraceparent: x\r\n", {});
    EXPECT_EQ(one.replaced(), "");
    EXPECT_EQ(one.marks.server_lines(), "");
    EXPECT_EQ(one.marks.client_lines(), "");
    EXPECT_EQ(marked("", {.id_name = "Id", .tells_client = false}).marks.client_lines(), "");
}

}  // namespace
}  // namespace hawser::proxy
