# SPDX-License-Identifier: Apache-2.0
"""E93-E102: what HTTP/2 can say and HTTP/1.1 must not hear, by families of the trick. The server
sees exactly the request that the stream entitles to, or none; who comes next on its connection is
served as ever."""

import os

import pytest

from carriers import H2
from edge import Edge
from h2_client import Answer
from harness import wait_for
from smuggling_h2 import FAMILIES, Asked, cut_frames, drawn, entitled, whole_frames
from test_smuggling import REFUSALS, SEED, Victim, is_settled, mark_of, seen_by, tells_what_it_saw

COUNT = int(os.environ.get("HAWSER_SMUGGLING", "24"))  # requests of a family
OVER = H2
EDGE = {"pool": {"retries": 0}}
STREAM = 1


def attack(edge: Edge, sent: Asked, frames: list[bytes]) -> None:
    due = entitled(sent)
    edge.origin.forget()
    edge.origin.script = tells_what_it_saw
    victim = Victim(edge)
    with victim.client:
        before = victim.asks()
        with edge.connect_h2() as client:
            client.answers[STREAM] = Answer()
            try:
                for each in frames:
                    client.send(each)
            except OSError:  # it has ended, which is a refusal
                pass
            told = client.answer(STREAM)
        after = victim.asks()
    if due is not None:
        assert told.status == 200 and told.ended
        assert told.heads[-1]["x-saw"] == mark_of(due.method, due.target, due.body)
    else:
        assert told.reset is not None or client.ended or told.status in REFUSALS, told
        assert not told.heads or "x-saw" not in told.heads[-1]
    wait_for(lambda: all(is_settled(each) for each in edge.origin.connections),
             "the server is left in peace")
    assert not [each.fault for each in edge.origin.connections if each.fault]
    assert seen_by(edge) == [each for each in (before, due, after) if each is not None]


@pytest.mark.parametrize("cut", [whole_frames, cut_frames])
@pytest.mark.parametrize("name", FAMILIES)
def test_e93_e94_e95_e96_e97_e98_e99_e100_e102_servers_see_what_a_stream_is_entitled_to(edge, name,
                                                                                        cut):
    for sent in drawn(name, COUNT, SEED):
        try:
            attack(edge, sent, cut(STREAM, sent))
        except AssertionError as why:
            raise AssertionError(f"{name}: {sent}\n{why}") from why
