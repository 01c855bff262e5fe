"""The load generator: submits to any SMSC over SMPP 3.4 and reports rates and latencies.

One process on one core. Sessions share a supply of messages; each keeps its window full or, with
--rate, takes its share of every tick. A latency counts from the moment a message was written or,
with --rate, fell due. Give the server a core of its own: on Linux, start both under taskset.
"""

import sys
from typing import Annotated

import msgspec
import uvloop
from cyclopts import App, Parameter
from rich.console import Console

from bench.address import HostPort
from bench.drive import LoadError, run
from bench.plan import Plan, Receipts, Report
from bench.tables import show

__all__ = ["LoadError", "Plan", "Receipts", "Report", "main", "run"]

_DEFAULT_COUNT = 100_000
_UNSET = Plan()

app = App(name="python -m bench.load", help=__doc__, version_flags=[])


@app.default
def main(
    *,
    connect: Annotated[str, Parameter(help="HOST:PORT of the SMSC.")] = str(_UNSET.address),
    system_id: Annotated[str, Parameter(help="Account to bind as.")] = _UNSET.system_id,
    password: Annotated[str, Parameter(help="Its password.")] = _UNSET.password,
    sessions: Annotated[int, Parameter(help="Connections to bind.")] = _UNSET.sessions,
    window: Annotated[
        int, Parameter(help="Unanswered submit_sm a session may have.")
    ] = _UNSET.window,
    count: Annotated[
        int | None,
        Parameter(help=f"Messages to submit in all; {_DEFAULT_COUNT:,} unless --seconds is given."),
    ] = None,
    seconds: Annotated[
        float | None, Parameter(help="Stop submitting after this time; answers are waited for.")
    ] = None,
    rate: Annotated[
        float | None,
        Parameter(help="Submits a second in all; without it, as fast as windows allow."),
    ] = None,
    receipts: Annotated[
        bool,
        Parameter(
            negative=(), help="Bind as transceiver, ask for delivery receipts and wait for them."
        ),
    ] = _UNSET.receipts,
    source: Annotated[str, Parameter(help="Sender of every message.")] = _UNSET.source,
    destination: Annotated[
        str, Parameter(help="Number to send to; each '#' is any digit, to spread over devices.")
    ] = _UNSET.destination,
    destinations: Annotated[
        int, Parameter(help="How many numbers of that pattern to rotate over.")
    ] = _UNSET.destinations,
    text: Annotated[str, Parameter(help="Text of every message.")] = _UNSET.text,
    data_coding: Annotated[
        int, Parameter(help="How the text is encoded: 0 SMSC default, 3 Latin-1, 8 UCS-2.")
    ] = _UNSET.data_coding,
    esm_class: Annotated[
        int, Parameter(help="Messaging mode and type: 0 stored, 1 datagram, 2 transaction.")
    ] = _UNSET.esm_class,
    timeout: Annotated[
        float, Parameter(help="Give up when something is owed and this many seconds were silent.")
    ] = _UNSET.timeout,
    json: Annotated[
        bool, Parameter(negative=(), help="Print the report as JSON, not as tables.")
    ] = False,
) -> int:
    """Put load on an SMSC; exit with 1 if it can't be reached, hangs up or leaves things owed."""
    errors = Console(stderr=True, style="red", highlight=False, soft_wrap=True)
    try:
        address = HostPort.parse(connect)
        plan = Plan(
            host=address.host,
            port=address.port,
            system_id=system_id,
            password=password,
            sessions=sessions,
            window=window,
            count=_DEFAULT_COUNT if count is None and seconds is None else count,
            seconds=seconds,
            rate=rate,
            receipts=receipts,
            source=source,
            destination=destination,
            destinations=destinations,
            text=text,
            data_coding=data_coding,
            esm_class=esm_class,
            timeout=timeout,
        )
        report = uvloop.run(run(plan))
    except (LoadError, ValueError) as error:
        errors.print(str(error), markup=False)
        return 1
    except KeyboardInterrupt:
        return 130
    if json:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    else:
        show(report, Console())
    if report.failure:
        errors.print(report.failure, markup=False)
    return 1 if report.failure else 0


if __name__ == "__main__":
    app()
