"""The app for Zapier, run by the library that runs it at Zapier's, against a whole SMSC."""

import json
import os
import subprocess
from pathlib import Path

from tests.journeys.remote import INSTALLED, PEERS
from tests.journeys.server import SECONDS_AT_MOST, Server, demo_world

APP = Path(__file__).parents[2] / "examples" / "zapier"


def test_the_app_for_zapier_passes_its_own_test(tmp_path: Path) -> None:
    with Server(demo_world(tmp_path)) as server:
        server.start()
        done = subprocess.run(
            ["node", "--test"],
            cwd=APP,
            env=os.environ | {"NODE_PATH": str(INSTALLED), "SMSC_URL": server.url},
            capture_output=True,
            text=True,
            timeout=SECONDS_AT_MOST,
        )
    assert done.returncode == 0, done.stdout
    assert "# skipped 0" in done.stdout
    assert "# pass 8" in done.stdout


def test_the_app_is_tested_with_the_library_that_it_asks_for() -> None:
    asked = json.loads((APP / "package.json").read_text())["dependencies"]
    for name, version in asked.items():
        assert f"{name}@{version}" in (PEERS / "install").read_text()
        installed = json.loads((INSTALLED / name / "package.json").read_text())
        assert installed["version"] == version
