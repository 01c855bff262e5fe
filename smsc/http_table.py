"""The table of the configuration about HTTP."""

import re
from typing import Final

from smsc.mistake import wrong
from smsc.notation import Endpoint, Limit, Table

_ORIGIN: Final = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?")


class Http(Table, frozen=True):
    """`[http]`: the listener for the API, metrics and health."""

    listen: Endpoint = Endpoint("127.0.0.1:8080")
    rate: Limit = Limit("10000/s")
    token_guesses: Limit = Limit("10/s burst 100")
    cors_origins: tuple[str, ...] = ()


def check(http: Http) -> None:
    """Check what one value can't tell alone; raises what `smsc.mistake.wrong` makes."""
    for index, origin in enumerate(http.cors_origins):
        if origin != "*" and not _ORIGIN.fullmatch(origin):
            problem = 'no origin; write it like "https://example.com", or "*" for any'
            raise wrong(f"http.cors_origins[{index}]", problem)
