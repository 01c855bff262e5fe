"""PDUs cut out of a stream of octets (3.4 clause 3.2)."""

import struct
from typing import Final

from smsc.smpp.session import LONGEST_PDU, SHORTEST_PDU

_LENGTH: Final = struct.Struct(">I").unpack_from


class FrameLost(Exception):
    """No PDU can have the length that the next one says; there is no telling where another begins.

    `pdus` came whole before it.
    """

    def __init__(self, length: int, pdus: list[bytes]) -> None:
        """Name the length."""
        super().__init__(f"a PDU can't be {length} octets long")
        self.pdus = pdus


def check(length: int) -> None:
    """Check that a PDU can have this length; raises `FrameLost`."""
    if not SHORTEST_PDU <= length <= LONGEST_PDU:
        raise FrameLost(length, [])


class Frames:
    """What came of a PDU so far; never more than the longest PDU and what came with its end."""

    def __init__(self) -> None:
        """Begin where a PDU begins."""
        self._held = bytearray()
        self._needed = SHORTEST_PDU

    def cut(self, octets: bytes) -> list[bytes]:
        """Return the PDUs that are whole now; raises `FrameLost`."""
        if self._held:
            self._held += octets
            if len(self._held) < self._needed:
                return []
            octets, self._held = bytes(self._held), bytearray()
        pdus: list[bytes] = []
        at, end = 0, len(octets)
        self._needed = SHORTEST_PDU
        while end - at >= SHORTEST_PDU:
            (length,) = _LENGTH(octets, at)
            if not SHORTEST_PDU <= length <= LONGEST_PDU:
                raise FrameLost(length, pdus)
            if end - at < length:
                self._needed = length
                break
            pdus.append(octets[at : at + length])
            at += length
        if at < end:
            self._held += octets[at:]
        return pdus
