// SPDX-License-Identifier: Apache-2.0
// The registry beside a simple model of it: the same random requests, the same answers.

#include <optional>
#include <random>
#include <unordered_map>

#include "lab.h"

namespace hawser::registry {
namespace {

constexpr auto idle = 60s;
constexpr auto absolute = 600s;

/// What a session is to the model. Time is in whole seconds here, so ticks don't blur it.
struct modelled {
    affinity::binding home;
    steady_time created, last_seen;
    bool tentative = true;
    std::vector<seen> held;

    bool is_over(steady_time now) const {
        return now - created > absolute || (held.empty() && now - last_seen > idle);
    }
};

class twin {
  public:
    explicit twin(unsigned seed) : random_(seed) {}

    void step() {
        switch (roll(12)) {
            case 0:
                lab_.wait(std::chrono::seconds(roll(40)));
                forget_what_is_over();
                break;
            case 1: end(client()); break;
            case 2: lab_.table->sweep(lab_.now.steady, 1 + roll(50)); break;
            case 3:
            case 4:
            case 5: leave(client()); break;
            default: request(client()); break;
        }
    }

    void compare() {
        lab_.table->verify();
        while (lab_.table->sweep(lab_.now.steady, 1000)) {
        }
        lab_.sweep();
        std::unordered_map<server_id, server_sessions> expected;
        for (const auto& [name, one] : sessions_) {
            const auto view = lab_.table->find(shop, key_of(name), lab_.now.steady);
            ASSERT_TRUE(view) << name;
            EXPECT_EQ(view->home, one.home) << name;
            EXPECT_EQ(view->requests, one.held.size()) << name;
            EXPECT_EQ(view->tentative, one.tentative) << name;
            auto& server = expected[one.home.home];
            ++(one.tentative ? server.tentative : server.established);
        }
        const auto pool = lab_.counts();
        EXPECT_EQ(pool.servers.size(), expected.size());
        for (const auto& server : pool.servers) {
            EXPECT_EQ(server.established, expected[server.home].established);
            EXPECT_EQ(server.tentative, expected[server.home].tentative);
        }
        const auto& events = pool.since_start;
        std::uint64_t ends = 0;
        for (const auto count : events.ends) ends += count;
        for (const auto count : events.tentative_ends) ends += count;
        EXPECT_EQ(events.begun + events.remade - ends, sessions_.size());
        EXPECT_EQ(events.moves[static_cast<std::size_t>(affinity::cause::home_down)], moves_);
    }

    void finish() {
        for (auto& [name, one] : sessions_)
            for (const seen& who : one.held) lab_.leave(who);
        for (const seen& who : ghosts_) lab_.leave(who);
        sessions_.clear();
        lab_.wait(absolute + 2s);
        lab_.sweep();
        lab_.table->verify();
        EXPECT_EQ(lab_.counts().servers.size(), 0u);
    }

  private:
    unsigned roll(unsigned sides) { return static_cast<unsigned>(random_() % sides); }
    std::string client() { return "client " + std::to_string(roll(80)); }
    server_id server() { return std::array{blue, green, red}[roll(3)]; }

    void forget_what_is_over() {
        for (auto at = sessions_.begin(); at != sessions_.end();) {
            if (!at->second.is_over(lab_.now.steady)) {
                ++at;
                continue;
            }
            ghosts_.insert(ghosts_.end(), at->second.held.begin(), at->second.held.end());
            at = sessions_.erase(at);
        }
    }

    void request(const std::string& name) {
        auto found = named(name);
        const auto known = sessions_.find(name);
        // Half of those who have a token show it; some show one that others have given meanwhile.
        if (known != sessions_.end() && known->second.home.home != no_server_id && roll(2) == 0) {
            found.carried = known->second.home;
            if (roll(8) == 0) {
                found.carried->home = server();
                found.carried->moves += 1;
            }
        }
        const seen who = lab_.table->enter(shop, found, lab_.now);
        EXPECT_TRUE(who.handle);
        EXPECT_EQ(who.known, known != sessions_.end());

        modelled& mine = sessions_[name];
        if (!who.known) {
            mine.home = {.session = found.session, .born = wall(), .issued = wall()};
            mine.created = lab_.now.steady;
        } else {
            mine.tentative = false;
            if (found.carried && found.carried->moves > mine.home.moves) mine.home = *found.carried;
        }
        mine.last_seen = lab_.now.steady;
        EXPECT_EQ(who.home, mine.home);
        EXPECT_EQ(who.tentative, mine.tentative);
        mine.held.push_back(who);
        if (mine.home.home == no_server_id || roll(6) == 0) claim(mine, who);
    }

