# SPDX-License-Identifier: Apache-2.0
"""What testssl.sh has to say of a listener with the default terms.

Debian's version gives no letters; what would cost an A is a finding that it calls more than low.
"""

import json
import subprocess

from test_tls import GET, Secured, secured  # noqa: F401  (a fixture)

# A test's own authority issues for two days and revokes nothing; the server sends no fields of its
# own that forbid framing and the like.
EXCUSED = {"cert_revocation", "cert_notAfter", "cert_expirationStatus", "security_headers"}


def findings(made: Secured, folder, *checks: str) -> list[dict]:
    report = folder / "report.json"
    subprocess.run(["testssl", "--quiet", "--warnings", "off", "--color", "0", "--nodns", "none",
                    "--ip", "127.0.0.1", "--add-ca", str(made.authority.path), "--jsonfile",
                    str(report), *checks, f"shop.example:{made.port}"],
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=110, check=False)
    return json.loads(report.read_text())


def test_e119_testssl_finds_nothing_that_would_cost_an_a(secured, tmp_path):
    made = secured(listener={"hsts": "365d"})
    made.hawser.settings["listeners"]["secure"]["tls"]["certificates"].append(
        made.authority.issue("shop.example", kind="rsa").settings)
    made.hawser.reload()
    told = findings(made, tmp_path, "--protocols", "--std", "--server-preference", "--pfs",
                    "--server-defaults", "--headers", "--vulnerable")
    by_id = {each["id"]: each for each in told}
    for version, offered in [("SSLv2", False), ("SSLv3", False), ("TLS1", False),
                             ("TLS1_1", False), ("TLS1_2", True), ("TLS1_3", True)]:
        assert by_id[version]["finding"].startswith("offered") == offered, by_id[version]
    bad = [each for each in told if each["severity"] in ("MEDIUM", "HIGH", "CRITICAL")
           and each["id"].split(" ")[0] not in EXCUSED]
    assert not bad, bad
    assert len(told) > 60  # it has looked
