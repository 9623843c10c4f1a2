# SPDX-License-Identifier: Apache-2.0
"""What is known of the way to each server: connect times, round trips, retransmits."""

from harness import wait_for
from operators import Operated, operated_by  # noqa: F401  (a fixture)


def of(node: Operated, name: str, server: str = "a") -> float:
    return node.metrics().get(f'hawser_server_{name}{{pool="shop",server="{server}"}}', 0)


def test_metrics_tell_of_the_way_to_servers(operated_by):  # noqa: F811
    node = operated_by("a")
    assert of(node, "connect_duration_seconds_count") == 0

    visitor = node.visitor()
    for _ in range(3):
        assert visitor.ask().status == 200

    assert of(node, "connect_duration_seconds_count") == 1, "the connection is kept"
    assert 0 < of(node, "connect_duration_seconds_sum") < 5
    assert of(node, "round_trip_seconds_count") == 1, "a look a second is enough"
    assert 0 < of(node, "round_trip_seconds_sum") < 1
    seen = of(node, "segments_sent_total")
    assert seen >= 2
    assert of(node, "retransmits_total") <= seen

    node["a"].stop()
    wait_for(lambda: of(node, "round_trip_seconds_count") == 2, "the end was looked at")
    assert of(node, "segments_sent_total") > seen
