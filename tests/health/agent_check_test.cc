// SPDX-License-Identifier: Apache-2.0
#include "health/agent_check.h"

#include "clinic.h"

namespace hawser::health {
namespace {

using verdict = outcome::verdict;

SIM_TEST(agent_check, reads_a_line) {
    for (const auto* said : {"50% up\n", "50% up\r\n", "50% up\nnothing more is read\n"}) {
        clinic clinic(world);
        clinic.until = "";
        clinic.says = said;
        const agent_check check("");

        const auto found = co_await clinic.find(check);

        EXPECT_EQ(found.what, verdict::passed);
        EXPECT_EQ(found.text, "50% up");
        EXPECT_EQ(found.report, (agent_report{50, true, {}}));
    }
}

SIM_TEST(agent_check, an_end_ends_the_line) {
    clinic clinic(world);
    clinic.until = "";
    clinic.says = "drain";
    clinic.keeps_open = false;
    const agent_check check("");

    EXPECT_EQ((co_await clinic.find(check)).report,
              (agent_report{{}, {}, upstream::admin_state::drain}));
}

SIM_TEST(agent_check, says_first_what_it_was_told_to) {
    clinic clinic(world);
    clinic.until = "how are you\n";
    clinic.says = "up\n";
    const agent_check check("how are you\n");

    EXPECT_EQ((co_await clinic.find(check)).what, verdict::passed);
    EXPECT_EQ(clinic.heard, "how are you\n");
}

SIM_TEST(agent_check, what_is_no_report_is_none) {
    for (const auto& said :
         {std::string("fine\n"), std::string("\n"), std::string(10'000, ' ') + "up\n"}) {
        clinic clinic(world);
        clinic.until = "";
        clinic.says = said;
        clinic.keeps_open = false;
        const agent_check check("");

        const auto found = co_await clinic.find(check);

        EXPECT_EQ(found.what, verdict::failed);
        EXPECT_EQ(found.report, std::nullopt);
    }
}

SIM_TEST(agent_check, an_agent_that_says_nothing_is_late) {
    clinic clinic(world);
    clinic.until = "";
    const agent_check check("");

    EXPECT_EQ((co_await clinic.find(check)).text, "timeout");
}

}  // namespace
}  // namespace hawser::health
