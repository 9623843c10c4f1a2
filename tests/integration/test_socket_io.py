# SPDX-License-Identifier: Apache-2.0
"""socket.io as npm has it: polling, the upgrade to a WebSocket, and users who log in beside it."""

import json
import pathlib

import pytest

from fleet import Fleet
from processes import Application, run_app

CLIENTS, CALLS = 12, 8


@pytest.fixture(scope="module")
def servers():
    all_of_them = [Application("rooms.js") for _ in range(3)]
    yield all_of_them
    for each in all_of_them:
        each.stop()


def talk(servers, folder: pathlib.Path, affinity, transports: str, *login: str) -> list[dict]:
    fleet = Fleet(folder, "", workers=2, pool={"balance": "round-robin", "affinity": affinity},
                  servers={f"rooms-{at}": each.address for at, each in enumerate(servers)})
    try:
        return json.loads(run_app("rooms_client.js", f"http://127.0.0.1:{fleet.hawser.port}",
                                  CLIENTS, CALLS, transports, *login))
    finally:
        fleet.stop()


def assert_each_stayed(told: list[dict], servers) -> None:
    assert len(told) == CLIENTS
    for each in told:
        assert len({one["process"] for one in each["told"]}) == 1, each
    assert {each["told"][0]["process"] for each in told} == {one.pid for one in servers}


@pytest.mark.parametrize("transports, carrier", [("polling", "polling"),
                                                 ("polling,websocket", "websocket")])
def test_clients_without_cookies_stay_by_their_address(servers, tmp_path, transports, carrier):
    told = talk(servers, tmp_path, "socket.io", transports)
    assert_each_stayed(told, servers)
    for each in told:
        assert each["carrier"] in (carrier, "polling"), "an upgrade may be still under way"
        assert [one["count"] for one in each["told"]] == list(range(1, CALLS + 1))


@pytest.mark.parametrize("affinity", ["socket.io", ["cookie"],
                                      [{"application-cookie": "connect.sid"}]])
@pytest.mark.parametrize("transports", ["polling", "polling,websocket"])
def test_who_logs_in_gets_another_id_and_stays(servers, tmp_path, affinity, transports):
    told = talk(servers, tmp_path, affinity, transports, "login")
    assert_each_stayed(told, servers)
    for each in told:
        before, during, after, *calls = each["told"]
        assert (before["name"], after["name"]) == ("", each["name"])
        assert {one["name"] for one in calls} == {each["name"]}


def test_without_affinity_polling_fails(servers, tmp_path):
    """What the tests above rely on: no process knows another one's connections."""
    with pytest.raises(AssertionError):
        talk(servers, tmp_path, [], "polling")
