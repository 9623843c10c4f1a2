# SPDX-License-Identifier: Apache-2.0
"""aiohttp with aiohttp-session."""

import os
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).parents[1]))

import aiohttp_session  # noqa: E402
import redis.asyncio  # noqa: E402
from aiohttp import web  # noqa: E402
from aiohttp_session.redis_storage import RedisStorage  # noqa: E402
from gate import async_gate, versions  # noqa: E402

client = redis.asyncio.Redis(port=int(os.environ["STORE_PORT"]))
routes = web.RouteTableDef()


@routes.get("/about")
async def about(request):
    return web.Response(text=versions("aiohttp", "aiohttp-session", "redis"))


@routes.get("/items")
async def items(request):
    session = await aiohttp_session.get_session(request)
    return web.json_response(session.get("items", []))


@routes.get("/me")
async def me(request):
    session = await aiohttp_session.get_session(request)
    return web.Response(text=session.get("user", "nobody"))


@routes.get("/add")
async def add(request):
    session = await aiohttp_session.get_session(request)
    await async_gate(request.query.get("gate"))
    session["items"] = [*session.get("items", []), request.query["item"]]
    return web.json_response(session["items"])


@routes.get("/login")
async def login(request):
    before = await aiohttp_session.get_session(request)
    items = before.get("items", [])
    session = await aiohttp_session.new_session(request)
    session.update(items=items, user=request.query["name"])
    return web.Response(text="in")


@routes.get("/logout")
async def logout(request):
    (await aiohttp_session.get_session(request)).invalidate()
    return web.Response(text="out")


@routes.get("/command")
async def command(request):
    try:
        await client.execute_command(request.query["word"])
    except redis.ResponseError as why:
        return web.Response(text=str(why))
    return web.Response(text="OK")


app = web.Application()
aiohttp_session.setup(app, RedisStorage(client, max_age=int(os.environ["LIFETIME"])))
app.add_routes(routes)
web.run_app(app, host="127.0.0.1", port=int(os.environ["PORT"]), print=None)
