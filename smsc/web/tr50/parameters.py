"""The parameters of a command: each is what it should be, or named in a failure."""

import re
from collections.abc import Mapping
from typing import Final

from smsc.web.tr50.envelope import Code, Failure

_DECIMAL: Final = re.compile(r"-?[0-9]{1,18}", re.ASCII)


def missing(name: str) -> Failure:
    """Say that a parameter is missing."""
    return Failure(Code.PARAMETER, f"Missing parameter: {name}")


def invalid(name: str, why: str) -> Failure:
    """Say that a parameter isn't what it should be."""
    return Failure(Code.PARAMETER, f"Invalid parameter: {name}: {why}")


class Params:
    """Parameters by name; null is as if nothing had been given."""

    def __init__(self, given: Mapping[str, object]) -> None:
        """Read these."""
        self._given = given

    def __contains__(self, name: object) -> bool:
        """Whether there is something under this name."""
        return name in self._given and self._given[str(name)] is not None

    def text(self, name: str) -> str | None:
        """Return a text, None if there is none; raises Failure."""
        value = self._given.get(name)
        if value is None or isinstance(value, str):
            return value
        raise invalid(name, "it isn't a string.")

    def required(self, name: str) -> str:
        """Return a text that must be there; raises Failure."""
        text = self.text(name)
        if text is None:
            raise missing(name)
        return text

    def switch(self, name: str, default: bool) -> bool:
        """Return whether something is on; raises Failure."""
        value = self._given.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise invalid(name, "it isn't true or false.")
        return value

    def number(self, name: str) -> int | None:
        """Return a whole number, which may be written as a string; raises Failure."""
        value = self._given.get(name)
        if isinstance(value, str) and _DECIMAL.fullmatch(value):
            return int(value)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        raise invalid(name, "it isn't a whole number.")

    def within(self, name: str, default: int, least: int, most: int) -> int:
        """Return a whole number from `least` on, and `most` for a greater one; raises Failure."""
        value = self.number(name)
        if value is None:
            return default
        if value < least:
            raise invalid(name, f"it is less than {least}.")
        return min(value, most)

    def texts(self, name: str) -> list[str] | None:
        """Return one text or a list of them, None if there is nothing; raises Failure."""
        value = self._given.get(name)
        if value is None:
            return None
        texts = value if isinstance(value, list) else [value]
        if not all(isinstance(text, str) for text in texts):
            raise invalid(name, "it isn't a string or an array of strings.")
        return [str(text) for text in texts]
