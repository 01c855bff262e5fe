"""`smsc backup FILE`: the file is there when it is whole, and otherwise not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from smsc.store.backup import verify
from tests.cli.test_client_commands import BERT, Capture, fail, run


def test_a_backup_is_written_checked_and_told(url: str, tmp_path: Path, capsys: Capture) -> None:
    run(capsys, "send", "--to", BERT, "--text", "hello")
    file = tmp_path / "kept" / "copy.db"
    file.parent.mkdir()
    told = run(capsys, "backup", str(file))[-1]
    assert told == f"{file}: 1 messages, {file.stat().st_size} octets, checked"
    assert verify(file) == 1
    assert [each.name for each in file.parent.iterdir()] == ["copy.db"]
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_there_already_is_left_alone(
    url: str, tmp_path: Path, capsys: Capture
) -> None:
    file = tmp_path / "letter"
    file.write_text("to my mother")
    assert "name another" in fail(capsys, "backup", str(file))
    assert file.read_text() == "to my mother"


def test_an_account_that_is_no_operators_is_told_so(
    url: str, tmp_path: Path, capsys: Capture
) -> None:
    words = fail(capsys, "backup", str(tmp_path / "copy.db"), "--token", "guest")
    assert "operator = true" in words
    assert not list(tmp_path.glob("copy.db*"))


def test_a_folder_that_is_not_there_is_told(url: str, tmp_path: Path, capsys: Capture) -> None:
    assert "No such file" in fail(capsys, "backup", str(tmp_path / "nowhere" / "copy.db"))


@contextmanager
def answering(octets: bytes, length: int) -> Iterator[str]:
    """Answer every POST with these octets, and the promise of so many."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(octets)

        def log_message(self, *words: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(("octets", "length"), [(b"half", 8), (b"no database", 11)])
def test_a_copy_that_is_not_whole_is_no_backup(
    tmp_path: Path, capsys: Capture, octets: bytes, length: int
) -> None:
    with answering(octets, length) as url:
        words = fail(capsys, "backup", str(tmp_path / "copy.db"), "--url", url)
    assert str(tmp_path / "copy.db") in words
    assert list(tmp_path.iterdir()) == []
