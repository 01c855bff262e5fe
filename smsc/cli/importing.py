"""The command that imports devices: a file goes to the SMSC as it is read, with its progress."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from pathlib import Path
from typing import Annotated, Any, Final, cast

from cyclopts import Parameter

from smsc.cli import show
from smsc.cli.client import HERE, Smsc
from smsc.cli.failure import Failure, Refusal

STANDARD_INPUT: Final = "-"
OCTETS_AT_ONCE: Final = 64 * 1024


def bring(
    file: Annotated[
        str,
        Parameter(
            name="FILE", allow_leading_hyphen=True, help="A CSV file, or `-` for standard input."
        ),
    ],
    /,
    *,
    keep_going: Annotated[
        bool,
        Parameter(
            negative="", show_default=False, help="Import lines that are right if others are wrong."
        ),
    ] = False,
    smsc: Smsc = HERE,
) -> None:
    """Import devices from a CSV file: all of them, or none if a line is wrong.

    The first line names the columns: `msisdn`, and what else there is of `iccid`, `imsi`, `imei`,
    `esn`, `meid`, `name`, `thing_key`, `id`, `policy`, `attached`, `link`, `latency`, `error`,
    `permanent`, `memory`, `nb_iot`, `overrides` (a JSON object), `override.KEY` for a key of the
    policy.

    Shows how many devices were imported, then each line that is wrong, with its number and why;
    piped, with a tab between them. Ends with 1 if there is any.

    Example: `smsc devices import devices.csv --keep-going`
    """
    what = f"import {file}"
    try:
        told = _uploaded(what, file, keep_going, smsc)
    except KeyboardInterrupt:
        told = f"{what}: interrupted; unless all of it had been read, nothing was imported"
        raise Failure(told) from None
    except Refusal as refusal:
        _show_errors(refusal.problem.get("errors", ()))
        raise
    show.facts({"imported": told["imported"]})
    _show_errors(told["errors"])
    if told["failed"]:
        raise Failure(f"{what}: {told['failed']} of the lines are wrong and were left out")


def _uploaded(what: str, file: str, keep_going: bool, smsc: Smsc) -> Any:
    with _opened(what, file) as source:
        going = "true" if keep_going else "false"
        return smsc.upload(what, "/v1/devices/import", _read(source), keep_going=going)


@contextmanager
def _opened(what: str, file: str) -> Iterator[BufferedIOBase]:
    if file == STANDARD_INPUT:
        yield cast(BufferedIOBase, sys.stdin.buffer)
        return
    try:
        with Path(file).open("rb") as source:
            yield source
    except OSError as error:
        raise Failure(f"{what}: can't be read: {error.strerror}") from error


def _read(source: BufferedIOBase) -> Iterator[bytes]:
    """Read a file, and show on a terminal how far it has come."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    console = Console(stderr=True)
    with Progress(
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[rows]:,} lines"),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    ) as progress:
        task = progress.add_task("", total=_size(source), rows=0)
        rows = 0
        while octets := source.read1(OCTETS_AT_ONCE):
            yield octets
            rows += octets.count(b"\n")
            progress.update(task, advance=len(octets), rows=rows)


def _size(source: BufferedIOBase) -> int | None:
    """Return how long a file is; a pipe has no length."""
    try:
        return os.fstat(source.fileno()).st_size or None
    except (OSError, ValueError):
        return None


def _show_errors(errors: Any) -> None:
    lines = [(each["line"], each["problem"]) for each in errors if "line" in each]
    if lines:
        show.table(("Line", "Problem"), lines)
