"""The command that exports messages: they are written as they come, with their progress."""

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO, Final, Literal

from cyclopts import Parameter

from smsc.cli.client import HERE, Smsc
from smsc.cli.failure import Failure
from smsc.cli.unfinished import unfinished
from smsc.cli.which import ALL, Which

_ID: Final = re.compile(rb'^(?:\{"id":")?([0-9]{10,18})[",]', re.MULTILINE)


def export(
    *,
    which: Which = ALL,
    form: Annotated[
        Literal["csv", "ndjson"], Parameter(name="--format", help="What is written.")
    ] = "csv",
    output: Annotated[
        Path | None,
        Parameter(help="Where to; there must be no such file yet. Else to standard output."),
    ] = None,
    smsc: Smsc = HERE,
) -> None:
    """Export messages that the account sent, or that devices sent to it, the oldest first.

    An operator's account exports those of all accounts. The file is there once it is complete;
    until then it is called FILE.part. What goes to standard output is complete if the command ends
    with 0.

    Example: `smsc messages export --since 2026-11-01 --until 2026-12-01 --output november.csv`
    """
    what = f"export to {output}" if output is not None else "export"
    with (
        _opened(what, output) as file,
        smsc.read(what, "/v1/messages/export", which.query() | {"format": form}) as (head, octets),
        _progress(_span(what, head), shown=output is not None or not sys.stdout.isatty()) as came,
    ):
        try:
            for each in octets:
                file.write(each)
                came(each)
        except KeyboardInterrupt:
            left = "nothing was kept" if output is not None else "not all was written"
            raise Failure(f"{what}: interrupted; {left}") from None


@contextmanager
def _opened(what: str, output: Path | None) -> Iterator[BinaryIO]:
    if output is None:
        yield sys.stdout.buffer
        return
    with unfinished(what, output) as file:
        yield file


def _span(what: str, head: Mapping[str, str]) -> tuple[int, int]:
    """Return the first and the last id that may come."""
    try:
        return int(head["Smsc-First-Id"]), int(head["Smsc-Last-Id"])
    except KeyError as error:
        raise Failure(f"{what}: what answers there isn't an SMSC's API; check --url") from error


@contextmanager
def _progress(span: tuple[int, int], *, shown: bool) -> Iterator[Callable[[bytes], None]]:
    """Show on a terminal how far an export has come, by the ids that came and are to come."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    first, last = span
    total = max(last - first + 1, 0)
    with Progress(
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[octets]:,} octets"),
        TimeRemainingColumn(),
        console=console,
        disable=not (shown and console.is_terminal),
    ) as progress:
        task = progress.add_task("", total=total, octets=0)
        size, at = 0, first - 1

        def came(octets: bytes) -> None:
            nonlocal size, at
            size, at = size + len(octets), reached(octets, at, last)
            progress.update(task, completed=at - first + 1, octets=size)

        yield came
        # Behind the last that was found nothing else was.
        progress.update(task, completed=total)


def reached(octets: bytes, before: int, last: int) -> int:
    """Return the highest id in these lines; a text may have lines that begin like ours."""
    ids = [int(each) for each in _ID.findall(octets)]
    return max([each for each in ids if before < each <= last], default=before)
