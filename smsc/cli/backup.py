"""The command that backs up a running SMSC into a file of the one who asks."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from smsc.cli.client import HERE, Smsc
from smsc.cli.failure import Failure

UNFINISHED: Final = ".part"


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
    from smsc.store.files import sync_folder
    from smsc.store.store import StoreError

    what = f"backup to {file}"
    if file.exists():
        raise Failure(f"{what}: there is such a file already; name another")
    unfinished = file.with_name(file.name + UNFINISHED)
    try:
        descriptor = os.open(unfinished, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as copy:
            smsc.download(what, "/v1/backup", copy)
            copy.flush()
            os.fsync(copy.fileno())
        messages = verify(unfinished)
        octets = unfinished.stat().st_size
        unfinished.rename(file)
        sync_folder(file.absolute().parent)
    except (OSError, StoreError) as error:
        raise Failure(f"{what}: {error}") from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
    print(f"{file}: {messages} messages, {octets} octets, checked")
