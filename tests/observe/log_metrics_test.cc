// SPDX-License-Identifier: Apache-2.0
#include "observe/log_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hawser::observe {
namespace {

using testing::HasSubstr;

TEST(log_metrics, e166_show_every_loss) {
    exposition shown;
    collect_logs(shown, {.written = 100, .dropped_full = 3, .dropped_output = 2},
                 {.written = 10, .left_out = 5, .dropped = 1});
    const auto text = shown.text();
    EXPECT_THAT(text, HasSubstr("access_log_records_total{result=\"written\"} 100\n"));
    EXPECT_THAT(text, HasSubstr("access_log_records_total{result=\"dropped-ring-full\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("access_log_records_total{result=\"dropped-output-failed\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("log_messages_total{result=\"left-out\"} 5\n"));
    EXPECT_THAT(text, HasSubstr("log_messages_total{result=\"dropped\"} 1\n"));
}

}  // namespace
}  // namespace hawser::observe
