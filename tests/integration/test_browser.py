# SPDX-License-Identifier: Apache-2.0
"""E28, E156: Debian's Chromium, without a window, before a page of a hundred resources."""

import json

from authorities import Authority
from harness import answer
from processes import run_app

RESOURCES = 100
PICTURE = (b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
           b'<rect width="9" height="9"/></svg>')


def site(name: str):
    """Pictures that are all different files to a browser, and one page that shows them."""
    page = b"".join(b'<img src="/picture/%d.svg">' % at for at in range(RESOURCES))

    def script(asked):
        if asked.target.startswith("/picture/"):
            return [answer(PICTURE, "200 OK", "Content-Type: image/svg+xml", f"X-Server: {name}",
                           "Cache-Control: no-store")]
        if asked.target == "/favicon.ico":
            return [answer(b"", "200 OK", "Content-Type: image/x-icon")]
        return [answer(b"<!doctype html><title>shop</title>" + page, "200 OK",
                       "Content-Type: text/html", f"X-Server: {name}")]

    return script


def test_e28_e156_a_page_of_100_resources_loads_from_one_home(fleet_of):
    fleet = fleet_of("ab")
    for name in "ab":
        fleet[name].script = site(name)
    seen = json.loads(run_app("browse.js", f"http://127.0.0.1:{fleet.hawser.port}/"))
    assert seen["failed"] == [] and seen["pictures"] == RESOURCES
    assert seen["protocols"] == ["http/1.1"]
    (mark,) = [each for each in seen["cookies"] if each["name"].startswith("hawser-")]
    assert mark["httpOnly"] and mark["path"] == "/" and mark["sameSite"] == "Lax"
    pictures = {name: [each.target for each in fleet[name].requests if "picture" in each.target]
                for name in "ab"}
    assert sorted(map(len, pictures.values())) == [0, RESOURCES], "all of one home"
    (all_of_them,) = filter(None, pictures.values())
    assert len(set(all_of_them)) == RESOURCES, "each once"


def test_e122_e156_the_same_page_comes_over_one_connection_of_http2_and_tls(fleet_of, tmp_path):
    issued = Authority(tmp_path / "certificates").issue("shop.example", "IP:127.0.0.1")
    fleet = fleet_of("ab", listener={"tls": {"certificates": [issued.settings]}})
    for name in "ab":
        fleet[name].script = site(name)
    seen = json.loads(run_app("browse.js", f"https://127.0.0.1:{fleet.hawser.port}/"))
    assert seen["failed"] == [] and seen["pictures"] == RESOURCES
    assert seen["protocols"] == ["h2"]
    (mark,) = [each for each in seen["cookies"] if each["name"].startswith("__Host-hawser-")]
    assert mark["secure"] and mark["httpOnly"]
    pictures = [each for each in fleet.hawser.access() if "picture" in each.get("target", "")]
    assert len({each["client_port"] for each in pictures}) == 1
    assert {each["tls"] for each in pictures} == {"TLSv1.3"}
