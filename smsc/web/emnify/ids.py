"""The numbers that this dialect has for things: whole ones, also where we have names.

An endpoint goes by the `id` of its device. A device without one, as those of populations are, goes
by its number, which any device may be asked for by. A policy or an account goes by a number made
of its name: always the same, on every machine. Webhooks use the same numbers.
"""

import re
from typing import Annotated, Final

from litestar.params import PathParameter

from smsc.web.emnify.errors import BAD_REQUEST, Wrong
from smsc.web.webhooks.emnify import endpoint_id, organisation_id

__all__ = ["Id", "endpoint_id", "organisation_id", "profile_id", "whole"]

Id = Annotated[str, PathParameter(description="A whole number.")]
"""An id as it stands in a path: what is none is told in the dialect's own words."""

_LONG: Final = re.compile(r"[+-]?[0-9]{1,19}")


def profile_id(policy: str) -> int:
    """Return the id of a policy, which is made of its name as that of an account is."""
    return organisation_id(policy)


def whole(text: str, parameter: str = "id") -> int:
    """Read a whole number of a path or query; raises Wrong in the platform's own words."""
    if not _LONG.fullmatch(text):
        words = f'Cannot parse parameter {parameter} as Long: For input string: "{text[:40]}"'
        raise Wrong(BAD_REQUEST, words)
    return int(text)
