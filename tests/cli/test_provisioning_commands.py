"""Commands that keep devices and policies and ask why: what they show, send, and end with."""

import contextlib
import io
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from smsc.cli.app import main
from tests.cli.test_client_commands import ANNA, BERT, MUTE, Capture, fail, run

EMIL = "491700000010"
FINN = "491700000011"
LOOKS = 1000
"""After which a command that imports has surely begun, or was refused."""


def ended(capsys: Capture, code: int, *arguments: str) -> tuple[list[str], list[str]]:
    """Run a command that ends so, and return the lines on stdout and on stderr."""
    assert main(arguments) == code
    shown = capsys.readouterr()
    return shown.out.splitlines(), shown.err.splitlines()


def written(folder: Path, *lines: str, name: str = "devices.csv") -> str:
    file = folder / name
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return str(file)


# Devices.


def test_an_outage_is_listed_from_its_beginning_to_its_end(url: str, capsys: Capture) -> None:
    assert run(capsys, "outages", "begin", "4917########") == []
    assert run(capsys, "outages", "list") == ["4917########"]
    assert "outage: yes" in run(capsys, "devices", "show", BERT)
    assert run(capsys, "outages", "end", "4917########") == []
    assert run(capsys, "outages", "list") == []
    assert fail(capsys, "outages", "end", "49#").startswith("end 49#: there is no outage")
    assert fail(capsys, "outages", "begin", "x").startswith("begin x: msisdn: ")


def test_a_full_device_says_why_messages_wait_until_it_is_cleared(
    url: str, capsys: Capture, tmp_path: Path
) -> None:
    run(capsys, "devices", "import", written(tmp_path, "msisdn,memory", f"{EMIL},1"))
    for text in ("one", "two"):
        run(capsys, "send", "--to", EMIL, "--text", text)
    while "mcef: yes" not in (shown := run(capsys, "devices", "show", EMIL)):
        assert f"msisdn: {EMIL}" in shown
    assert {"memory: 1", "messages_waiting: yes"} < set(shown)
    assert run(capsys, "devices", "clear", EMIL) == []
    while not (lines := run(capsys, "devices", "inbox", EMIL)):
        assert "memory: 1" in run(capsys, "devices", "show", EMIL)
    assert [line.split("\t")[2] for line in lines] == ["two"]


def test_a_device_is_shown_by_any_identity(url: str, capsys: Capture) -> None:
    for who in (BERT, f"+{BERT}", f"msisdn:{BERT}", "iccid:8988"):
        assert run(capsys, "devices", "show", who) == [
            f"msisdn: {BERT}",
            "attached: no",
            "policy: default",
            "iccid: 8988",
            "defined_in: config",
        ]


def test_every_command_of_devices_takes_any_identity(url: str, capsys: Capture) -> None:
    assert "attached: yes" in run(capsys, "devices", "attach", "iccid:8988")
    command = ("devices", "send", "iccid:8988", "--to", "1234", "--text", "hello")
    assert run(capsys, *command) == ["0000000001"]
    assert run(capsys, "devices", "inbox", "iccid:8988") == []
    assert "attached: no" in run(capsys, "devices", "detach", "iccid:8988")


def test_a_device_that_is_not_there_is_told_in_one_line(url: str, capsys: Capture) -> None:
    assert fail(capsys, "devices", "show", "imsi:1") == "device imsi:1: no device has imsi 1"
    assert "did you mean 'imsi'" in fail(capsys, "devices", "show", "imsy:1")


# Imports.


def test_a_file_is_imported_and_its_devices_are_there(
    url: str, capsys: Capture, tmp_path: Path
) -> None:
    file = written(
        tmp_path,
        "msisdn,imsi,policy,override.mo_limit,latency",
        f"{EMIL},262010000000010,mute,10/min,2s",
        f"{FINN},262010000000011,,,",
    )
    assert run(capsys, "devices", "import", file) == ["imported: 2"]
    shown = run(capsys, "devices", "show", "imsi:262010000000010")
    assert f"msisdn: {EMIL}" in shown
    assert 'overrides: {"mo_limit": ["10/min"]}' in shown
    assert {"latency: 2s", "policy: mute", "defined_in: store"} < set(shown)
    assert any(line.startswith(f"{FINN}\tyes") for line in run(capsys, "devices", "list"))


