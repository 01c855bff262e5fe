"""A file that has its name only when all of it is there: until then it is called FILE.part."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from smsc.cli.failure import Failure

UNFINISHED: Final = ".part"


@contextmanager
def unfinished(what: str, file: Path) -> Iterator[BinaryIO]:
    """Open a file to be written, which gets its name and is durable at the end of the block.

    If the block fails, nothing is left of it. Raises Failure, also if there is such a file already.
    """
    from smsc.store.files import sync_folder

    if file.exists():
        raise Failure(f"{what}: there is such a file already; name another")
    part = file.with_name(file.name + UNFINISHED)
    try:
        with open(part, "wb", opener=_for_its_owner) as writing:
            yield writing
            writing.flush()
            os.fsync(writing.fileno())
        part.rename(file)
        sync_folder(file.absolute().parent)
    except OSError as error:
        raise Failure(f"{what}: {error}") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _for_its_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
