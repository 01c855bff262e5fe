"""A backup of a running SMSC, and another SMSC that starts on it."""

from pathlib import Path

from tests.journeys.server import ATTACHED, DETACHED, Server, demo_world


def test_an_smsc_that_is_started_on_a_backup_has_all_that_was_accepted_before(
    tmp_path: Path,
) -> None:
    there, here = tmp_path / "there", tmp_path / "here"
    there.mkdir()
    here.mkdir()
    with Server(demo_world(there)) as server:
        server.start()
        waits = server.command("send", "--to", DETACHED, "--text", "kept").strip()
        gone = server.command("send", "--to", ATTACHED, "--text", "gone").strip()
        server.command("backup", str(here / "smsc.db"))
        later = server.command("send", "--to", DETACHED, "--text", "later").strip()
        server.kill()
        server.wait()
    with Server(demo_world(here)) as restored:
        restored.start()
        assert restored.opened["waiting"] == 1
        assert restored.state(gone) == "DELIVERED"
        restored.attach(DETACHED)
        assert restored.command("send", "--to", ATTACHED, "--text", "new").strip() == later
        assert restored.texts(DETACHED) == ["kept"]
        assert restored.state(waits) == "DELIVERED"