def test_of_a_file_with_mistakes_nothing_is_imported_and_they_are_shown(
    url: str, capsys: Capture, tmp_path: Path
) -> None:
    file = written(tmp_path, "msisdn,imsi", f"{EMIL},1", "x,2", f"{FINN},y")
    out, err = ended(capsys, 1, "devices", "import", file)
    assert [line.partition("\t")[0] for line in out] == ["3", "4"]
    assert out[1] == "4\timsi 'y': write up to 15 digits"
    (line,) = err
    assert line.startswith(f"import {file}: 2 of the lines are wrong, so nothing was imported")
    assert "no device" in fail(capsys, "devices", "show", EMIL)


def test_with_keep_going_the_other_lines_are_imported(
    url: str, capsys: Capture, tmp_path: Path
) -> None:
    file = written(tmp_path, "msisdn", EMIL, "x", FINN)
    out, err = ended(capsys, 1, "devices", "import", file, "--keep-going")
    assert out[0] == "imported: 2"
    assert out[1].startswith("3\tmsisdn 'x'")
    assert err == [f"import {file}: 1 of the lines are wrong and were left out"]
    assert f"msisdn: {FINN}" in run(capsys, "devices", "show", FINN)


def test_a_file_comes_from_standard_input_too(
    url: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = io.TextIOWrapper(io.BytesIO(f"msisdn\n{EMIL}\n".encode()))
    monkeypatch.setattr(sys, "stdin", typed)
    assert run(capsys, "devices", "import", "-") == ["imported: 1"]


def test_an_import_that_is_interrupted_leaves_nothing_behind(url: str, capsys: Capture) -> None:
    with importer(url) as process:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (1, b"")
    assert err.decode().startswith("import -: interrupted; ")
    assert len(err.splitlines()) == 1
    while importing(url):
        continue
    assert "no device" in fail(capsys, "devices", "show", EMIL)


def importer(url: str) -> subprocess.Popen[bytes]:
    """Start a command whose import has begun, and doesn't end."""
    command = [sys.executable, "-m", "smsc", "devices", "import", "-", "--url", url]
    while True:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert process.stdin is not None
        process.stdin.write(f"msisdn\n{EMIL}\n".encode())
        process.stdin.flush()
        if any(importing(url) for _ in range(LOOKS)):
            return process
        # It came while we looked, which is an import too, and was refused.
        process.kill()
        process.communicate()


def importing(url: str) -> bool:
    """Tell whether somebody imports devices now."""
    headers = {"Authorization": "Bearer demo"}
    answer = httpx.post(
        f"{url}/v1/devices/import", headers=headers, content=b"msisdn\n", trust_env=False
    )
    return answer.status_code == 409


def test_a_file_that_cannot_be_read_is_one_line(url: str, capsys: Capture, tmp_path: Path) -> None:
    file = tmp_path / "none.csv"
    line = fail(capsys, "devices", "import", str(file))
    assert line == f"import {file}: can't be read: No such file or directory"
    assert "Is a directory" in fail(capsys, "devices", "import", str(tmp_path))


def test_a_file_that_is_no_csv_of_devices_is_one_line(
    url: str, capsys: Capture, tmp_path: Path
) -> None:
    file = tmp_path / "devices.csv"
    for content, words in (
        (b"", "the file is empty"),
        (b"number\n" + b"1\n" * 500_000, "no such column: 'number'"),
        (os.urandom(3_000_000), "line 1: "),
    ):
        file.write_bytes(content)
        assert words in fail(capsys, "devices", "import", str(file))


def test_the_progress_is_shown_on_a_terminal_and_nowhere_else(
    url: str, tmp_path: Path, config_file: Path
) -> None:
    lines = [str(491800000000 + each) for each in range(20_000)]
    file = written(tmp_path, "msisdn", *lines)
    command = [sys.executable, "-m", "smsc", "devices", "import", file, "--url", url]
    piped = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert (piped.stdout, piped.stderr) == ("imported: 20000\n", "")
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, text=True) as process:
        os.close(theirs)
        told = read_all(ours)
        assert process.stdout is not None
        assert process.stdout.read() == "imported: 20000\n"
    assert "20,001 lines" in told


def read_all(terminal: int) -> str:
    """Read what is written to a terminal until nobody has it open any more."""
    told = b""
    with contextlib.suppress(OSError):
        while octets := os.read(terminal, 65536):
            told += octets
    os.close(terminal)
    return told.decode()


# Policies.


