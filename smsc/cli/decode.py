"""The command that explains octets: an SMPP PDU or an SMS TPDU, field by field."""

import itertools
import re
from collections.abc import Iterable
from typing import Annotated, Final, Literal

from cyclopts import Parameter

from smsc.cli import show
from smsc.cli.failure import Failure
from smsc.smpp import explain as smpp_explain
from smsc_encodings import address
from smsc_encodings.errors import EncodingError
from smsc_encodings.explanation import Fact, address_meaning, walk
from smsc_encodings.tpdu import MO, MT, Direction
from smsc_encodings.tpdu import explain as tpdu_explain

_COLUMNS: Final = ("At", "Field", "Value", "Meaning", "Clause", "Octets")
_WHOLE: Final = ("At", "Field", "Clause")
_REPORTS: Final = ("SMS-DELIVER-REPORT", "SMS-SUBMIT-REPORT")
_ADDRESSES: Final = ("TP-OA", "TP-DA", "TP-RA")
_LATER: Final = "what a later release defines"
_AROUND: Final = 4
"""How many octets are shown on each side of one that an error points at."""


def decode(
    *octets: Annotated[
        str, Parameter(name="HEX", help="The octets; spaces, colons and 0x are left out.")
    ],
    smpp: Annotated[
        bool, Parameter(negative="", show_default=False, help="Read SMPP, whatever it looks like.")
    ] = False,
    tpdu: Annotated[
        Literal["mo", "mt"] | None,
        Parameter(help="Read a TPDU that a phone sent (mo), or was sent (mt)."),
    ] = None,
    smsc_address: Annotated[
        bool,
        Parameter(
            negative="",
            show_default=False,
            help="Read a TPDU with an SMSC's address in front, as modems give it.",
        ),
    ] = False,
) -> None:
    """Explain the octets of SMPP PDUs, or of a TPDU: each field, its value, meaning and clause.

    Octets that begin with an SMPP header are one or more PDUs, others a TPDU. Which way a TPDU
    goes, and whether an address is in front of it, is told from what can be read.

    Piped, a line has offset, field, value, meaning, clause and octets, with tabs.

    Example: `smsc decode 0011000B916407281553F80000AA0AE8329BFD4697D9EC37`
    """
    found = read_hexadecimal(octets)
    if smpp and (tpdu is not None or smsc_address):
        raise Failure(
            "smsc decode: --smpp is SMPP, --tpdu and --smsc-address are not: leave one out"
        )
    try:
        facts = explained(found, smpp=smpp, direction=tpdu, smsc_address=smsc_address)
    except EncodingError as error:
        raise Failure(f"smsc decode: {error}{_place(found, error.offset)}") from error
    show.table(_COLUMNS, map(_row, walk(facts)), whole=_WHOLE)


def read_hexadecimal(words: Iterable[str]) -> bytes:
    """Read octets as people write them; raises Failure for what is none."""
    written = " ".join(words)
    digits = re.sub(r"0[xX]|[\s:]", "", written)
    stranger = re.search(r"[^0-9A-Fa-f]", digits)
    if stranger is not None:
        raise Failure(
            f"smsc decode: {show.cell(stranger[0])!r} is no hexadecimal digit:"
            " give octets as 00 2f, 00:2f, 0x002f or 002f"
        )
    if not digits or len(digits) % 2:
        counted = f"{len(digits)} digits make no whole octets" if digits else "there are no octets"
        raise Failure(f"smsc decode: {counted}: give two digits for each")
    return bytes.fromhex(digits)


def explained(
    octets: bytes,
    *,
    smpp: bool = False,
    direction: Direction | None = None,
    smsc_address: bool = False,
) -> list[Fact]:
    """Explain octets as what they are forced to be, else as what they look like.

    Raises EncodingError with the offset of what can't be read.
    """
    told = direction is not None or smsc_address
    if smpp or (not told and smpp_explain.is_smpp(octets)):
        return smpp_explain.explain(octets)
    return _best_tpdu(octets, direction, smsc_address)


def _best_tpdu(octets: bytes, direction: Direction | None, smsc_address: bool) -> list[Fact]:
    """Try what it may be; the reading with the fewest doubts wins, then the one without address."""
    readings: list[list[Fact]] = []
    errors: list[EncodingError] = []
    directions = (MT, MO) if direction is None else (direction,)
    addressed = (True,) if smsc_address else (False, True)
    for has_address, way in itertools.product(addressed, directions):
        try:
            readings.append(_tpdu(octets, way, has_address))
        except EncodingError as error:
            errors.append(error)
    if direction is None:
        # Nearly anything reads as a report with parameters that nobody knows.
        readings = [facts for facts in readings if facts[-1].facts[-1].name != _LATER]
    if readings:
        return min(readings, key=lambda facts: _doubts(facts[-1]))
    # Whichever came furthest is the likeliest to be what was meant.
    raise max(errors, key=lambda error: error.offset or 0)


def _doubts(tpdu: Fact) -> tuple[bool, bool]:
    """Say what speaks against a reading: an odd address (23.040, 9.1.2.5), or being a report."""
    addresses = [fact for fact in tpdu.facts if fact.name in _ADDRESSES]
    odd = any(not fact.octets[1] & 0x80 for fact in addresses)
    return odd, tpdu.name in _REPORTS


def _tpdu(octets: bytes, direction: Direction, has_address: bool) -> list[Fact]:
    if not has_address:
        return [tpdu_explain.explain(octets, direction)]
    centre, at = address.decode_service_centre(octets)
    value, meaning = "", "the one that the modem knows"
    if centre is not None:
        value, meaning = centre.value, address_meaning(centre)
    clause = "27.005 3.1"
    fact = Fact("SMSC address", 0, octets[:at], value, meaning, clause)
    return [fact, tpdu_explain.explain(octets, direction, at)]


def _row(step: tuple[int, Fact]) -> tuple[object, ...]:
    depth, fact = step
    name = f"{'  ' * depth}{fact.name}"
    return fact.offset, name, fact.value, fact.meaning, fact.clause, fact.octets.hex(" ")


def _place(octets: bytes, offset: int | None) -> str:
    """Show the octet that an error points at, in brackets, among its neighbours."""
    if offset is None:
        return ""
    shown = [f"{octet:02x}" for octet in octets]
    if offset < len(shown):
        shown[offset] = f"[{shown[offset]}]"
    else:
        shown.append("[end]")
    start = max(0, offset - _AROUND)
    dots = ("... " if start else "", " ..." if offset + _AROUND + 1 < len(shown) else "")
    return f": {dots[0]}{' '.join(shown[start : offset + _AROUND + 1])}{dots[1]}"
