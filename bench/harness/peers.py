# SPDX-License-Identifier: Apache-2.0
"""The proxies, each configured for the same work.

Variants: `sticky` keeps each session on its server by a cookie; `plain` takes the servers in turn;
`bodies` is `sticky` with the buffers that suit large answers best; `tls` is `plain` behind an ECDSA
certificate, TLS 1.2 and 1.3, with HTTP/2 and session tickets.
All: one thread, kept connections on both sides, X-Forwarded-For, no access log.
"""

import os
import shutil
import subprocess

from .processes import Failed, Process, await_answer, free_port, make_certificate

LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Proxy:
    """One running proxy in one variant."""

    def __init__(self, process, port):
        self.process = process
        self.port = port


class Peer:
    """Knows how to start one kind of proxy: `command(port)` after writing its files to `folder`."""

    variants = {"sticky": "sticky", "plain": "plain", "bodies": "sticky", "tls": "tls"}
    gives_cookies = True
    is_ours = False  # is measured against the goals
    descriptors_each = 1  # that an idle client holds

    def __init__(self, name):
        self.name = name
        self.variants = dict(self.variants)  # of one that can't do all, some go

    def version(self):
        return ""

    def start(self, variant, servers, cpu, folder, label=""):
        folder = folder / f"{self.name}-{variant}{label}"
        folder.mkdir()
        port = free_port()
        self.certificate = make_certificate(folder) if variant == "tls" else None
        process = Process(self.name, self.command(variant, servers, port, folder), cpu, folder)
        try:
            await_answer(process, port, over_tls=variant == "tls")
        except BaseException:
            process.stop()
            raise
        return Proxy(process, port)


def _first_line(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = (done.stdout + done.stderr).splitlines()
    return lines[0] if lines else ""


def _program(name):
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if not path:
        raise Failed(f"{name} is not installed")
    return path


class Haproxy(Peer):
    variants = {"sticky": "sticky", "plain": "plain", "bodies": "bodies", "tls": "tls"}

    def __init__(self, name="haproxy"):
        super().__init__(name)
        self.program = _program("haproxy")

    def version(self):
        return _first_line(self.program, "-v").split(" - ")[0]

    def command(self, variant, servers, port, folder):
        sticky = variant in ("sticky", "bodies")
        tls = f" ssl crt {self.certificate[2]} alpn h2,http/1.1" if variant == "tls" else ""
        lines = [
            "global", "    nbthread 1", "    maxconn 12000", "    no strict-limits",
            *(["    tune.bufsize 65536"] if variant == "bodies" else []),
            "defaults", "    mode http", "    option forwardfor", "    http-reuse always",
            "    timeout connect 5s", "    timeout client 300s", "    timeout server 60s",
            "frontend web", f"    bind 127.0.0.1:{port}{tls}", "    default_backend shop",
            "backend shop", "    balance roundrobin"]
        if sticky:
            lines.append("    cookie srv insert indirect nocache httponly")
        for letter, server in zip(LETTERS, servers):
            lines.append(f"    server {letter} 127.0.0.1:{server}"
                         + (f" cookie {letter}" if sticky else ""))
        (folder / "haproxy.cfg").write_text("\n".join(lines) + "\n")
        return [self.program, "-db", "-q", "-f", folder / "haproxy.cfg"]


class Nginx(Peer):
    """Has no cookie affinity of its own: a random id in a cookie and a hash over it do the work."""

    variants = {"sticky": "sticky", "plain": "plain", "bodies": "bodies", "tls": "tls"}

    def __init__(self, name="nginx"):
        super().__init__(name)
        self.program = _program("nginx")

    def version(self):
        return _first_line(self.program, "-v").removeprefix("nginx version: ")

    def command(self, variant, servers, port, folder):
        sticky = variant in ("sticky", "bodies")
        identity = "user root;" if os.geteuid() == 0 else ""
        temporary = "".join(f"    {kind}_temp_path {folder}/{kind};\n" for kind in
                            ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        cookie = """
    map $cookie_srv $key { "" $request_id; default $cookie_srv; }
    map $cookie_srv $given { "" "srv=$request_id; Path=/; HttpOnly"; default ""; }
""" if sticky else ""
        buffers = """
    proxy_buffer_size 64k;
    proxy_buffers 4 64k;
    proxy_busy_buffers_size 128k;
""" if variant == "bodies" else ""
        tls = f"""
        ssl_certificate {self.certificate[0]};
        ssl_certificate_key {self.certificate[1]};
        ssl_protocols TLSv1.2 TLSv1.3;
        http2_max_concurrent_streams 128;""" if variant == "tls" else ""
        upstream = "".join(f"        server 127.0.0.1:{server};\n" for server in servers)
        (folder / "nginx.conf").write_text(f"""{identity}
worker_rlimit_nofile 50000;
daemon off;
master_process off;
pid {folder}/pid;
error_log stderr crit;
events {{ worker_connections 25000; }}
http {{
    access_log off;
    keepalive_timeout 300s;
    keepalive_requests 1000000000;
{temporary}{cookie}{buffers}
    upstream shop {{
{"        hash $key;" if sticky else ""}
{upstream}
        keepalive 256;
        keepalive_requests 1000000000;
        keepalive_timeout 300s;
    }}
    server {{
        listen 127.0.0.1:{port}{" ssl http2" if tls else ""};{tls}
        location / {{
            proxy_pass http://shop;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_max_temp_file_size 0;
{"            add_header Set-Cookie $given;" if sticky else ""}
        }}
    }}
}}
""")
        return [self.program, "-e", "stderr", "-p", folder, "-c", folder / "nginx.conf"]


class Hawser(Peer):
    is_ours = True

    def __init__(self, name, program):
        super().__init__(name)
        self.program = program
        if not os.access(program, os.X_OK):
            raise Failed(f"{program} is not built")

    def version(self):
        return _first_line(str(self.program), "--version")

    def command(self, variant, servers, port, folder):
        listed = "".join(f"      {letter}: 127.0.0.1:{server}\n"
                         for letter, server in zip(LETTERS, servers))
        tls = (f", tls: {{certificates: [{{certificate: {self.certificate[0]}, "
               f"key: {self.certificate[1]}}}]}}" if variant == "tls" else "")
        (folder / "hawser.yaml").write_text(f"""listeners:
  web: {{bind: "127.0.0.1:{port}"{tls}}}
pools:
  shop:
    balance: round-robin
    affinity: {"[]" if variant in ("plain", "tls") else "[{cookie: {}}]"}
    servers:
{listed}routes:
  - pool: shop
limits: {{connections: 1000000}}  # as the neighbours: as many as there are descriptors
admin: {{bind: "127.0.0.1:{free_port()}"}}
log: {{access: "off"}}
keys: {folder}/keys
""")
        return [self.program, "run", "-f", folder / "hawser.yaml", "--workers", "1"]


class Floor(Peer):
    """The least relay: one server, no cookies, no parsing."""

    variants = {"sticky": "plain", "plain": "plain", "bodies": "plain"}  # and no TLS
    gives_cookies = False
    descriptors_each = 2  # each client has a server connection of its own

    def __init__(self, name, program):
        super().__init__(name)
        self.program = program

    def command(self, variant, servers, port, folder):
        return [self.program, "--port", port, "--server", servers[0]]
