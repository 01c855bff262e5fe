"""The command that backs up a running SMSC into a file of the one who asks."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from smsc.cli.client import HERE, Smsc
from smsc.cli.failure import Failure
from smsc.cli.unfinished import unfinished


def backup(
    file: Annotated[Path, Parameter(help="Where the copy goes; there must be no such file yet.")],
    /,
    *,
    smsc: Smsc = HERE,
) -> None:
    """Copy the store of a running SMSC into a file, while it goes on.

    The token must be that of an account with `operator = true`. The file is there once the copy
    was read from end to end and found whole; until then it is called FILE.part.

    Example: `smsc backup smsc-2026-11-21.db`
    """
    from smsc.store.backup import verify
    from smsc.store.store import StoreError

    what = f"backup to {file}"
    with unfinished(what, file) as copy:
        smsc.download(what, "/v1/backup", copy)
        copy.flush()
        try:
            messages = verify(Path(copy.name))
        except StoreError as error:
            raise Failure(f"{what}: {error}") from error
        octets = copy.tell()
    print(f"{file}: {messages} messages, {octets} octets, checked")
