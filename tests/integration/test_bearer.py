# SPDX-License-Identifier: Apache-2.0
"""Sessions by a claim of bearer tokens, which the library `jose` has signed."""

import json

import pytest

from fleet import Fleet, Verdict
from harness import wait_for
from processes import run_app

USERS = ("ann", "bob", "cy", "dee")


@pytest.fixture(scope="module")
def issued(tmp_path_factory):
    """Tokens, and the file of the keys that sign them."""
    keys = tmp_path_factory.mktemp("issuer") / "keys.jwks"
    return json.loads(run_app("tokens.js", keys, *USERS)) | {"keys": str(keys)}


@pytest.fixture
def fleet(issued, tmp_path):
    made = Fleet(tmp_path, "abc", pool={"balance": "round-robin",
                                        "affinity": [{"bearer": {"keys": issued["keys"]}}]})
    yield made
    made.stop()


def ask(fleet, token: str) -> Verdict:
    lines = ["GET / HTTP/1.1", "Host: shop.example", f"Authorization: Bearer {token}", "", ""]
    return Verdict.of(fleet.hawser.ask("\r\n".join(lines).encode()))


def test_a_user_has_one_home_by_whichever_token_and_key(fleet, issued):
    homes = set()
    for user in USERS:
        tokens = list(issued["tokens"][user].values())
        first = ask(fleet, tokens[0])
        assert first == Verdict("new", "unknown-key", first.server)
        for token in tokens * 2:
            assert ask(fleet, token) == Verdict("hit", "", first.server)
        homes.add(first.server)
    assert len(homes) == 3


def test_what_was_not_signed_by_these_keys_is_served_as_nobodys(fleet, issued):
    token = issued["tokens"]["ann"]["RS256"]
    head, claims, signature = token.split(".")
    for text, why in ((issued["forged"], "forged"), (issued["foreign"], "foreign"),
                      (issued["expired"], "expired"), (f"{head}.{claims}.", "forged"),
                      (f"{head}.{claims}.{signature[:-4]}AAAA", "forged"), ("nonsense", "forged"),
                      ("eyJhbGciOiJub25lIn0." + claims + ".", "foreign")):
        told = ask(fleet, text)
        assert (told.verdict, told.cause) == ("new", why), text


def test_tokens_and_claims_are_never_logged(fleet, issued):
    token = issued["tokens"]["ann"]["ES256"]
    ask(fleet, token)
    ask(fleet, issued["forged"])
    wait_for(lambda: len(fleet.hawser.access()) >= 2, "both requests are logged")
    told = fleet.hawser.access_path.read_text() + fleet.hawser.errors()
    assert token not in told and token.split(".")[1] not in told and "id.example" not in told


def test_a_reload_reads_the_keys_anew(fleet, issued, tmp_path):
    other = tmp_path / "other.jwks"
    tokens = json.loads(run_app("tokens.js", other, *USERS))["tokens"]
    assert ask(fleet, tokens["ann"]["ES256"]).cause == "forged"
    keys = tmp_path / "keys.jwks"
    keys.write_text(other.read_text())
    fleet.hawser.settings["pools"]["shop"]["affinity"] = [{"bearer": {"keys": str(keys)}}]
    fleet.hawser.reload()
    assert ask(fleet, tokens["ann"]["ES256"]).cause == "unknown-key"
    keys.write_text(open(issued["keys"]).read())
    fleet.hawser.reload()
    assert ask(fleet, tokens["ann"]["ES256"]).cause == "forged", "the same file, other keys"
    assert ask(fleet, issued["tokens"]["ann"]["ES256"]).verdict == "hit", "she is who she was"
