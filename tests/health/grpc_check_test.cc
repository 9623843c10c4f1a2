// SPDX-License-Identifier: Apache-2.0
#include "health/grpc_check.h"

#include "clinic.h"

namespace hawser::health {
namespace {

using namespace std::string_literals;
using verdict = outcome::verdict;

const std::string serving = "\0\0\0\0\x02\x08\x01"s;
const std::string not_serving = "\0\0\0\0\x02\x08\x02"s;

/// A server of gRPC that says `message`.
class grpc_clinic {
  public:
    explicit grpc_clinic(sim::world& in) : server(in) {
        server.way.speaks_h2 = true;
        server.head = "HTTP/1.1 200 OK\r\nContent-Type: application/grpc\r\n\r\n";
        server.trailers = "grpc-status: 0\r\n";
    }
    task<outcome> says(std::string message) {
        server.says = std::move(message);
        const grpc_check check({.service = "shop.Cart"});
        co_return co_await server.find(check);
    }

    h2_clinic server;
};

SIM_TEST(grpc_check, serving_passes) {
    grpc_clinic clinic(world);

    const auto found = co_await clinic.says(serving);

    EXPECT_EQ(found.what, verdict::passed) << found.text;
    EXPECT_EQ(found.text, "L7 SERVING");
    EXPECT_TRUE(clinic.server.heard.starts_with("POST /grpc.health.v1.Health/Check HTTP/1.1\r\n"));
    EXPECT_TRUE(clinic.server.heard.ends_with("\x0a\x09shop.Cart"));
}

SIM_TEST(grpc_check, not_serving_fails) {
    grpc_clinic clinic(world);

    const auto found = co_await clinic.says(not_serving);

    EXPECT_EQ(found.what, verdict::failed);
    EXPECT_EQ(found.text, "L7 NOT_SERVING");
}

SIM_TEST(grpc_check, a_status_of_grpc_other_than_0_fails_whatever_the_message) {
    grpc_clinic clinic(world);
    clinic.server.trailers = "grpc-status: 12\r\n";

    EXPECT_EQ((co_await clinic.says(serving)).text, "L7 gRPC status 12");
}

SIM_TEST(grpc_check, reads_the_status_of_an_answer_without_a_message) {
    grpc_clinic clinic(world);
    clinic.server.head =
        "HTTP/1.1 200 OK\r\nContent-Type: application/grpc\r\nGrpc-Status: 5\r\n\r\n";
    clinic.server.trailers.clear();

    EXPECT_EQ((co_await clinic.says("")).text, "L7 gRPC status 5");
}

SIM_TEST(grpc_check, an_answer_without_a_status_fails) {
    grpc_clinic clinic(world);
    clinic.server.trailers.clear();

    EXPECT_EQ((co_await clinic.says(serving)).kind, "protocol");
}

SIM_TEST(grpc_check, a_message_of_something_else_fails) {
    grpc_clinic clinic(world);

    EXPECT_EQ((co_await clinic.says("SERVING")).kind, "protocol");
}

SIM_TEST(grpc_check, a_status_of_http_fails) {
    grpc_clinic clinic(world);
    clinic.server.head = "HTTP/1.1 404 Not Found\r\n\r\n";

    EXPECT_EQ((co_await clinic.says(serving)).text, "L7 404");
}

SIM_TEST(grpc_check, what_speaks_no_http2_fails) {
    clinic clinic(world);
    clinic.way.speaks_h2 = true;
    clinic.says = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    clinic.keeps_open = false;
    const grpc_check check({});

    EXPECT_EQ((co_await clinic.find(check)).what, verdict::failed);
}

SIM_TEST(grpc_check, e178_a_hang_fails_at_the_timeout) {
    clinic clinic(world);
    clinic.way.speaks_h2 = true;
    const grpc_check check({});

    EXPECT_EQ((co_await clinic.find(check)).text, "timeout");
}

}  // namespace
}  // namespace hawser::health
