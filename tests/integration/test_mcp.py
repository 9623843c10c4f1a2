# SPDX-License-Identifier: Apache-2.0
"""MCP over streamable HTTP: the SDK's server and client, which share nothing but `Mcp-Session-Id`."""

import json
import pathlib

import pytest

from fleet import Fleet
from processes import Application, run_app


@pytest.fixture(scope="module")
def servers():
    all_of_them = [Application("mcp.js") for _ in range(3)]
    yield all_of_them
    for each in all_of_them:
        each.stop()


def fleet_before(servers, folder: pathlib.Path, **pool) -> Fleet:
    return Fleet(folder, "", workers=2, pool={"balance": "round-robin"} | pool,
                 servers={f"mcp-{at}": each.address for at, each in enumerate(servers)})


def conversations(fleet: Fleet, clients: int, calls: int) -> list[list[str]]:
    return json.loads(run_app("mcp_client.js", f"http://127.0.0.1:{fleet.hawser.port}/mcp",
                              clients, calls))


def test_thirty_conversations_stay_with_the_process_that_began_them(servers, tmp_path):
    fleet = fleet_before(servers, tmp_path, affinity=[{"header": "Mcp-Session-Id"}])
    try:
        told = conversations(fleet, 30, 10)
    finally:
        fleet.stop()
    assert len(told) == 30
    for each in told:
        counts, processes = zip(*(words.split() for words in each))
        assert [int(count) for count in counts] == list(range(1, 11))
        assert len(set(processes)) == 1
    assert {each[0].split()[1] for each in told} == {str(one.pid) for one in servers}


def test_without_affinity_a_conversation_fails(servers, tmp_path):
    """What the test above relies on: the client keeps no cookie, and the processes share nothing."""
    fleet = fleet_before(servers, tmp_path, affinity=[])
    try:
        with pytest.raises(AssertionError):
            conversations(fleet, 3, 3)
    finally:
        fleet.stop()
