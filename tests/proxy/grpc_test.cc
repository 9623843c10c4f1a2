// SPDX-License-Identifier: Apache-2.0
#include "proxy/grpc.h"

#include <gtest/gtest.h>

namespace hawser::proxy {
namespace {

TEST(grpc, e184_is_told_by_its_content_type) {
    for (const char* type : {"application/grpc", "application/grpc+proto", "Application/GRPC+json",
                             "application/grpc;charset=x", "application/grpc ; a=b"})
        EXPECT_TRUE(grpc::is_grpc(type)) << type;
    for (const char* type : {"", "application/grp", "application/grpc-web",
                             "application/grpc-web+proto", "text/application/grpc", "grpc"})
        EXPECT_FALSE(grpc::is_grpc(type)) << type;
}

TEST(grpc, e184_our_own_errors_have_a_status_of_its_own) {
    EXPECT_EQ(grpc::status_of({502, "no-answer"}), 14u);
    EXPECT_EQ(grpc::status_of({503, "no-server"}), 14u);
    EXPECT_EQ(grpc::status_of({503, "overload"}), 8u);
    EXPECT_EQ(grpc::status_of({504, "response-timeout"}), 4u);
    EXPECT_EQ(grpc::status_of({429, "rate-limit"}), 8u);
    EXPECT_EQ(grpc::status_of({413, "body-limit"}), 8u);
    EXPECT_EQ(grpc::status_of({404, "no-route"}), 12u);
    EXPECT_EQ(grpc::status_of({403, "denied"}), 7u);
    EXPECT_EQ(grpc::status_of({400, "path"}), 13u);
    EXPECT_EQ(grpc::status_of({417, "expect"}), 2u);
}

TEST(grpc, e184_a_status_is_found_in_trailers) {
    EXPECT_TRUE(grpc::tells_status("grpc-status: 0\r\n"));
    EXPECT_TRUE(grpc::tells_status("served-by: ann\r\nGrpc-Status: 14\r\n"));
    EXPECT_FALSE(grpc::tells_status(""));
    EXPECT_FALSE(grpc::tells_status("x-grpc-status: 0\r\ngrpc-message: grpc-status: 0\r\n"));
}

}  // namespace
}  // namespace hawser::proxy
