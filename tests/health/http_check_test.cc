// SPDX-License-Identifier: Apache-2.0
#include "health/http_check.h"

#include "clinic.h"
#include "upstream/instance.h"

namespace hawser::health {
namespace {

using verdict = outcome::verdict;
using settings = http_check::settings;

std::string answer(std::string_view status, std::string_view body = "fit",
                   std::string_view more = "") {
    return "HTTP/1.1 " + std::string(status) + "\r\n" + std::string(more) +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

SIM_TEST(http_check, a_status_that_is_expected_passes) {
    clinic clinic(world);
    clinic.says = answer("204 No Content", "");
    const http_check check(settings{});

    const auto found = co_await clinic.find(check);

    EXPECT_EQ(found.what, verdict::passed);
    EXPECT_EQ(found.text, "L7 204");
    EXPECT_TRUE(clinic.heard.starts_with("GET / HTTP/1.1\r\nHost: 10.0.0.1:80\r\n"));
    EXPECT_TRUE(clinic.heard.contains("Connection: close\r\n"));
}

SIM_TEST(http_check, another_status_fails_and_is_named) {
    clinic clinic(world);
    clinic.says = answer("503 Service Unavailable");
    const http_check check(settings{});

    const auto found = co_await clinic.find(check);

    EXPECT_EQ(found.what, verdict::failed);
    EXPECT_EQ(found.kind, "status");
    EXPECT_EQ(found.text, "L7 503");
    EXPECT_FALSE(found.is_gone);
}

SIM_TEST(http_check, asks_as_it_was_told_to) {
    clinic clinic(world);
    clinic.says = answer("200 OK");
    settings told;
    told.path = "/up?deep=1";
    told.method = "HEAD";
    told.host = "shop.example";
    told.headers.all = {{"X-Check", "yes"}};
    const http_check check(told);

    EXPECT_EQ((co_await clinic.find(check)).what, verdict::passed);
    EXPECT_TRUE(clinic.heard.starts_with("HEAD /up?deep=1 HTTP/1.1\r\nHost: shop.example\r\n"));
    EXPECT_TRUE(clinic.heard.contains("\r\nX-Check: yes\r\n"));
}

SIM_TEST(http_check, statuses_are_those_that_were_named) {
    for (const auto* status : {"200 OK", "301 Moved", "418 Teapot"}) {
        clinic clinic(world);
        clinic.says = answer(status);
        settings told;
        told.status = {{200, 299}, {418, 418}};
        const http_check check(told);

        const bool is_named = std::string_view(status) != "301 Moved";
        EXPECT_EQ((co_await clinic.find(check)).what, is_named ? verdict::passed : verdict::failed);
    }
}

SIM_TEST(http_check, the_body_must_hold_what_was_asked_for) {
    for (const auto* body : {"all is well: 42 fit", "all is well"}) {
        clinic clinic(world);
        clinic.says = answer("200 OK", body);
        settings told;
        told.contains = "well";
        told.matches = "[0-9]+ fit$";
        const http_check check(told);

        const auto found = co_await clinic.find(check);

        const bool is_right = std::string_view(body).ends_with("fit");
        EXPECT_EQ(found.what, is_right ? verdict::passed : verdict::failed);
        EXPECT_EQ(found.kind, is_right ? "passed" : "body");
    }
}

SIM_TEST(http_check, a_body_beyond_its_bound_is_judged_by_its_begin) {
    clinic clinic(world);
    clinic.says = answer("200 OK", "fit" + std::string(4 * limits::checked_body_max, ' ') + "late");
    settings told;
    told.contains = "fit";
    const http_check check(told);
    EXPECT_EQ((co_await clinic.find(check)).what, verdict::passed);

    clinic.heard.clear();
    told.contains = "late";
    const http_check other(told);
    EXPECT_EQ((co_await clinic.find(other)).kind, "body");
}

SIM_TEST(http_check, nobody_waits_for_a_body_that_nobody_asked_for) {
    clinic clinic(world);
    clinic.says = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n";
    const http_check check(settings{});

    EXPECT_EQ((co_await clinic.find(check)).what, verdict::passed);
}

SIM_TEST(http_check, e178_a_hang_fails_at_the_timeout) {
    clinic clinic(world);
    const auto began = world.time().now().steady;
    const http_check check(settings{});

    const auto found = co_await clinic.find(check);

    EXPECT_EQ(found.what, verdict::failed);
    EXPECT_EQ(found.text, "timeout");
    EXPECT_EQ(found.is_gone, false) << "somebody took the connection";
    EXPECT_GE(world.time().now().steady, began + std::chrono::seconds(2));
}

SIM_TEST(http_check, a_refused_connection_says_that_nobody_is_there) {
    clinic clinic(world);
    clinic.close();
    const http_check check(settings{});

    const auto found = co_await clinic.find(check);

    EXPECT_EQ(found.text, "connect refused");
    EXPECT_TRUE(found.is_gone);
}

SIM_TEST(http_check, an_end_without_an_answer_fails) {
    clinic clinic(world);
    clinic.keeps_open = false;
    const http_check check(settings{});

    const auto found = co_await clinic.find(check);

    EXPECT_EQ(found.kind, "no-answer");
    EXPECT_FALSE(found.is_gone);
}

SIM_TEST(http_check, what_is_no_http_fails) {
    clinic clinic(world);
    clinic.says = "SSH-2.0-OpenSSH_9.2\r\n";
    clinic.keeps_open = false;
    const http_check check(settings{});

    EXPECT_EQ((co_await clinic.find(check)).kind, "protocol");
}

SIM_TEST(http_check, an_answer_may_announce_the_instance) {
    clinic clinic(world);
    clinic.says = answer("200 OK", "", "Hawser-Instance: a-7\r\n");
    const http_check check(settings{});

    EXPECT_EQ((co_await clinic.find(check)).mark, upstream::instance_mark("a-7"));
}

SIM_TEST(http_check, an_answer_that_announces_none_has_no_mark) {
    clinic clinic(world);
    clinic.says = answer("200 OK");
    const http_check check(settings{});

    EXPECT_EQ((co_await clinic.find(check)).mark, std::nullopt);
}

SIM_TEST(http_check, an_answer_may_ask_for_a_share_of_the_weight) {
    for (const auto& [said, percent] :
         {std::pair("75", std::optional(75U)), std::pair("0", std::optional(1U)),
          std::pair("much", std::optional<unsigned>())}) {
        clinic clinic(world);
        clinic.way.weight_field = "X-Share";
        clinic.says = answer("200 OK", "", "x-share: " + std::string(said) + "\r\n");
        const http_check check(settings{});

        const auto found = co_await clinic.find(check);

        EXPECT_EQ(found.report ? found.report->percent : std::nullopt, percent);
    }
}

SIM_TEST(http_check, asks_by_http2_what_speaks_it) {
    h2_clinic clinic(world);
    clinic.way.speaks_h2 = true;
    clinic.says = "all is well";
    settings told;
    told.path = "/up";
    told.contains = "well";
    const http_check check(told);

    const auto found = co_await clinic.find(check);

    EXPECT_EQ(found.what, verdict::passed) << found.text;
    EXPECT_TRUE(clinic.heard.starts_with("GET /up HTTP/1.1\r\nhost: 10.0.0.1:80\r\n"));
}

SIM_TEST(http_check, a_status_by_http2_fails_as_well) {
    h2_clinic clinic(world);
    clinic.way.speaks_h2 = true;
    clinic.head = "HTTP/1.1 503 Service Unavailable\r\n\r\n";
    const http_check check(settings{});

    EXPECT_EQ((co_await clinic.find(check)).text, "L7 503");
}

SIM_TEST(http_check, names_itself_to_a_server_that_wants_a_proxy_header) {
    clinic clinic(world);
    clinic.way.approach.announces = clients::proxy_version::v2;
    clinic.until = "Connection: close\r\n\r\n";
    clinic.says = answer("200 OK");
    const http_check check(settings{});

    EXPECT_EQ((co_await clinic.find(check)).what, verdict::passed);
    const auto read = clients::read_proxy_header(clinic.heard);
    EXPECT_EQ(read.outcome, clients::proxy_header_reading::state::complete);
    EXPECT_FALSE(read.header.has_addresses);
    EXPECT_EQ(clinic.heard[12], '\x20') << "LOCAL";
    EXPECT_TRUE(clinic.heard.substr(read.consumed).starts_with("GET / HTTP/1.1\r\n"));
}

SIM_TEST(http_check, ends_whatever_fails_on_the_way) {
    for (const auto what :
         {sim::fault::kind::reset, sim::fault::kind::end, sim::fault::kind::stall})
        for (const unsigned end : {0u, 1u})
            for (std::size_t at = 0;; ++at) {
                clinic clinic(world);
                clinic.says = answer("200 OK");
                auto& weather = world.weather_at(clinic::place);
                weather.trouble = sim::fault{.what = what, .end = end, .at = at};
                const http_check check(settings{});

                const auto found = co_await clinic.find(check);

                const bool has_struck = weather.trouble->has_struck();
                weather.trouble.reset();
                if (!has_struck) {
                    EXPECT_EQ(found.what, verdict::passed);
                    break;
                }
                EXPECT_NE(found.what, verdict::unknown) << found.text;
            }
}

}  // namespace
}  // namespace hawser::health
