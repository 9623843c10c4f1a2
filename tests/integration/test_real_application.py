# SPDX-License-Identifier: Apache-2.0
"""An express shop, nginx, curl and wrk: software that nobody here wrote, before and behind us."""

import hashlib
import re
import subprocess

import pytest

from fleet import Fleet
from harness import free_port
from processes import Application, Nginx, curl
from test_failover import Crowd


@pytest.fixture(scope="module")
def shops(tmp_path_factory):
    """Three processes of the shop behind one Hawser."""
    servers = [Application("shop.js") for _ in range(3)]
    fleet = Fleet(tmp_path_factory.mktemp("shops"), "", workers=2, pool={"balance": "round-robin"},
                  servers={f"shop-{at}": each.address for at, each in enumerate(servers)})
    yield fleet
    fleet.stop()
    for each in servers:
        each.stop()


def url(fleet: Fleet, path: str) -> str:
    return f"http://127.0.0.1:{fleet.hawser.port}{path}"


# ---- the shop ----

def test_a_thousand_requests_of_fifty_clients_find_every_cart_as_they_left_it(shops):
    crowd = Crowd(shops.hawser.port, 50)
    crowd.work(20)
    crowd.go_home()
    assert crowd.failures == {}
    assert sum(each.requests for each in crowd.shoppers) >= 1000
    for each in crowd.shoppers:
        assert each.lost == 0 and len(each.homes) == 1 and each.marks == 1
        assert each.items == list(range(len(each.items))) and each.items
    assert len({each.homes[0] for each in crowd.shoppers}) == 3, "all three have their share"


def test_curl_with_a_cookie_jar_keeps_its_session_through_a_login(shops, tmp_path):
    jar = ("-b", str(tmp_path / "jar"), "-c", str(tmp_path / "jar"))
    for name in ("ann", "bob"):
        assert curl(*jar, "-L", "-d", f"name={name}", url(shops, "/login")) == f"I am {name}"
        for _ in range(5):
            assert curl(*jar, url(shops, "/me")) == f"I am {name}"
    names = re.findall(r"\t(\S+)\t\S+\n", (tmp_path / "jar").read_text())
    assert sorted(names)[0] == "connect.sid" and len(names) == 2
    assert all(each in ("connect.sid", names[-1]) or each.startswith("hawser-") for each in names)


def test_without_a_cookie_jar_the_shop_would_forget(shops):
    """What the tests above rely on: the processes share nothing."""
    seen = {curl(url(shops, "/cart")) for _ in range(6)}
    assert len({re.search(r'"process":(\d+)', each)[1] for each in seen}) == 3


def test_a_streamed_answer_comes_whole_and_in_its_pieces(shops):
    assert curl(url(shops, "/slow")) == "begun;ended"


# ---- files of nginx ----

@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    (folder / "small.txt").write_text("0123456789" * 10)
    (folder / "empty.txt").write_text("")
    (folder / "large.bin").write_bytes(hashlib.shake_256(b"large").digest(20 << 20))
    (folder / "page.html").write_text("<p>page</p>\n" * 2000)
    return folder


@pytest.fixture(scope="module")
def site(tmp_path_factory, files):
    server = Nginx(tmp_path_factory.mktemp("nginx"), files,
                   "gzip on; absolute_redirect off; client_max_body_size 1m;"
                   " location = /gone { return 410; } location = /away { return 302 /small.txt; }")
    fleet = Fleet(tmp_path_factory.mktemp("site"), "", servers={"nginx": server.address},
                  pool={"affinity": []})
    yield fleet
    fleet.stop()
    server.stop()


def head_of(text: str) -> dict[str, str]:
    lines = re.findall(r"^([\w-]+): (.*?)\r?$", text, re.M)
    return {name.lower(): value for name, value in lines}


def test_files_arrive_byte_for_byte(site, files, tmp_path):
    for name in ("small.txt", "empty.txt", "large.bin", "page.html"):
        curl("-o", str(tmp_path / name), url(site, "/" + name))
        assert (tmp_path / name).read_bytes() == (files / name).read_bytes()


def test_head_tells_the_length_and_brings_no_body(site):
    told = curl("-I", url(site, "/small.txt"), "--next", "-sS", url(site, "/small.txt"))
    assert head_of(told)["content-length"] == "100"
    assert told.endswith("0123456789" * 10), "the connection lives on"


