# SPDX-License-Identifier: Apache-2.0
"""Flask with Flask-Session."""

import os
import pathlib
import sys
from datetime import timedelta

sys.path.append(str(pathlib.Path(__file__).parents[1]))

import flask  # noqa: E402
import redis  # noqa: E402
from flask_session import Session  # noqa: E402
from gate import gate, versions  # noqa: E402

client = redis.Redis(port=int(os.environ["STORE_PORT"]))
app = flask.Flask(__name__)
app.config.update(SESSION_TYPE="redis", SESSION_REDIS=client, SESSION_SERIALIZATION_FORMAT="json",
                  PERMANENT_SESSION_LIFETIME=timedelta(seconds=int(os.environ["LIFETIME"])))
Session(app)


@app.get("/about")
def about():
    return versions("flask", "flask-session", "redis")


@app.get("/items")
def items():
    return flask.jsonify(flask.session.get("items", []))


@app.get("/me")
def me():
    return flask.session.get("user", "nobody")


@app.get("/add")
def add():
    before = flask.session.get("items", [])
    gate(flask.request.args.get("gate"))
    flask.session["items"] = [*before, flask.request.args["item"]]
    return flask.jsonify(flask.session["items"])


@app.get("/login")
def login():
    if hasattr(app.session_interface, "regenerate"):  # Debian's version has no way to change an id
        app.session_interface.regenerate(flask.session)
    flask.session["user"] = flask.request.args["name"]
    return "in"


@app.get("/logout")
def logout():
    flask.session.clear()
    return "out"


@app.get("/command")
def command():
    try:
        client.execute_command(flask.request.args["word"])
    except redis.ResponseError as why:
        return str(why)
    return "OK"


app.run("127.0.0.1", int(os.environ["PORT"]), threaded=True)
