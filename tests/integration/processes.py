# SPDX-License-Identifier: Apache-2.0
"""Programs that nobody here wrote, as processes: npm applications, nginx, Tomcat, PHP, curl, wrk."""

import json
import os
import pathlib
import shutil
import socket
import subprocess

from harness import free_port, wait_for

APPS = pathlib.Path(__file__).parent / "apps"


class Application:
    """One process of a program of `apps/`, which prints `ready` once it listens."""

    def __init__(self, program: str, port: int = 0, **environment: str):
        self.port = port or free_port()
        self.address = f"127.0.0.1:{self.port}"
        assert (APPS.parent / "node_modules").is_dir(), \
            "npm's packages are missing: `npm ci` in tests/integration (make test does it)"
        self.process = subprocess.Popen(["node", str(APPS / program)], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, text=True,
                                        env=os.environ | {"PORT": str(self.port)} | environment)
        assert self.process.stdout.readline() == "ready\n"

    @property
    def pid(self) -> int:
        return self.process.pid

    def kill(self) -> None:
        """As `kill -9` does: its connections are reset or closed by the kernel."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def stop(self) -> None:
        if self.process.returncode is None:
            self.kill()


class Chatters:
    """WebSockets of the ws package, which wait until they are told to go."""

    def __init__(self, port: int, count: int):
        self.process = subprocess.Popen(
            ["node", str(APPS / "farewell.js"), f"ws://127.0.0.1:{port}/chat", str(count)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "open\n"

    def heard(self) -> list[str]:
        """Code and reason of each, once all have gone."""
        return json.loads(self.process.stdout.readline())

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


def run_app(program: str, *arguments: object, seconds: float = 60, **environment: str) -> str:
    """What a program of `apps/` printed; fails the test when it failed."""
    done = subprocess.run(["node", str(APPS / program), *map(str, arguments)], text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds,
                          env=os.environ | environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Nginx:
    """Debian's nginx, serving the files of a folder."""

    def __init__(self, folder: pathlib.Path, files: pathlib.Path, more: str = ""):
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        (folder / "nginx.conf").write_text(f"""
daemon off; worker_processes 1; {own_user()} pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 512; }}
http {{
    include /etc/nginx/mime.types; access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{ listen 127.0.0.1:{self.port}; root {files}; {more} }}
}}
""")
        self.process = subprocess.Popen(
            ["/usr/sbin/nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")],
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for((folder / "nginx.pid").exists, "nginx has started")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


class Tomcat:
    """Debian's Tomcat with the servlets of `apps/servlet`; `route` goes behind the ids it gives."""

    HOME = "/usr/share/tomcat10"

    def __init__(self, folder: pathlib.Path, route: str):
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        (folder / "conf").mkdir(parents=True)
        (folder / "conf" / "server.xml").write_text(f"""
<Server port="-1"><Service name="Catalina">
  <Connector address="127.0.0.1" port="{self.port}"/>
  <Engine name="Catalina" defaultHost="localhost" jvmRoute="{route}">
    <Host name="localhost" appBase="webapps" autoDeploy="false"/></Engine>
</Service></Server>""")
        shutil.copytree(APPS / "servlet", folder / "webapps" / "ROOT")
        for each in ("logs", "temp", "work"):
            (folder / each).mkdir()
        self.process = subprocess.Popen(
            ["java", "-Xmx128m", "-XX:TieredStopAtLevel=1",
             "-cp", f"{self.HOME}/bin/bootstrap.jar:{self.HOME}/bin/tomcat-juli.jar",
             f"-Dcatalina.home={self.HOME}", f"-Dcatalina.base={folder}",
             f"-Djava.io.tmpdir={folder}/temp", "org.apache.catalina.startup.Bootstrap", "start"],
            stdin=subprocess.DEVNULL, stdout=(folder / "out.log").open("wb"),
            stderr=subprocess.STDOUT)
        wait_for(lambda: accepts(self.port), "Tomcat accepts connections", 60)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


class Php:
    """Debian's php-fpm behind nginx, serving the programs of `apps/php`; its sessions are its own."""

    def __init__(self, folder: pathlib.Path):
        folder.mkdir()
        socket_path = folder / "fpm.socket"
        (folder / "sessions").mkdir()
        (folder / "fpm.conf").write_text(f"""
[global]
error_log = {folder}/fpm.log
daemonize = no
[www]
listen = {socket_path}
pm = static
pm.max_children = 2
php_value[session.save_path] = {folder}/sessions
php_value[session.use_strict_mode] = 1
""" + ("user = root\n" if os.getuid() == 0 else ""))
        self.process = subprocess.Popen(
            ["/usr/sbin/php-fpm8.2", "-n", "-y", str(folder / "fpm.conf"),
             *(["-R"] if os.getuid() == 0 else [])],
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(socket_path.exists, "php-fpm has started")
        self.nginx = Nginx(folder, APPS / "php", f"""location ~ [.]php$ {{
            include /etc/nginx/fastcgi_params; fastcgi_pass unix:{socket_path};
            fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name; }}""")
        self.address = self.nginx.address

    def stop(self) -> None:
        self.nginx.stop()
        self.process.terminate()
        self.process.wait()


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
        return True
    except ConnectionRefusedError:
        return False


def own_user() -> str:
    """Started by root, nginx would serve as somebody who may not read a test's folder."""
    return "user root root;" if os.getuid() == 0 else ""


def curl(*arguments: str) -> str:
    done = subprocess.run(["curl", "-sS", "--max-time", "20", *arguments], text=True,
                          stdin=subprocess.DEVNULL, capture_output=True)
    assert done.returncode == 0, f"{done.returncode}: {done.stderr}"
    return done.stdout