def test_a_range_is_a_part(site):
    assert curl("-r", "10-14", url(site, "/small.txt")) == "01234"
    told = curl("-i", "-r", "95-", url(site, "/small.txt"))
    assert told.startswith("HTTP/1.1 206 ") and told.endswith("56789")
    assert head_of(told)["content-range"] == "bytes 95-99/100"
    told = curl("-i", "-r", "0-1,5-6", url(site, "/small.txt"))
    assert told.count("Content-Range: ") == 2, "multipart"
    assert curl("-i", "-r", "500-", url(site, "/small.txt")).startswith("HTTP/1.1 416 ")


def test_an_unchanged_file_is_304(site):
    tag = head_of(curl("-I", url(site, "/small.txt")))["etag"]
    told = curl("-i", "-H", f"If-None-Match: {tag}", url(site, "/small.txt"),
                "--next", "-sS", url(site, "/small.txt"))
    assert told.startswith("HTTP/1.1 304 ") and told.endswith("0123456789" * 10)
    assert head_of(told.split("\r\n\r\n")[0])["etag"] == tag


def test_a_compressed_page_passes_as_it_is(site):
    page = curl("--compressed", url(site, "/page.html"))
    told = curl("-I", "-H", "Accept-Encoding: gzip", url(site, "/page.html"))
    assert page == "<p>page</p>\n" * 2000
    assert head_of(told)["content-encoding"] == "gzip"


@pytest.mark.parametrize("path,status", [("/gone", 410), ("/none", 404), ("/away", 302)])
def test_statuses_of_the_server_pass(site, path, status):
    assert curl("-o", "/dev/null", "-w", "%{http_code}", url(site, path)) == str(status)


def test_a_redirect_leads_back_through_us(site):
    told = curl("-L", "-w", "\n%{num_redirects} %{url_effective}", url(site, "/away"))
    assert told.endswith(f"\n1 {url(site, '/small.txt')}")


def test_http_1_0_is_served(site):
    told = curl("-i", "-0", url(site, "/small.txt"))
    assert told.startswith("HTTP/1.1 200 ") and told.endswith("0123456789" * 10)


def test_an_upload_that_the_server_refuses_is_told_so(site, tmp_path):
    (tmp_path / "body").write_bytes(bytes(8 << 20))
    for more in ([], ["-H", "Expect: 100-continue"], ["-H", "Expect:"]):
        assert curl(*more, "-o", "/dev/null", "-w", "%{http_code}", "--data-binary",
                    f"@{tmp_path / 'body'}", url(site, "/small.txt")) == "413"


# ---- unix sockets ----

@pytest.mark.parametrize("host,seen", [("preserve", "shop.example"), ("server", "localhost"),
                                       ("inner.example", "inner.example")])
def test_sockets_in_the_file_system_serve_before_and_behind_us(fleet_of, tmp_path, host, seen):
    (tmp_path / "hello.txt").write_text("hello")
    behind, before = tmp_path / "behind.sock", tmp_path / "before.sock"
    more = f"listen unix:{behind}; location = /host {{ return 200 $http_host; }}"
    server = Nginx(tmp_path, tmp_path, more)
    port = free_port()
    fleet = fleet_of("", servers={"nginx": f"unix:{behind}"}, pool={"host": host},
                     listener={"bind": [f"127.0.0.1:{port}", f"unix:{before}"]})
    for way in (["--unix-socket", str(before), "http://shop.example"],
                ["-H", "Host: shop.example", f"http://127.0.0.1:{port}"]):
        assert curl(*way[:-1], way[-1] + "/hello.txt") == "hello"
        assert curl(*way[:-1], way[-1] + "/host") == seen
    server.stop()


# ---- wrk ----

@pytest.mark.parametrize("which,path", [("site", "/small.txt"), ("site", "/page.html"),
                                        ("shops", "/cart")])
def test_wrk_counts_no_error(request, which, path):
    fleet = request.getfixturevalue(which)
    done = subprocess.run(["wrk", "-t", "2", "-c", "40", "-d", "2s", url(fleet, path)], text=True,
                          capture_output=True, check=True)
    assert "Socket errors" not in done.stdout and "Non-2xx" not in done.stdout, done.stdout
    assert int(re.search(r"(\d+) requests in", done.stdout)[1]) > 100
