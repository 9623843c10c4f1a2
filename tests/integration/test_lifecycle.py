# SPDX-License-Identifier: Apache-2.0
"""Start, reload, stop and return of a process."""

import os
import signal
import socket
import subprocess
import threading

from harness import STALL, answer, binary, free_port, wait_for
from operators import command, operated_by  # noqa: F401

GET = b"GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n"
SLOW = b"GET /slow HTTP/1.1\r\nHost: shop.example\r\n\r\n"


def begin_a_slow_request(node, seconds: float = 0.5):
    """A client whose answer takes that long; the server has the request."""
    origin = node["a"]
    origin.script = lambda request: [seconds, answer(b"slow")]
    client = node.connect().send(SLOW)
    wait_for(lambda: origin.requests, "the server has the request")
    return client


# ---- start ------------------------------------------------------------------------------------

def test_a_taken_port_ends_a_second_process_with_1(operated_by):
    node = operated_by("a")
    told = command("run", "--listen", f"127.0.0.1:{node.hawser.port}", "--server",
                   node["a"].address, "--admin", "off")
    assert told.returncode == 1
    assert "--listen" in told.stderr and str(node.hawser.port) in told.stderr
    node.hawser.assert_alive()


def test_a_taken_admin_address_ends_a_second_process_with_1(operated_by):
    node = operated_by("a")
    told = command("run", "--listen", f"127.0.0.1:{free_port()}", "--server", node["a"].address,
                   "--admin", f"127.0.0.1:{node.admin_port}")
    assert told.returncode == 1
    assert "admin.bind" in told.stderr and "--admin" in told.stderr


