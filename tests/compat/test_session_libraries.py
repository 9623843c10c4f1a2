# SPDX-License-Identifier: Apache-2.0
"""Session libraries as they are, against Hawser's RESP door and against redis-server (R9), with the
openings that their clients die without (T10)."""

import pathlib

import page
import pytest
from libraries import LIBRARIES, SOURCES, Library
from promises import PROMISES
from session_stores import HawserStore, RedisStore
from site_under_test import Site

STORES = ("redis", "hawser")


def store_for(name: str, library: Library, folder: pathlib.Path):
    if name == "redis":
        return RedisStore(folder)
    return HawserStore(folder, {"namespaces": {"default": library.namespace}})


@pytest.fixture(scope="module", ids=lambda each: f"{each[0].name}-{each[1]}", params=[
    (library, store) for library in LIBRARIES if library.source in SOURCES for store in STORES])
def site(request, tmp_path_factory):
    library, store_name = request.param
    folder = tmp_path_factory.mktemp(f"{library.name}-{store_name}")
    store = store_for(store_name, library, folder)
    made = Site(library, store, folder)
    try:
        made.start()
        page.note(library, about=made.visitor().ask("/about"))
        yield made
    finally:
        made.kill()
        store.stop()


@pytest.mark.parametrize("promise", PROMISES, ids=lambda each: each.__name__)
def test_r9_t10(site, promise):
    told = promise(site)
    page.note(site.tested, **{f"{promise.__name__} {site.store.name}": told})
    assert told == site.tested.outcome(promise.__name__, site.store.name)
