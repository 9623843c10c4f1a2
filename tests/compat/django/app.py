# SPDX-License-Identifier: Apache-2.0
"""Django with its cached sessions, on the cache that CACHE names."""

import os
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).parents[1]))

import django  # noqa: E402
import django.core.management  # noqa: E402
import redis  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.conf import settings  # noqa: E402
from django.http import HttpResponse, JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402
from gate import gate, versions  # noqa: E402

settings.configure(
    SECRET_KEY="of the test", ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, DEBUG=False,
    CACHES={"default": {"BACKEND": os.environ["CACHE"],
                        "LOCATION": f"redis://127.0.0.1:{os.environ['STORE_PORT']}/0"}},
    SESSION_ENGINE="django.contrib.sessions.backends.cache",
    SESSION_COOKIE_AGE=int(os.environ["LIFETIME"]),
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware"])


LIBRARIES = ["django-redis"] if "django_redis" in os.environ["CACHE"] else []


def add(request):
    items = request.session.get("items", [])
    gate(request.GET.get("gate"))
    request.session["items"] = [*items, request.GET["item"]]
    return JsonResponse(request.session["items"], safe=False)


def login(request):
    request.session.cycle_key()
    request.session["user"] = request.GET["name"]
    return HttpResponse("in")


def logout(request):
    request.session.flush()
    return HttpResponse("out")


def client() -> redis.Redis:
    if hasattr(cache, "client"):  # django-redis
        return cache.client.get_client()
    return cache._cache.get_client()


def command(request):
    try:
        client().execute_command(request.GET["word"])
    except redis.ResponseError as why:
        return HttpResponse(str(why))
    return HttpResponse("OK")


urlpatterns = [
    path("about", lambda request: HttpResponse(versions("django", *LIBRARIES, "redis"))),
    path("items", lambda request: JsonResponse(request.session.get("items", []), safe=False)),
    path("me", lambda request: HttpResponse(request.session.get("user", "nobody"))),
    path("add", add), path("login", login), path("logout", logout), path("command", command)]

if __name__ == "__main__":
    django.setup()
    django.core.management.execute_from_command_line(
        [__file__, "runserver", "--noreload", f"127.0.0.1:{os.environ['PORT']}"])
