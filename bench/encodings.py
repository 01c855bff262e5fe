"""The encodings beside other packages' of the same job, in one run.

Microseconds a call, the best of several rounds, for a short message that is full: 160 septets. The
floor is bytes.decode("latin-1"), one copy in C. The others are those of PyPI that do the job:

    .venv/bin/python -m pip install -e '.[bench]' -c constraints.txt

(`make` installs them with everything else.) One that isn't there is left out. smsutil encodes by a
charmap of C as well; all else that they do is Python per character.
"""

import timeit
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import Annotated

import msgspec
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from smsc_encodings import gsm7, septets
from smsc_encodings.segmentation import best_encoding

OURS, FLOOR = "smsc_encodings", "floor"
AIM = 10
PYTHON_PER_CHARACTER = ("gsm0338", "gsmcodecs", "smspdudecoder")
TEXTS = {
    "ASCII": ("Meter 4711: 230.4 V, 12.1 A, 50.0 Hz, door closed, last seen at 12:30. " * 3)[:160],
    "accents": ("Größe übermäßig: 5 £ à la carte, ù, ò. Ñandù, æsir, øre, åre, Ωmega. " * 3)[:160],
    "JSON": '{"meter":[4711],"at":"1:30","volt":[230.4,231.0],"door":{"open":0}}' * 2 + '{"ok":1}',
    "extension only": ("{[€]}~^|\\" * 9)[:80],
}

Work = Callable[[], object]

app = App(name="python -m bench.encodings", help=__doc__, version_flags=[])


class Figure(msgspec.Struct, frozen=True):
    """What one call takes."""

    job: str
    who: str
    microseconds: float


def jobs(text: str) -> Iterator[tuple[str, str, Work]]:
    """Give every job on a text: what it is, who does it, and a call of it."""
    octets = gsm7.encode(text)
    packed = septets.pack(octets)
    count = len(octets)
    yield "decode", FLOOR, lambda: octets.decode("latin-1")
    yield "encode", OURS, lambda: gsm7.encode(text)
    yield "decode", OURS, lambda: gsm7.decode(octets)
    yield "pack", OURS, lambda: septets.pack(octets)
    yield "unpack", OURS, lambda: septets.unpack(packed, count)
    yield "encode and pack", OURS, lambda: septets.pack(gsm7.encode(text))
    yield "unpack and decode", OURS, lambda: gsm7.decode(septets.unpack(packed, count))
    yield "choose an encoding", OURS, lambda: best_encoding(text)
    for package, codec in CODECS.items():
        with suppress(ImportError):
            import_module(package)
            yield "encode", package, partial(text.encode, codec)
            yield "decode", package, partial(octets.decode, codec)
    with suppress(ImportError):
        gsm = import_module("smspdudecoder.codecs").GSM
        digits = packed.hex()
        yield "encode and pack", "smspdudecoder", lambda: gsm.encode(text)
        yield "unpack and decode", "smspdudecoder", lambda: gsm.decode(digits)


CODECS = {"gsm0338": "gsm03.38", "gsmcodecs": "gsm23.038", "smsutil": "gsm0338"}
"""Packages that register a codec of Python's, and its name."""


def measured(text: str, rounds: int, calls: int) -> list[Figure]:
    """Measure every job on a text."""
    return [
        Figure(job, who, min(timeit.repeat(work, number=calls, repeat=rounds)) / calls * 1e6)
        for job, who, work in jobs(text)
    ]


def show(name: str, figures: list[Figure], console: Console) -> None:
    """Print the figures of a text: ours, and how many times as long each other takes."""
    people = list(dict.fromkeys(figure.who for figure in figures))
    table = Table(title=f"{name}, microseconds a call (times ours)", title_justify="left")
    table.add_column("")
    for who in people:
        table.add_column(who, justify="right")
    times = {(figure.job, figure.who): figure.microseconds for figure in figures}
    for job in dict.fromkeys(figure.job for figure in figures):
        table.add_row(job, *(_cell(times, job, who) for who in people))
    console.print(table)


def _cell(times: dict[tuple[str, str], float], job: str, who: str) -> str:
    taken = times.get((job, who))
    if taken is None:
        return ""
    return f"{taken:.2f}" if who == OURS else f"{taken:.2f} ({taken / times[job, OURS]:.1f})"


def slowest_lead(figures: list[Figure]) -> float | None:
    """Return our smallest lead over whoever works in Python; None where nobody is installed."""
    ours = {figure.job: figure.microseconds for figure in figures if figure.who == OURS}
    leads = [
        figure.microseconds / ours[figure.job]
        for figure in figures
        if figure.who in PYTHON_PER_CHARACTER
    ]
    return min(leads, default=None)


@app.default
def compare(
    *,
    rounds: Annotated[int, Parameter(help="How often to measure; the best counts.")] = 7,
    calls: Annotated[int, Parameter(help="How many calls each time.")] = 2000,
    json: Annotated[bool, Parameter(help="One JSON object instead of tables.")] = False,
) -> None:
    """Measure, and print tables."""
    found = {name: measured(text, rounds, calls) for name, text in TEXTS.items()}
    if json:
        print(msgspec.json.encode(found).decode())
        return
    console = Console()
    for name, figures in found.items():
        show(name, figures, console)
    leads = [lead for lead in map(slowest_lead, found.values()) if lead is not None]
    if leads:
        console.print(
            f"Python per character takes at least {min(leads):.0f} times as long (aim: {AIM})."
        )


if __name__ == "__main__":
    app()
