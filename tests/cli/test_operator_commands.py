"""Commands of the operator, as processes: they start, stop, check and hash."""

import hashlib
import io
import os
import re
import signal
import socket
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher

from smsc.cli import serving
from smsc.cli.app import main

Capture = pytest.CaptureFixture[str]
PORT = r"http\W+127\.0\.0\.1:(\d+)"
SMSC = (sys.executable, "-m", "smsc")
COMMANDS = (
    (),
    ("serve",),
    ("check",),
    ("send",),
    ("messages",),
    ("messages", "list"),
    ("messages", "show"),
    ("messages", "export"),
    ("devices",),
    ("devices", "list"),
    ("devices", "attach"),
    ("devices", "detach"),
    ("devices", "inbox"),
    ("devices", "clear"),
    ("devices", "send"),
    ("devices", "show"),
    ("devices", "import"),
    ("outages",),
    ("outages", "list"),
    ("outages", "begin"),
    ("outages", "end"),
    ("policies",),
    ("policies", "list"),
    ("policies", "show"),
    ("policies", "put"),
    ("policies", "delete"),
    ("explain",),
    ("hash-password",),
)


def smsc(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SMSC, *arguments], input=typed, capture_output=True, text=True, timeout=30, check=False
    )


def failed(*arguments: str) -> str:
    """Run a command that fails, and return its one line on stderr."""
    ended = smsc(*arguments)
    assert (ended.returncode, ended.stdout) == (1, "")
    (line,) = ended.stderr.splitlines()
    return line


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(command: tuple[str, ...], capsys: Capture) -> None:
    assert main([*command, "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert re.search(r"Example: (openssl .* )?smsc " if command else "smsc send --to", shown)


def test_help_imports_none_of_the_rooms() -> None:
    script = (
        "import sys; from smsc.cli.app import main; main(['--help'])\n"
        "print(*(n for n in ('httpx', 'smsc.centre', 'litestar', 'argon2') if n in sys.modules))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=True
    )
    assert ended.stdout.splitlines()[-1] == ""


def test_the_version_is_that_of_the_distribution() -> None:
    assert smsc("--version").stdout == f"{version('smscentre')}\n"


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["send", "--to", "1"], ["devices", "attach"], ["check"]]
)
def test_a_command_that_is_misused_says_so_and_ends_with_2(arguments: list[str]) -> None:
    ended = smsc(*arguments)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "Traceback" not in ended.stderr
    assert ended.stderr


def test_check_counts_what_is_in_a_good_file(config_file: Path) -> None:
    ended = smsc("check", str(config_file))
    assert ended.stdout == f"{config_file}: ok: 2 accounts, 3 devices, 1 population, 2 policies\n"
    assert (ended.returncode, ended.stderr) == (0, "")


def test_check_names_the_line_and_the_cure_of_a_mistake(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text("[smsc]\nsystem = 'x'\n")
    line = failed("check", str(file))
    assert line.startswith(f"{file}:2: smsc.system")
    assert "system_id" in line


def test_a_file_that_is_not_there_is_one_line_for_check_and_serve(tmp_path: Path) -> None:
    file = str(tmp_path / "none.toml")
    assert failed("check", file).startswith(f"{file}: can't be read")
    assert failed("serve", "--config", file).startswith(f"{file}: can't be read")


def test_serve_runs_until_it_is_told_to_stop(config_file: Path) -> None:
    command = [*SMSC, "serve", "--config", str(config_file)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        port = next(match[1] for line in lines if (match := re.search(PORT, line)))
        answer = httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False)
        process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()
    assert answer.text == "ready\n"
    assert process.returncode == 0
    assert "Traceback" not in rest


def test_serve_says_in_one_line_that_an_address_is_taken(config_file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken = f'listen = "127.0.0.1:{listener.getsockname()[1]}"'
        text = config_file.read_text()
        for table in ("[smpp]", "[http]"):
            config_file.write_text(
                text.replace(f'{table}\nlisten = "127.0.0.1:0"', f"{table}\n{taken}")
            )
            ended = smsc("serve", "--config", str(config_file))
            assert ended.returncode == 1
            assert "Traceback" not in ended.stderr
            assert "stop whoever listens there" in ended.stderr.splitlines()[-1]


def test_serve_says_in_one_line_that_the_store_is_none(config_file: Path, tmp_path: Path) -> None:
    (tmp_path / "smsc.db").write_text("this is no database, and longer than a header of one" * 100)
    ended = smsc("serve", "--config", str(config_file))
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert "smsc.db" in ended.stderr.splitlines()[-1]


def test_a_piped_password_becomes_an_argon2_hash() -> None:
    ended = smsc("hash-password", typed="secret\n")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert PasswordHasher().verify(ended.stdout.strip(), "secret")


def test_a_token_becomes_its_sha256() -> None:
    ended = smsc("hash-password", "--token", typed="a long token\n")
    assert ended.stdout == f"sha256:{hashlib.sha256(b'a long token').hexdigest()}\n"
    assert ended.stderr == ""


def test_a_password_longer_than_smpp_allows_is_hashed_with_a_note() -> None:
    ended = smsc("hash-password", typed="123456789")
    assert ended.returncode == 0
    assert "8 characters" in ended.stderr


def test_nothing_is_no_password() -> None:
    assert smsc("hash-password").returncode == 1


class Terminal(io.StringIO):
    """An input that somebody types."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("again", "code"), [("secret", 0), ("sceret", 1)])
def test_a_password_is_typed_twice_without_being_shown(
    again: str, code: int, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = iter(("secret", again))
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(serving, "getpass", lambda prompt: next(typed))
    assert main(["hash-password"]) == code
    shown = capsys.readouterr()
    assert shown.out.startswith("$argon2") is not code
    assert "secret" not in shown.out + shown.err


def test_a_reader_that_goes_away_is_no_traceback() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as gone:
        ended = subprocess.run(
            [*SMSC, "hash-password", "--token"],
            input=b"x",
            stdout=gone,
            stderr=subprocess.PIPE,
            timeout=30,
            check=False,
        )
    assert (ended.returncode, ended.stderr) == (1, b"")