def test_policies_are_put_from_tables_as_a_config_has_them(
    url: str, capsys: Capture, tmp_path: Path
) -> None:
    file = written(
        tmp_path,
        "[[policies]]",
        'name = "meters"',
        "mo = false",
        'mt_limit = ["10/min", "200/day"]',
        "[[policies]]",
        'name = "trucks"',
        name="policies.toml",
    )
    assert run(capsys, "policies", "put", file) == ["meters", "trucks"]
    assert run(capsys, "policies", "list") == [
        'default\tconfig\t{"deliver_to": "demo"}',
        'meters\tstore\t{"mo": false, "mt_limit": ["10/min", "200/day"]}',
        'mute\tconfig\t{"mo": false}',
        "trucks\tstore\t{}",
    ]
    page = ("--after", "default", "--limit", "1")
    assert run(capsys, "policies", "list", *page) == [
        'meters\tstore\t{"mo": false, "mt_limit": ["10/min", "200/day"]}'
    ]
    assert run(capsys, "policies", "delete", "trucks") == []
    assert "no policy 'trucks'" in fail(capsys, "policies", "show", "trucks")


def test_what_show_prints_of_a_policy_can_be_put_again(
    url: str, capsys: Capture, tmp_path: Path
) -> None:
    text = '[[policies]]\nname = "a \\"b\\" ж"\nmo = false\nmt_limit = ["1/s"]'
    run(capsys, "policies", "put", written(tmp_path, text, name="a.toml"))
    shown = run(capsys, "policies", "show", 'a "b" ж')
    assert shown[1:] == text.splitlines()
    run(capsys, "policies", "delete", 'a "b" ж')
    run(capsys, "policies", "put", written(tmp_path, *shown, name="b.toml"))
    assert run(capsys, "policies", "show", 'a "b" ж') == shown


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "write [[policies]] tables"),
        ("mo = false", "write [[policies]] tables"),
        ("policies = 5", "write [[policies]] tables"),
        ("[[policies]]\nname = 'x'\n[[accounts]]", "write [[policies]] tables"),
        ("[[policies]]\nmo = false", "policies[0] has no name"),
        ("[[policies]]\nname = 'x'\nmo = 1979-05-27", "policies[0] has a date"),
        ("[[policies", "not TOML"),
        ("[[policies]]\nname = 'x'\nmoo = false", "did you mean 'mo'"),
        ("[[policies]]\nname = 'mute'", "configuration"),
    ],
)
def test_a_file_of_policies_that_is_wrong_is_one_line(
    url: str, capsys: Capture, tmp_path: Path, text: str, words: str
) -> None:
    file = written(tmp_path, text, name="policies.toml")
    assert words in fail(capsys, "policies", "put", file)


def test_a_file_of_policies_that_is_not_there_is_one_line(
    url: str, capsys: Capture, tmp_path: Path
) -> None:
    assert "can't be read" in fail(capsys, "policies", "put", str(tmp_path / "none.toml"))


def test_the_policy_that_is_always_there_is_not_deleted(url: str, capsys: Capture) -> None:
    assert "always" in fail(capsys, "policies", "delete", "default")


# Why.


def test_an_accepted_message_is_explained_with_exit_code_0(url: str, capsys: Capture) -> None:
    lines = run(capsys, "explain", "--from", ANNA, "--to", "1234", "--text", "hello")
    assert lines[-1] == "verdict\tyes\taccepted as a2p_mo"
    assert all(line.split("\t")[1] == "yes" for line in lines)
    assert run(capsys, "explain", "--to", ANNA)[-1] == "verdict\tyes\taccepted as a2p_mt"


def test_a_refused_message_is_explained_with_exit_code_1(url: str, capsys: Capture) -> None:
    out, err = ended(capsys, 1, "explain", "--from", MUTE, "--to", "1234")
    assert [line.split("\t")[1] for line in out][-2:] == ["yes", "no"]
    (line,) = err
    assert line.startswith(f"explain {MUTE} to 1234: refused (switched_off): policy 'mute'")


def test_an_account_that_is_none_is_told(url: str, capsys: Capture) -> None:
    line = fail(capsys, "explain", "--to", ANNA, "--account", "demos")
    assert line.endswith("no such account; did you mean 'demo'?")


def test_steps_are_a_table_on_a_terminal(
    url: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert "Passed" in "".join(run(capsys, "explain", "--to", ANNA))
    assert "Keys" in "".join(run(capsys, "policies", "list"))
