# SPDX-License-Identifier: Apache-2.0
"""The table of session libraries: the tests and docs/session-libraries.md are made from it."""

import os
from dataclasses import dataclass, field

# `make test` has what Debian and npm provide; `make compat` all.
SOURCES = {"Debian", "npm"} | ({"PyPI", "Maven", "Go"} if os.environ.get("HAWSER_COMPAT") == "all" else set())
LIFETIME = 600  # seconds that each application gives a session


@dataclass(frozen=True)
class Library:
    """One row: an application around a library, and what is known to be its own way.

    `says` has only what is not "yes" for a promise (promises.py): one word where redis-server and
    Hawser come to the same, two, theirs and ours, where they do not.
    """

    name: str
    title: str
    source: str
    folder: str
    start: tuple[str, ...]
    keys: str  # the names of its sessions in the store
    settings: dict = field(default_factory=dict)  # what suits it besides those names
    environment: dict = field(default_factory=dict)
    says: dict[str, str | tuple[str, str]] = field(default_factory=dict)
    lists: str = ""  # what it can list: `all` sessions, those of a `user`
    locks: bool = False

    @property
    def namespace(self) -> dict:
        """As Hawser serves it."""
        return {"session-keys": [self.keys]} | self.settings

    def outcome(self, promise: str, store: str) -> str:
        own_way = {"lists": {"": "-", "user": "by user"}.get(self.lists),
                   "locks": None if self.locks else "-"}
        known = self.says.get(promise) or own_way.get(promise) or "yes"
        return known if isinstance(known, str) else known[store == "hawser"]


NODE = ("node", "app.js")
PYTHON = ("/usr/bin/python3", "app.py")
PYPI = ("{built}/python/bin/python", "app.py")
PHP = ("/usr/bin/php", "-S", "127.0.0.1:{port}", "index.php")
RACK = ("/usr/bin/puma", "--quiet", "--threads", "8:8", "--bind", "tcp://127.0.0.1:{port}", "config.ru")
JAVA = ("java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx192m", "-jar",
        "{built}/spring/shop/shop-1.jar")

MERGE = {"saves": "merge"}
LARAVELS_LOCKS = {"lock-keys": ["shop:session:*"]}

# What redis-server makes of saves of whole sessions, and what Hawser does.
UNDONE = {"logout_is_final": ("undone", "yes")}
MERGED = UNDONE | {"crossing": ("one lost", "yes")}
LOST = UNDONE | {"crossing": "one lost"}

LIBRARIES = [
    Library("express-node-redis", "Express on node-redis", "npm", "express", NODE, "sess:*", MERGE,
            {"CLIENT": "node-redis"}, MERGED, lists="all"),
    Library("express-ioredis", "Express on ioredis", "npm", "express", NODE, "sess:*", MERGE,
            {"CLIENT": "ioredis"}, MERGED, lists="all"),
    Library("express-glide", "Express on Valkey GLIDE", "npm", "express", NODE, "sess:*", MERGE,
            {"CLIENT": "glide"}, MERGED, lists="all"),
    Library("koa", "Koa", "npm", "koa", NODE, "koa:sess:*", MERGE, {},
            MERGED | {"touch": "by saves"}),
    Library("fastify", "Fastify", "npm", "fastify", NODE, "sess:*", MERGE, {},
            MERGED | {"regenerates": "the old id stays"}, lists="all"),
    Library("php", "PHP's handler", "Debian", "php", PHP, "PHPREDIS_SESSION:*", {}, {"LOCKS": "0"},
            LOST),
    Library("php-locking", "PHP's handler, locking", "Debian", "php", PHP, "PHPREDIS_SESSION:*", {},
            {"LOCKS": "1"}, locks=True),
    Library("laravel", "Laravel", "Debian", "laravel", PHP, "shop:*", LARAVELS_LOCKS, {"LOCKS": "0"},
            LOST),
    Library("laravel-blocking", "Laravel, blocking", "Debian", "laravel", PHP, "shop:*", LARAVELS_LOCKS,
            {"LOCKS": "1"}, locks=True),
    Library("symfony", "Symfony", "Debian", "symfony", PHP, "sf_s*", {}, {}, LOST),
    Library("django", "Django", "Debian", "django", PYTHON, ":1:django.contrib.sessions.cache*", {},
            {"CACHE": "django_redis.cache.RedisCache"},
            {"crossing": "one lost", "touch": "by saves"}),
    Library("flask", "Flask", "Debian", "flask", PYTHON, "session:*", {}, {},
            LOST | {"regenerates": "-"}),
    Library("django-new", "Django, its own cache", "PyPI", "django", PYPI,
            ":1:django.contrib.sessions.cache*", {}, {"CACHE": "django.core.cache.backends.redis.RedisCache"},
            {"crossing": "one lost", "touch": "by saves"}),
    Library("flask-new", "Flask, in JSON", "PyPI", "flask", PYPI, "session:*",
            MERGE | {"mark-field": "hawser_read"}, {}, MERGED),
    Library("aiohttp", "aiohttp", "PyPI", "aiohttp", PYPI, "AIOHTTP_SESSION_*", {}, {},
            LOST | {"regenerates": "the old id stays", "touch": "by saves", "logout_is_final": "undone"}),
    Library("rack", "Rack", "Debian", "rack", RACK, "rack:session:*", {}, {}, LOST),
    Library("rails", "Rails", "Debian", "rails", RACK, "_session_id:*", {}, {},
            {"crossing": "one lost"}),
    Library("spring", "Spring Session", "Maven", "spring", JAVA,
            "spring:session:sessions:????????-*", {}, {"REPOSITORY": "default"},
            {"crossing": "one lost"}),
    Library("spring-indexed", "Spring Session, indexed", "Maven", "spring", JAVA,
            "spring:session:sessions:????????-*", {}, {"REPOSITORY": "indexed"},
            {"crossing": "one lost", "lifetime": "5 min more"}, lists="user"),
    Library("scs", "scs", "Go", "go", ("{built}/scs",), "scs:session:*", {}, {},
            LOST | {"touch": "by saves"}, lists="all"),
    Library("redistore", "redistore", "Go", "go", ("{built}/redistore",), "session_*", {}, {},
            LOST | {"regenerates": "-", "touch": "by saves"}),
]

# What was asked for and is not in the table, and why.
ABSENT = {
    "Laravel and Symfony of this year": "PHP's package registry is none of those that builds here use; "
    "the rows are Debian's packages of both.",
    ".NET's RedisCache and session-state provider": "their packages come by a registry that builds here "
    "do not use. The scripts that the latter needs are not served (R5.3).",
}
