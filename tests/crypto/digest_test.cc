// SPDX-License-Identifier: Apache-2.0
#include "crypto/digest.h"

#include <gtest/gtest.h>

namespace hawser::crypto {
namespace {

TEST(digest, is_that_of_fips_180) {
    const auto of_abc = sha256("abc");  // FIPS 180-2, appendix B.1
    EXPECT_EQ(of_abc[0], 0xba);
    EXPECT_EQ(of_abc[1], 0x78);
    EXPECT_EQ(of_abc[31], 0xad);
    EXPECT_NE(sha256(""), of_abc);
}

TEST(digest, names_what_a_protocol_names_by_sha1) {
    const auto of_abc = sha1("abc");  // FIPS 180-2, appendix A.1
    EXPECT_EQ(of_abc[0], 0xa9);
    EXPECT_EQ(of_abc[1], 0x99);
    EXPECT_EQ(of_abc[19], 0x9d);
}

}  // namespace
}  // namespace hawser::crypto
