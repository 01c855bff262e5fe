"""Commands that talk to a running SMSC: what they show, and how they fail."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from smsc.cli.app import main
from smsc.cli.show import cell

ANNA = "491700000001"
BERT = "491700000002"
MUTE = "491700000003"

Capture = pytest.CaptureFixture[str]


def run(capsys: Capture, *arguments: str) -> list[str]:
    """Run a command that succeeds, and return the lines it printed."""
    assert main(arguments) == 0
    return capsys.readouterr().out.splitlines()


def fail(capsys: Capture, *arguments: str) -> str:
    """Run a command that fails, and return its one line on stderr."""
    assert main(arguments) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    (line,) = shown.err.splitlines()
    return line


def test_send_prints_the_id_and_messages_shows_what_became_of_it(url: str, capsys: Capture) -> None:
    assert run(capsys, "send", "--to", BERT, "--text", "hello", "--receipt") == ["0000000001"]
    shown = run(capsys, "messages", "show", "0000000001")
    assert {"id: 0000000001", "state: ENROUTE", "from: 1234", f"to: {BERT}"} < set(shown)
    assert "done_at: " in shown


def test_a_text_reaches_the_inbox_on_one_line_whatever_is_in_it(url: str, capsys: Capture) -> None:
    run(capsys, "send", "--to", ANNA, "--from", "DEMO", "--text", "two\nlines\tand ж")
    (line,) = run(capsys, "devices", "inbox", f"+{ANNA}")
    received, sender, text, octets = line.split("\t")
    assert received.endswith("Z")
    assert (sender, text) == ("DEMO", r"two\nlines\tand ж")
    assert octets == "two\nlines\tand ж".encode("utf-16-be").hex()


def test_devices_are_listed_with_the_populations_after_them(url: str, capsys: Capture) -> None:
    assert run(capsys, "devices", "list") == [
        f"{ANNA}\tyes\tdefault\t\t\t",
        f"{BERT}\tno\tdefault\t8988\t\t",
        f"{MUTE}\tyes\tmute\t\t\t",
        "4471########\tyes\tdefault\t\t\t",
    ]


def test_a_page_of_devices_says_how_to_see_more(url: str, capsys: Capture) -> None:
    assert main(["devices", "list", "--limit", "2"]) == 0
    shown = capsys.readouterr()
    assert len(shown.out.splitlines()) == 2
    assert shown.err == f"there may be more: smsc devices list --after {BERT}\n"
    assert len(run(capsys, "devices", "list", "--after", BERT)) == 2


def test_a_device_is_attached_and_detached(url: str, capsys: Capture) -> None:
    assert run(capsys, "devices", "attach", BERT) == [
        f"msisdn: {BERT}",
        "attached: yes",
        "policy: default",
        "iccid: 8988",
        "defined_in: config",
    ]
    assert "attached: no" in run(capsys, "devices", "detach", BERT)


def test_a_device_sends_and_the_ids_of_all_parts_are_printed(url: str, capsys: Capture) -> None:
    command = ("devices", "send", ANNA, "--to", "1234", "--text")
    assert run(capsys, *command, "hello") == ["0000000001"]
    assert run(capsys, *command, "x" * 161) == ["0000000002", "0000000003"]
    assert "to: 1234" in run(capsys, "messages", "show", "1")


def test_results_are_tables_on_a_terminal(
    url: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert "parts" in "".join(run(capsys, "send", "--to", ANNA, "--text", "[bold]hello"))
    table = "".join(run(capsys, "devices", "inbox", ANNA))
    assert "Received" in table
    assert "[bold]hello" in table
    assert "Attached" in "".join(run(capsys, "devices", "list"))


def test_a_refusal_is_one_line_with_what_why_and_what_to_do(url: str, capsys: Capture) -> None:
    line = fail(capsys, "send", "--to", "99", "--text", "x")
    assert line.startswith("send to 99: 99 ")
    line = fail(capsys, "devices", "send", BERT, "--to", "1234", "--text", "x")
    assert line.startswith(f"send from {BERT} to 1234: ")
    assert line.endswith(f"(smsc devices attach {BERT})")
    line = fail(capsys, "devices", "send", MUTE, "--to", "1234", "--text", "x")
    assert "mo" in line
    assert fail(capsys, "messages", "show", "77").startswith(
        "message 77: account demo knows no message"
    )
    assert fail(capsys, "devices", "inbox", "x?y").startswith("inbox of x?y: no device")
    assert fail(capsys, "devices", "list", "--limit", "0").startswith("devices: limit: ")


@pytest.mark.parametrize("token", ["wrong", "ж", "a\nb", ""])
def test_a_token_that_is_wrong_is_never_shown(url: str, capsys: Capture, token: str) -> None:
    line = fail(capsys, "devices", "list", "--token", token)
    assert "token" in line
    if len(token) > 1:
        assert token not in line


def test_the_token_comes_from_the_environment(
    url: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMSC_TOKEN", "wrong")
    assert "api_token_hash" in fail(capsys, "devices", "list")
    assert len(run(capsys, "devices", "list", "--token", "demo")) == 4


def test_nobody_there_asks_whether_serve_is_running(capsys: Capture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    for command in (
        ["devices", "list"],
        ["messages", "list"],
        ["send", "--to", "1", "--text", "x"],
    ):
        line = fail(capsys, *command, "--url", url)
        assert line.endswith(f": nobody answers at {url}; is `smsc serve` running?")


def test_a_proxy_is_not_asked_for_this_machine(
    url: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert len(run(capsys, "devices", "list")) == 4


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://127.0.0.1", "http://[x"])
def test_a_url_that_is_none_names_the_option(capsys: Capture, url: str) -> None:
    assert "--url" in fail(capsys, "devices", "list", "--url", url)


class Stranger(BaseHTTPRequestHandler):
    """A server that is no SMSC."""

    def do_GET(self) -> None:
        body = b"<h1>It works!</h1>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None: ...


@contextmanager
def stranger() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Stranger) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_server_that_is_no_smsc_is_told_from_one(capsys: Capture) -> None:
    with stranger() as url:
        line = fail(capsys, "devices", "list", "--url", url)
    assert line == f"devices: {url} answered 200 and isn't an SMSC's API; check --url"


def test_what_a_terminal_would_obey_is_escaped() -> None:
    assert cell("\x1b[31mred\x9b\r\u202e") == r"\x1b[31mred\x9b\r\u202e"
    assert cell("naïve ж €") == "naïve ж €"
    assert [cell(value) for value in (None, True, False, 5)] == ["", "yes", "no", "5"]