    void claim(modelled& mine, const seen& who) {
        const server_id to = server();
        const auto bound = lab_.claim(who, to, affinity::cause::home_down);
        if (mine.home.home != to) {
            if (mine.home.home != no_server_id) {
                ++mine.home.moves;
                ++moves_;
            }
            mine.home.home = to;
            mine.home.issued = wall();
        }
        EXPECT_EQ(bound, mine.home);
    }

    void leave(const std::string& name) {
        const auto known = sessions_.find(name);
        if (known == sessions_.end() || known->second.held.empty()) {
            if (ghosts_.empty()) return;
            lab_.leave(ghosts_.back());
            ghosts_.pop_back();
            return;
        }
        lab_.leave(known->second.held.back());
        known->second.held.pop_back();
        known->second.last_seen = lab_.now.steady;
    }

    void end(const std::string& name) {
        const auto known = sessions_.find(name);
        EXPECT_EQ(lab_.table->end(shop, key_of(name), lab_.now.steady), known != sessions_.end());
        if (known == sessions_.end()) return;
        ghosts_.insert(ghosts_.end(), known->second.held.begin(), known->second.held.end());
        sessions_.erase(known);
    }

    std::uint32_t wall() const { return lab_.wall(); }

    std::mt19937_64 random_;
    lab lab_{{.capacity = 1000,
              .tentative_capacity = 1000,
              .extra_keys = 0,
              .lives = {.idle = idle, .absolute = absolute}}};
    std::unordered_map<std::string, modelled> sessions_;
    std::vector<seen> ghosts_;  // requests of sessions that have ended
    std::uint64_t moves_ = 0;
};

TEST(registry_model, random_requests_get_the_models_answers) {
    for (unsigned seed = 1; seed <= 30; ++seed) {
        SCOPED_TRACE(testing::Message() << "seed " << seed);
        twin both(seed);
        for (int n = 0; n < 1500 && !testing::Test::HasFailure(); ++n) {
            both.step();
            if (n % 50 == 0) both.compare();
        }
        both.finish();
        if (testing::Test::HasFailure()) return;
    }
}

/// Small pools, several keys, everything at random: nothing to compare with, all must agree.
TEST(registry_model, invariants_hold_when_everything_is_full) {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        std::mt19937_64 random(seed);
        const auto roll = [&](unsigned sides) { return static_cast<unsigned>(random() % sides); };
        lab lab({.capacity = 12,
                 .tentative_capacity = 5,
                 .extra_keys = 8,
                 .lives = {.idle = idle, .absolute = absolute}});
        std::vector<seen> held;
        for (int n = 0; n < 3000; ++n) {
            const auto name = "client " + std::to_string(roll(60));
            const auto other = key_of("client " + std::to_string(roll(60)));
            switch (roll(8)) {
                case 0: lab.wait(std::chrono::milliseconds(roll(9000))); break;
                case 1: lab.table->add_key(shop, key_of(name), other, lab.now.steady); break;
                case 2: lab.table->remove_key(shop, other); break;
                case 3: lab.table->sweep(lab.now.steady, roll(20)); break;
                case 4: lab.request_with_token(name, red); break;
                case 5:
                    held.push_back(lab.enter(name));
                    lab.claim(held.back(), roll(2) == 0 ? blue : green);
                    break;
                default:
                    if (held.empty()) break;
                    std::swap(held.back(), held[roll(static_cast<unsigned>(held.size()))]);
                    lab.leave(held.back());
                    held.pop_back();
            }
            lab.table->verify();
            const report all = lab.table->counts();
            ASSERT_LE(all.established, 12u);
            ASSERT_LE(all.tentative, 5u);
            ASSERT_LE(all.extra_keys, 8u);
        }
        for (const seen& who : held) lab.leave(who);
        lab.wait(absolute + 2s);
        for (int n = 0; n < 20; ++n) lab.sweep();
        lab.table->verify();
        const report empty = lab.table->counts();
        EXPECT_EQ(empty.established + empty.tentative + empty.extra_keys, 0u);
    }
}

}  // namespace
}  // namespace hawser::registry
