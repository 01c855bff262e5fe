"""The commands under their names, and how a command ends: 0, 1 if it failed, 2 if misused."""

import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Final

from cyclopts import App
from cyclopts.exceptions import CycloptsError

from smsc.cli import backup, decode, devices, explain, messages, outages, policies, serving
from smsc.cli.failure import Failure

_HELP: Final = """\
An SMS centre: applications submit over SMPP or HTTP, simulated devices receive and send.

Start one with `smsc serve`, then talk to it from another terminal:

`smsc send --to 491700000001 --text hello`

`smsc devices inbox 491700000001`
"""


def build() -> App:
    """Make the application with all its commands."""
    app = App(
        name="smsc",
        help=_HELP,
        version=lambda: version("smscentre"),
        help_format="markdown",
        result_action="return_value",
    )
    app.command(serving.serve)
    app.command(serving.check)
    app.command(serving.hash_password)
    app.command(backup.backup)
    app.command(messages.send)
    app.command(messages.build())
    app.command(devices.build())
    app.command(outages.build())
    app.command(policies.build())
    app.command(explain.explain)
    app.command(decode.decode)
    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line, the process's own unless another is given; return the exit code."""
    try:
        build()(arguments, exit_on_error=False)
        sys.stdout.flush()
    except CycloptsError:
        return 2  # Cyclopts has said why.
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read our output has gone; nothing may be written when the process ends either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0
