# SPDX-License-Identifier: Apache-2.0
"""A session of Express starts light, and becomes durable with the log-in (issue 7: Hybrid)."""

from harness import wait_for
from libraries import LIBRARIES
from site_under_test import Site
from test_sessions_hybrid import kill_and_start_again, metric_of, store_of  # noqa: F401

EXPRESS = next(each for each in LIBRARIES if each.name == "express-node-redis")


def test_a_cart_is_lost_and_counted_and_after_the_log_in_it_is_kept(store_of, tmp_path):  # noqa: F811
    store = store_of({"durability": "sync", "user-field": "user"})
    site = Site(EXPRESS, store, tmp_path)
    try:
        site.start()
        ann, other = site.visitor(), site.visitor()
        assert ann.add("tea") == ["tea"]
        assert metric_of(store, "records_light") == 1
        # What has to be on the disk takes along how much is not.
        assert other.ask("/login?name=bob") == "in"
        assert metric_of(store, "records_light") == 1

        kill_and_start_again(store)
        wait_for(lambda: ann.json("/items") == [], "the shop is connected again")
        assert metric_of(store, "records_lost_total") == 1
        assert other.ask("/me") == "bob"

        assert ann.ask("/login?name=ann") == "in"
        assert ann.add("milk") == ["milk"]
        kill_and_start_again(store)
        wait_for(lambda: ann.json("/items") == ["milk"], "the shop is connected again")
        assert ann.ask("/me") == "ann"
        assert metric_of(store, "records_lost_total") == 0
    finally:
        site.kill()