def test_the_service_manager_hears_of_start_reload_and_stop(tmp_path):
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
        notified.bind(str(path))
        notified.settimeout(10)
        process = subprocess.Popen(
            [binary(), "run", "--listen", f"127.0.0.1:{free_port()}", "--server", "127.0.0.1:9",
             "--admin", "off", "--access-log", "off", "--workers", "1"],
            env=os.environ | {"NOTIFY_SOCKET": str(path), "XDG_STATE_HOME": str(tmp_path)},
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            def hear(wanted: bytes) -> bytes:
                while not (told := notified.recv(4096)).startswith(wanted):
                    assert told.startswith((b"WATCHDOG=1", b"FDSTORE=1")), told
                return told

            hear(b"READY=1")
            process.send_signal(signal.SIGHUP)
            assert b"MONOTONIC_USEC=" in hear(b"RELOADING=1")
            hear(b"READY=1")
            hear(b"WATCHDOG=1")
            process.send_signal(signal.SIGTERM)
            hear(b"STOPPING=1")
            assert process.wait(10) == 0
        finally:
            process.kill()
            process.wait()


# ---- reload -----------------------------------------------------------------------------------

def test_e172_an_invalid_file_changes_nothing_and_says_where(operated_by):
    node = operated_by("ab")
    node.hawser.config_path.write_text("listeners:\n  web:\n    bnid: ':1'\n")
    node.signal(signal.SIGHUP)
    wait_for(lambda: "reload failed" in node.hawser.errors(), "the failure is told of")
    assert node.hawser.has_said("hawser.yaml:3:5:")
    assert node.visitor().ask().status == 200
    assert node.status()["generation"] == 1
    assert node.metrics()["hawser_config_last_reload_success"] == 0


def test_e172_the_command_says_where_and_exits_1(operated_by):
    node = operated_by("ab")
    node.hawser.config_path.write_text("listeners:\n  web:\n    bnid: ':1'\n")
    told = node.command("reload")
    assert told.returncode == 1
    assert "hawser.yaml:3:5:" in told.stderr
    assert node.visitor().ask().status == 200


def test_e172_a_taken_port_fails_the_reload_as_a_whole(operated_by):
    node = operated_by("ab")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        node.hawser.settings["listeners"]["other"] = {"bind": f"127.0.0.1:{port}"}
        del node.hawser.settings["pools"]["shop"]["servers"]["b"]
        node.hawser.write_settings()
        told = node.command("reload")
    assert told.returncode == 1 and str(port) in told.stderr
    line = next(number for number, text in enumerate(
        node.hawser.config_path.read_text().splitlines(), 1) if str(port) in text)
    assert f"hawser.yaml:{line}:" in told.stderr
    assert [each["name"] for each in node.status()["pools"][0]["servers"]] == ["a", "b"]


def test_e172_a_taken_admin_address_fails_the_reload_and_says_where(operated_by):
    node = operated_by("a")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        node.hawser.settings["admin"] = {"bind": "127.0.0.1:%d" % taken.getsockname()[1]}
        node.hawser.write_settings()
        told = node.act("/v1/reload")
    assert told.status >= 400
    lines = node.hawser.config_path.read_text().splitlines()
    line = next(at for at, text in enumerate(lines, 1) if '"admin"' in text) + 1
    assert f"{node.hawser.config_path}:{line}:" in told.error
    assert node.admin("GET", "/healthz").status == 200


def test_e172_a_log_that_cannot_be_written_fails_the_reload_as_a_whole(operated_by, tmp_path):
    node = operated_by("a")
    moved = tmp_path / "moved.log"
    node.hawser.settings["log"] |= {"access": str(moved), "errors": str(tmp_path / "nowhere" / "errors.log")}
    node.hawser.write_settings()
    assert node.command("reload").returncode == 1
    before = len(node.hawser.access())
    node.visitor().ask()
    wait_for(lambda: len(node.hawser.access()) > before, "the old access log goes on")


def test_e171_a_reload_moves_no_session_and_fails_no_request(operated_by):
    node = operated_by("abc")
    visitors = [node.visitor() for _ in range(12)]
    homes = [each.ask().body for each in visitors]
    failures: list[object] = []
    over = threading.Event()

    def ask_until_over() -> None:
        while not over.is_set():
            for visitor, home in zip(visitors, homes):
                told = visitor.ask()
                if told.status != 200 or told.body != home:
                    failures.append((told.status, told.body, home))

    asking = threading.Thread(target=ask_until_over)
    asking.start()
    for _ in range(100):
        assert node.act("/v1/reload").status == 200
    over.set()
    asking.join()
    assert failures == []


def test_e173_a_hundred_reloads_leave_nothing_behind(operated_by):
    node = operated_by("ab", workers=2)
    node.visitor().ask()
    first = node.act("/v1/reload")
    assert first.status == 200
    descriptors, threads = node.hawser.descriptors(), node.threads()
    listeners = node.hawser.settings["listeners"]
    servers = node.hawser.settings["pools"]["shop"]["servers"]
    port = free_port()
    b = servers["b"]
    for turn in range(100):
        if turn % 2 == 0:
            listeners["other"] = {"bind": f"127.0.0.1:{port}"}
            del servers["b"]
        else:
            del listeners["other"]
            servers["b"] = b
        node.hawser.write_settings()
        assert node.act("/v1/reload").status == 200
    wait_for(lambda: node.hawser.descriptors() <= descriptors, "descriptors are as before")
    assert node.threads() == threads


def test_e173_connections_to_a_removed_server_end_and_others_stay(operated_by):
    node = operated_by("ab", pool={"balance": "round-robin", "affinity": []})
    with node.connect() as client:
        for _ in range(4):
            assert client.send(GET).read_answer().status == 200
        del node.hawser.settings["pools"]["shop"]["servers"]["b"]
        node.hawser.write_settings()
        assert node.act("/v1/reload").status == 200
        wait_for(lambda: all(each.ended for each in node["b"].connections), "b is left")
        assert node["b"].connections and not any(each.ended for each in node["a"].connections)
        assert client.send(GET).read_answer().body == b"a"


def test_e173_the_pinned_connection_of_a_removed_server_ends(operated_by):
    node = operated_by("a", servers={"b": "127.0.0.1:9"})
    del node.hawser.settings["pools"]["shop"]["servers"]["b"]
    node.hawser.reload()
    node["a"].answers(answer(b"who", "401 Unauthorized", "WWW-Authenticate: NTLM"))
    with node.connect() as client:
        assert client.send(GET).read_answer().status == 401
        node.hawser.settings["pools"]["shop"]["servers"] = {"b": "127.0.0.1:9"}
        node.hawser.write_settings()
        assert node.act("/v1/reload").status == 200
        [kept] = node["a"].connections
        wait_for(lambda: kept.ended, "nothing is kept to a server that left")


def test_a_reload_keeps_what_the_operator_set(operated_by):
    node = operated_by("ab")
    node.set("a", state="drain")
    node.act("/v1/reload")
    assert node.is_drained("a")


def test_a_reload_moves_the_admin_endpoint(operated_by):
    node = operated_by("a")
    port = free_port()
    node.hawser.settings["admin"] = {"bind": f"127.0.0.1:{port}"}
    node.hawser.write_settings()
    assert node.act("/v1/reload").status == 200
    node.admin_port = port
    assert node.admin("GET", "/healthz").status == 200


def test_the_access_log_can_be_turned_on_by_a_reload(operated_by, tmp_path):
    path = tmp_path / "later.log"
    node = operated_by("a", log={"access": "off"})
    node.hawser.access_path.touch()  # the harness reads it
    node.visitor().ask()
    node.hawser.settings["log"] = {"access": str(path)}
    node.hawser.write_settings()
    assert node.act("/v1/reload").status == 200
    node.visitor().ask()
    wait_for(lambda: path.exists() and path.read_bytes().count(b"\n") == 1, "one record")


def test_usr1_opens_the_logs_anew(operated_by, tmp_path):
    node = operated_by("a")
    log = node.hawser.access_path
    log.rename(tmp_path / "access.log.1")
    node.signal(signal.SIGUSR1)
    wait_for(log.exists, "the log is there again")
    node.visitor().ask()
    wait_for(lambda: log.stat().st_size > 0, "the new file is written")


# ---- stop -------------------------------------------------------------------------------------

def test_e175_answers_end_readiness_fails_and_idle_connections_close(operated_by):
    node = operated_by("a")
    idle = node.connect()
    idle.send(b"GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n")
    assert idle.read_answer().status == 200
    node["a"].forget()
    slow = begin_a_slow_request(node)

    node.signal(signal.SIGTERM)
    wait_for(lambda: node.admin("GET", "/readyz").status == 503, "readiness fails")
    idle.read_to_end()
    told = slow.read_answer()
    assert (told.status, told.body) == (200, b"slow")
    assert told.value("Connection") == "close"
    assert node.wait_until_over() == 0


def test_e175_nothing_is_accepted_any_more(operated_by):
    node = operated_by("a")
    slow = begin_a_slow_request(node)
    node.signal(signal.SIGTERM)

    def is_refused() -> bool:
        try:
            socket.create_connection(("127.0.0.1", node.hawser.port), timeout=1).close()
        except ConnectionRefusedError:
            return True
        return False

    wait_for(is_refused, "connections are refused")
    assert slow.read_answer().status == 200
    assert node.wait_until_over() == 0


def test_e175_a_second_signal_ends_it_at_once(operated_by):
    node = operated_by("a", **{"stop-timeout": "60s"})
    node["a"].answers(STALL)
    node.connect().send(SLOW)
    wait_for(lambda: node["a"].requests, "the server has the request")
    node.signal(signal.SIGTERM)
    wait_for(lambda: "stopping" in node.hawser.errors(), "it stops gracefully")
    assert not node.is_over()
    node.signal(signal.SIGTERM)
    assert node.wait_until_over() == 0


def test_e175_signals_that_come_while_it_ends_do_not_keep_it(operated_by):
    node = operated_by("a")
    told = 0
    while node.hawser.process.poll() is None and told < 100_000:
        node.signal(signal.SIGTERM)
        told += 1
    assert node.hawser.process.wait(10) == 0


def test_e175_the_limit_ends_what_does_not_end(operated_by):
    node = operated_by("a", **{"stop-timeout": "200ms"})
    node["a"].answers(STALL)
    node.connect().send(SLOW)
    wait_for(lambda: node["a"].requests, "the server has the request")
    node.signal(signal.SIGTERM)
    assert node.wait_until_over() == 0


def test_files_of_unix_sockets_go_with_the_process(operated_by, tmp_path):
    admin, web = tmp_path / "admin.sock", tmp_path / "web.sock"
    node = operated_by("a", workers=2, admin={"bind": f"unix:{admin}"},
                       listener={"bind": [f"127.0.0.1:{free_port()}", f"unix:{web}"]})
    assert admin.is_socket() and web.is_socket()
    node.signal(signal.SIGTERM)
    assert node.wait_until_over() == 0
    assert not admin.exists() and not web.exists()


# ---- return -----------------------------------------------------------------------------------

def test_e179_killed_and_started_again_cookies_lead_home(operated_by):
    node = operated_by("abc")
    visitors = [node.visitor() for _ in range(6)]
    homes = [each.ask().body for each in visitors]
    assert node.kill_and_start_again() < 1
    assert [each.ask().body for each in visitors] == homes


def test_e179_a_left_over_socket_stops_nobody(operated_by, tmp_path):
    path = tmp_path / "admin.sock"
    node = operated_by("a", admin={"bind": f"unix:{path}"})
    node.kill_and_start_again()
    assert command("status", "--admin", f"unix:{path}").returncode == 0
