# SPDX-License-Identifier: Apache-2.0
"""What a route does besides leading to a pool: other paths, redirects, answers of its own, pages."""

import json
import subprocess

import pytest

from edge import SMUGGLED, request, says_nothing_of
from harness import CLOSE, Hawser, RawOrigin, answer, free_port

BROWSER = b"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PROGRAM = b"Accept: application/json, text/plain, */*"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    folder = tmp_path_factory.mktemp("actions")
    (folder / "sorry.html").write_text("<h1>We are sorry</h1>")
    origin = RawOrigin()
    hawser = Hawser(folder, {
        "listeners": {"web": {"error-pages": {"4xx": {"html": "<p>listener</p>"}}}},
        "pools": {"shop": {"servers": {"a": origin.address}, "affinity": [],
                           "error-pages": {"502": {"html": {"file": "sorry.html"},
                                                   "json": '{"sorry": true}'}}},
                  "down": {"servers": {"a": f"127.0.0.1:{free_port()}"}, "affinity": []}},
        "routes": [
            {"path": "/api/", "pool": "shop", "rewrite-path": "/v2"},
            {"path": "/strip/", "pool": "shop", "rewrite-path": "/"},
            {"path": "=/exact", "pool": "shop", "rewrite-path": "/other"},
            {"path": "~^/users/([0-9]+)/(.*)$", "pool": "shop", "rewrite-path": "/{2}/of/{1}"},
            {"path": "/", "host": "www.example", "redirect": "https://shop.example{uri}"},
            {"path": "/old/", "redirect": {"to": "/new{rest}", "status": 301}},
            {"path": "~^/item-([0-9]+)$", "redirect": {"to": "/items/{1}", "status": 308}},
            {"path": "/raw/", "redirect": "{path}"},
            {"path": "=/healthz", "respond": {"body": "fine\n", "content-type": "text/x-state"},
             "set-response-headers": {"X-From": "hawser"}},
            {"path": "/gone/", "respond": 410},
            {"path": "/nothing/", "respond": 204},
            {"path": "/small/", "respond": 200, "max-body": 5},
            {"path": "/down/", "pool": "down", "error-pages": {"503": {"html": "<p>later</p>"}}},
            {"path": "/shop/", "pool": "shop"}]})
    yield hawser, origin
    hawser.stop()


@pytest.mark.parametrize("asked,seen", [
    (b"/api/x/y?z=1", b"/v2/x/y?z=1"), (b"/api", b"/v2"), (b"/api/", b"/v2/"),
    (b"/strip/a%2Fb/./c//d?e", b"/a%2Fb/./c//d?e"), (b"/strip", b"/"), (b"/strip?q", b"/?q"),
    (b"//x/../strip/%41", b"/%41"), (b"/exact?q", b"/other?q"),
    (b"/users/17/a/b?c", b"/a/b/of/17?c"), (b"/users/1/%C3%A4%20", b"/%C3%A4%20/of/1")])
def test_e37_a_rewritten_path_keeps_what_is_not_replaced(house, asked, seen):
    hawser, origin = house
    origin.forget()
    assert hawser.ask(request(b"GET " + asked + b" HTTP/1.1")).status == 200
    assert origin.received.split(b"\r\n")[0] == b"GET " + seen + b" HTTP/1.1"


def test_e37_a_path_that_could_be_rewritten_in_two_ways_is_refused(house):
    hawser, origin = house
    origin.forget()
    assert hawser.ask(request(b"GET /users/1/a%252Fb HTTP/1.1")).status == 400
    assert origin.received == b""


@pytest.mark.parametrize("host,asked,status,location", [
    (b"www.example", b"/a%20b?c=d&e", 302, "https://shop.example/a%20b?c=d&e"),
    (b"www.example:8080", b"//evil.example/", 302, "https://shop.example//evil.example/"),
    (b"a", b"/old/x?y", 301, "/new/x"), (b"a", b"/old", 301, "/new"),
    (b"a", b"/item-17", 308, "/items/17"),
    (b"a", b"//raw/x", 302, "/raw/x"), (b"a", b"/raw/\\evil\"", 302, "/raw/%5Cevil%22")])
def test_redirects_say_where_to_go_and_never_to_another_host_by_a_path(house, host, asked, status,
                                                                       location):
    hawser, origin = house
    origin.forget()
    with hawser.connect() as client:
        client.send(request(b"GET " + asked + b" HTTP/1.1", host=host) * 2)
        for _ in range(2):
            answered = client.read_answer()
            assert (answered.status, answered.value("Location")) == (status, location)
            assert b"evil" not in answered.body
    assert origin.received == b""


def test_curl_follows_a_redirect(house):
    hawser, origin = house
    origin.forget()
    told = subprocess.run(["curl", "-sS", "-L", "-w", "%{http_code} %{url_effective}",
                           f"http://127.0.0.1:{hawser.port}/raw/../old/healthz/../../healthz",
                           "--path-as-is"], capture_output=True, text=True)
    assert told.stdout.endswith(f" http://127.0.0.1:{hawser.port}/new/healthz/../../healthz") or \
        told.stdout.startswith("fine"), told


def test_a_route_answers_by_itself(house):
    hawser, origin = house
    origin.forget()
    with hawser.connect() as client:
        client.send(request(b"GET /healthz HTTP/1.1"))
        fine = client.read_answer()
        assert fine.status == 200 and fine.body == b"fine\n"
        assert fine.value("Content-Type") == "text/x-state" and fine.value("X-From") == "hawser"
        client.send(request(b"HEAD /healthz HTTP/1.1"))
        head = client.read_answer(to_head=True)
        assert head.length == 5 and head.value("Content-Type") == "text/x-state"
        client.send(request(b"GET /gone/x HTTP/1.1"))
        assert (gone := client.read_answer()).status == 410 and gone.body
        client.send(request(b"GET /nothing/ HTTP/1.1"))
        nothing = client.read_answer()
        assert nothing.status == 204 and nothing.length is None
        assert client.hears_nothing(0.05)
    assert origin.received == b""
    assert hawser.access_of(client, 4)[0]["status"] == 200


def test_e54_a_route_without_a_pool_has_a_body_limit_too(house):
    hawser, _ = house
    ok = hawser.ask(request(b"POST /small/ HTTP/1.1", b"Content-Length: 5", body=b"12345"))
    assert ok.status == 200
    assert hawser.ask(request(b"POST /small/ HTTP/1.1", b"Content-Length: 6")).status == 413


def test_e17_a_body_that_a_route_answers_over_is_never_the_next_request(house):
    hawser, origin = house
    origin.forget()
    with hawser.connect() as client:
        client.send(request(b"POST /healthz HTTP/1.1", b"Content-Length: 1000", body=SMUGGLED))
        assert client.read_answer().value("Connection") == "close"
        assert client.read_to_end() == b""
    assert origin.received == b""


def get(hawser, path: bytes, *fields: bytes):
    return hawser.ask(request(b"GET " + path + b" HTTP/1.1", *fields))


def test_e6_error_pages_come_as_the_client_accepts_them(house):
    hawser, origin = house
    origin.answers(CLOSE)
    html = get(hawser, b"/shop/smuggled", BROWSER)
    assert html.status == 502 and html.body == b"<h1>We are sorry</h1>"
    assert html.value("Content-Type") == "text/html; charset=utf-8"
    program = get(hawser, b"/shop/smuggled", PROGRAM)
    assert program.value("Content-Type") == "application/json"
    assert json.loads(program.body) == {"sorry": True}
    assert get(hawser, b"/shop/smuggled").body == html.body
    for each in (html, program):
        says_nothing_of(each, b"smuggled")


def test_error_pages_of_a_route_go_before_its_pools_and_its_listeners(house):
    hawser, _ = house
    later = get(hawser, b"/down/", BROWSER)
    assert later.status == 503 and later.body == b"<p>later</p>" and later.value("Retry-After")
    assert get(hawser, b"/nowhere", BROWSER).body == b"<p>listener</p>"
    assert json.loads(get(hawser, b"/nowhere", PROGRAM).body) == {"status": 404,
                                                                 "error": "Not Found"}
    with hawser.connect() as client:  # no request at all
        assert client.send(b"GET\r\n\r\n").read_answer().body == b"<p>listener</p>"
    with hawser.connect() as client:
        client.send(request(b"HEAD /nowhere HTTP/1.1", BROWSER))
        assert client.read_answer(to_head=True).length == len(b"<p>listener</p>")
        assert client.hears_nothing(0.05)


def test_a_servers_own_errors_pass_as_they_are(house):
    hawser, origin = house
    origin.answers(answer(b"mine", "502 Bad Gateway"))
    assert get(hawser, b"/shop/", BROWSER).body == b"mine"


def test_check_tells_of_what_routes_lead_to(house):
    told = subprocess.run([house[0].process.args[0], "check", house[0].config_path, "--request",
                           "GET http://www.example/x"], capture_output=True, text=True)
    assert "redirect 302 to https://shop.example{uri}" in told.stdout
