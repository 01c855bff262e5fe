"""`smsc messages`: what lists, histories and exports look like, and how an export fails."""

import csv
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from smsc.cli import exporting
from smsc.cli.app import main
from tests.cli.test_client_commands import ANNA, BERT, Capture, fail, run


def send(capsys: Capture, *more: str, to: str = BERT) -> str:
    (message_id,) = run(capsys, "send", "--to", to, "--text", "hello", *more)
    return message_id


def listed(capsys: Capture, *options: str) -> list[str]:
    return [line.partition("\t")[0] for line in run(capsys, "messages", "list", *options)]


def test_a_list_has_a_line_for_each_message_the_newest_first(url: str, capsys: Capture) -> None:
    first, second = send(capsys), send(capsys, "--from", "DEMO")
    lines = [line.split("\t") for line in run(capsys, "messages", "list")]
    assert [line[0] for line in lines] == [second, first]
    assert lines[0][1].endswith("Z")
    assert lines[0][2:] == ["DEMO", BERT, "ENROUTE", "0", "0", "hello"]
    assert listed(capsys, "--order", "oldest") == [first, second]


def test_messages_are_listed_by_what_the_options_say(url: str, capsys: Capture) -> None:
    to_bert, to_anna = send(capsys), send(capsys, to=ANNA)
    run(capsys, "devices", "detach", ANNA)  # Answered when all before it is durable.
    assert listed(capsys, "--device", f"+{BERT}") == [to_bert]
    assert listed(capsys, "--device", "iccid:8988") == [to_bert]
    assert listed(capsys, "--state", "ENROUTE", "--state", "EXPIRED") == [to_bert]
    assert listed(capsys, "--since", "2026-01-01", "--account", "demo") == [to_anna, to_bert]
    assert listed(capsys, "--until", "2026-01-01T00:00:00+01:00") == []
    assert listed(capsys, "--account", "guest") == []


def test_a_list_that_ends_early_says_how_to_go_on(url: str, capsys: Capture) -> None:
    ids = [send(capsys) for _ in range(3)]
    command = ["messages", "list", "--device", BERT, "--limit", "2"]
    assert main(command) == 0
    shown = capsys.readouterr()
    assert [line.partition("\t")[0] for line in shown.out.splitlines()] == [ids[2], ids[1]]
    told = re.fullmatch(r"there may be more: smsc (messages list .*)\n", shown.err)
    assert told is not None
    assert listed(capsys, *told[1].split()[2:]) == [ids[0]]


def test_a_list_is_read_page_by_page_until_there_are_enough(
    url: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smsc.cli.messages.LONGEST_PAGE", 1)
    ids = [send(capsys) for _ in range(4)]
    assert listed(capsys, "--limit", "3") == ids[:0:-1]


def test_json_is_what_http_answers(url: str, capsys: Capture) -> None:
    message_id = send(capsys)
    (line,) = run(capsys, "messages", "list", "--json")
    answer = json.loads(line)
    assert [message["id"] for message in answer["messages"]] == [message_id]
    assert answer["next"] is None


def test_a_message_is_shown_with_its_history(url: str, capsys: Capture) -> None:
    message_id = send(capsys)
    *facts, event = run(capsys, "messages", "show", message_id)
    assert {f"id: {message_id}", "state: ENROUTE", "text: hello", "erased: no"} < set(facts)
    assert event.split("\t")[1:] == ["accepted", "ENROUTE", "", ""]


def test_an_export_goes_to_standard_output(url: str, capfdbinary: Any) -> None:
    assert main(["send", "--to", BERT, "--text", "hello"]) == 0
    capfdbinary.readouterr()
    assert main(["messages", "export"]) == 0
    (row,) = csv.DictReader(io.StringIO(capfdbinary.readouterr().out.decode(), newline=""))
    assert (row["to"], row["text"]) == (BERT, "hello")
    assert main(["messages", "export", "--format", "ndjson", "--device", BERT]) == 0
    shown = capfdbinary.readouterr()
    assert json.loads(shown.out)["to"] == BERT
    assert shown.err == b""


def test_an_export_to_a_file_is_there_when_it_is_whole(
    url: str, tmp_path: Path, capsys: Capture
) -> None:
    message_id = send(capsys)
    file = tmp_path / "kept" / "messages.ndjson"
    file.parent.mkdir()
    assert run(capsys, "messages", "export", "--format", "ndjson", "--output", str(file)) == []
    assert json.loads(file.read_text())["id"] == message_id
    assert [each.name for each in file.parent.iterdir()] == [file.name]
    assert "name another" in fail(capsys, "messages", "export", "--output", str(file))


def test_a_criterion_that_is_wrong_is_told_in_one_line(
    url: str, tmp_path: Path, capsys: Capture
) -> None:
    words = fail(capsys, "messages", "list", "--state", "DELIVERD")
    assert words.startswith("messages: state: 'DELIVERD' is no state; did you mean 'DELIVERED'?")
    file = tmp_path / "x.csv"
    told = fail(capsys, "messages", "export", "--device", "imsi:1", "--output", str(file))
    assert told == f"export to {file}: no device has imsi 1"
    assert not list(tmp_path.glob("x.csv*"))
    told = fail(capsys, "messages", "list", "--token", "guest", "--account", "demo")
    assert "account guest sees its own messages only" in told


@contextmanager
def answering(octets: bytes, head: dict[str, str]) -> Iterator[str]:
    """Answer every GET with these octets and break off, where more was promised."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            for name, value in head.items():
                self.send_header(name, value)
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


SPAN = {"Smsc-First-Id": "0000000001", "Smsc-Last-Id": "0000000009"}


def test_an_export_that_breaks_off_leaves_no_file_and_says_so(
    tmp_path: Path, capsys: Capture
) -> None:
    with answering(b"id\r\n", {**SPAN, "Content-Length": "99"}) as url:
        words = fail(capsys, "messages", "export", "--output", str(tmp_path / "x"), "--url", url)
    assert words.endswith("broke off in the middle, so not all is there; try again")
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_smsc_is_told(tmp_path: Path, capsys: Capture) -> None:
    with answering(b"<html>", {"Content-Length": "6"}) as url:
        assert "isn't an SMSC's API" in fail(capsys, "messages", "export", "--url", url)


def test_a_bar_shows_on_a_terminal_how_far_an_export_has_come(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    body = b'{"id":"0000000003"}\n{"id":"0000000009"}\n'
    with answering(body, {**SPAN, "Content-Length": str(len(body))}) as url:
        file = tmp_path / "x"
        assert main(["messages", "export", "--output", str(file), "--url", url]) == 0
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "100%" in shown.err
    assert f"{len(body)} octets" in shown.err
    assert file.read_bytes() == body


def test_a_text_that_looks_like_an_id_does_not_lead_the_bar_astray() -> None:
    assert exporting.reached(b"0000000003,a\r\n0000000099,b", 1, 9) == 3
    assert exporting.reached(b"0000000002,a", 3, 9) == 3
    assert exporting.reached(b"", 0, 9) == 0


def test_an_interrupted_export_leaves_nothing(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*what: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(exporting, "reached", interrupt)
    with answering(b"id\r\n", {**SPAN, "Content-Length": "4"}) as url:
        words = fail(capsys, "messages", "export", "--output", str(tmp_path / "x"), "--url", url)
    assert words.endswith("interrupted; nothing was kept")
    assert list(tmp_path.iterdir()) == []
