"""A TPDU told field by field (3GPP TS 23.040, 9.2.2 and 9.2.3)."""

from collections.abc import Callable
from typing import Any, NamedTuple

from smsc_encodings.address import Address
from smsc_encodings.errors import EncodingError
from smsc_encodings.explanation import (
    Fact,
    address_meaning,
    bit,
    header_fact,
    hexadecimal,
    scheme_meaning,
    text_fact,
)
from smsc_encodings.timestamps import Timestamp
from smsc_encodings.tpdu import meanings
from smsc_encodings.tpdu.cursor import Span
from smsc_encodings.tpdu.pdus import (
    Command,
    Deliver,
    DeliverReport,
    Direction,
    StatusReport,
    Submit,
    SubmitReport,
    Tpdu,
)
from smsc_encodings.tpdu.reading import decode, spans
from smsc_encodings.validity import Enhanced, Relative, Unit, Validity


class Kind(NamedTuple):
    """The name of a TPDU and the clause that defines it."""

    name: str
    meaning: str
    clause: str


KINDS: dict[type[Tpdu], Kind] = {
    Deliver: Kind("SMS-DELIVER", "a message for a phone", "9.2.2.1"),
    DeliverReport: Kind("SMS-DELIVER-REPORT", "a phone's answer", "9.2.2.1a"),
    Submit: Kind("SMS-SUBMIT", "a message from a phone", "9.2.2.2"),
    SubmitReport: Kind("SMS-SUBMIT-REPORT", "an SMSC's answer", "9.2.2.2a"),
    StatusReport: Kind("SMS-STATUS-REPORT", "what became of a message", "9.2.2.3"),
    Command: Kind("SMS-COMMAND", "a phone's order about its message", "9.2.2.4"),
}


def explain(octets: bytes, direction: Direction, at: int = 0) -> Fact:
    """Explain the TPDU that octets[at:] are.  Raises EncodingError as `tpdu.decode` does."""
    pdu = decode(octets, direction, at)
    kind = KINDS[type(pdu)]
    facts = []
    for span in spans(octets, direction, at):
        raw = octets[span.start : span.end]
        facts.append(_EXPLAINERS.get(span.field, _plain)(pdu, span, raw, span.start))
    return Fact(
        kind.name,
        at,
        b"",
        direction.upper(),
        kind.meaning,
        f"23.040 {kind.clause}",
        tuple(facts),
    )


def _plain(pdu: Any, span: Span, raw: bytes, offset: int) -> Fact:
    return Fact(span.field, offset, raw, raw.hex())


def _number(
    clause: str, meaning: Callable[[int], str] = lambda value: ""
) -> Callable[[Any, Span, bytes, int], Fact]:
    def explained(pdu: Any, span: Span, raw: bytes, offset: int) -> Fact:
        return Fact(span.field, offset, raw, hexadecimal(raw[0]), meaning(raw[0]), clause)

    return explained


def _count(clause: str) -> Callable[[Any, Span, bytes, int], Fact]:
    def explained(pdu: Any, span: Span, raw: bytes, offset: int) -> Fact:
        counted = "octets"
        if span.field == "TP-UDL" and (pdu.dcs is None or pdu.dcs.septets):
            counted = "septets"
        return Fact(span.field, offset, raw, str(raw[0]), counted, clause)

    return explained


def _address(clause: str, name: str) -> Callable[[Any, Span, bytes, int], Fact]:
    def explained(pdu: Any, span: Span, raw: bytes, offset: int) -> Fact:
        found: Address = getattr(pdu, name)
        return Fact(span.field, offset, raw, found.value, address_meaning(found), clause)

    return explained


def _time(clause: str, name: str) -> Callable[[Any, Span, bytes, int], Fact]:
    def explained(pdu: Any, span: Span, raw: bytes, offset: int) -> Fact:
        stamp: Timestamp = getattr(pdu, name)
        meaning = "" if stamp.moment is not None else "there is no such date"
        return Fact(span.field, offset, raw, str(stamp), meaning, clause)

    return explained


def _scheme(pdu: Any, span: Span, raw: bytes, offset: int) -> Fact:
    meaning = scheme_meaning(pdu.dcs)
    clause = "9.2.3.10; 23.038 4"
    return Fact(span.field, offset, raw, hexadecimal(raw[0]), meaning, clause)


def _validity(pdu: Submit, span: Span, raw: bytes, offset: int) -> Fact:
    value, meaning = _validity_words(pdu.validity)
    return Fact(span.field, offset, raw, value, meaning, "9.2.3.12")


def _validity_words(validity: Validity | None) -> tuple[str, str]:
    if isinstance(validity, Relative):
        return hexadecimal(validity.code), f"relative: {validity.period}"
    if isinstance(validity, Enhanced):
        once = ", one attempt alone" if validity.single_shot else ""
        period = "no period" if validity.unit is Unit.NONE else str(validity.period)
        return str(validity.value), f"enhanced: {period}{once}"
    return str(validity), "absolute"


def _indicator(pdu: Any, span: Span, raw: bytes, offset: int) -> Fact:
    octet = raw[0]
    facts = tuple(
        bit(octet, offset, name, mask, "follows" if octet & mask else "left out", "9.2.3.27")
        for name, mask in (("TP-PID", 1), ("TP-DCS", 2), ("TP-UDL", 4))
    )
    return Fact(span.field, offset, raw, hexadecimal(octet), "", "9.2.3.27", facts)


def _user_data(pdu: Any, span: Span, raw: bytes, offset: int) -> Fact:
    facts = []
    if pdu.header:
        facts.append(header_fact(pdu.header, offset))
    why_not = ""
    try:
        pdu.read_text()
    except EncodingError as error:
        why_not = str(error)
    facts.append(text_fact(pdu.text, why_not, pdu.body or b"", offset + len(pdu.header)))
    return Fact(span.field, offset, raw, clause="9.2.3.24", facts=tuple(facts))


def _command_data(pdu: Command, span: Span, raw: bytes, offset: int) -> Fact:
    facts = (header_fact(pdu.header, offset),) if pdu.header else ()
    return Fact(span.field, offset, raw, pdu.data.hex(), "", "9.2.3.21", facts)


class _Bit(NamedTuple):
    """Bits of the first octet: their name, what each value means, and the clause."""

    name: str
    mask: int
    meanings: tuple[str, ...]
    clause: str


_MTI = _Bit("TP-MTI", 0x03, (), "9.2.3.1")
_UDHI = _Bit("TP-UDHI", 0x40, ("no header", "the user data begin with a header"), "9.2.3.23")
_RP = _Bit("TP-RP", 0x80, ("no reply path", "reply path"), "9.2.3.17")
_MMS = _Bit("TP-MMS", 0x04, ("more messages wait", "no more messages wait"), "9.2.3.2")
_LP = _Bit("TP-LP", 0x08, ("not forwarded", "forwarded, don't forward it again"), "9.2.3.28")
_SRI = _Bit("TP-SRI", 0x20, ("the sender gets no report", "the sender gets a report"), "9.2.3.4")
_SRR = _Bit("TP-SRR", 0x20, ("no report is asked for", "a report is asked for"), "9.2.3.5")
_RD = _Bit("TP-RD", 0x04, ("accept duplicates", "reject duplicates"), "9.2.3.25")
_SRQ = _Bit("TP-SRQ", 0x20, ("result of an SMS-SUBMIT", "result of an SMS-COMMAND"), "9.2.3.26")
_FORMATS = ("no validity period", "enhanced format", "relative format", "absolute format")
_VPF = _Bit("TP-VPF", 0x18, _FORMATS, "9.2.3.3")

_FIRST: dict[type[Tpdu], tuple[_Bit, ...]] = {
    Deliver: (_RP, _UDHI, _SRI, _LP, _MMS, _MTI),
    Submit: (_RP, _UDHI, _SRR, _VPF, _RD, _MTI),
    StatusReport: (_UDHI, _SRQ, _LP, _MMS, _MTI),
    Command: (_UDHI, _SRR, _MTI),
    DeliverReport: (_UDHI, _MTI),
    SubmitReport: (_UDHI, _MTI),
}


def _first(pdu: Any, span: Span, raw: bytes, offset: int) -> Fact:
    octet = raw[0]
    facts = []
    for name, mask, said, clause in _FIRST[type(pdu)]:
        value = (octet & mask) // (mask & -mask)
        meaning = said[value] if said else KINDS[type(pdu)].name
        facts.append(bit(octet, offset, name, mask, meaning, clause))
    return Fact(span.field, offset, raw, hexadecimal(octet), facts=tuple(facts))


_EXPLAINERS: dict[str, Callable[[Any, Span, bytes, int], Fact]] = {
    "first octet": _first,
    "TP-MR": _number("9.2.3.6"),
    "TP-OA": _address("9.2.3.7", "origin"),
    "TP-DA": _address("9.2.3.8", "destination"),
    "TP-RA": _address("9.2.3.14", "recipient"),
    "TP-PID": _number("9.2.3.9", meanings.pid_meaning),
    "TP-DCS": _scheme,
    "TP-SCTS": _time("9.2.3.11", "timestamp"),
    "TP-VP": _validity,
    "TP-DT": _time("9.2.3.13", "discharged"),
    "TP-ST": _number("9.2.3.15", meanings.status_meaning),
    "TP-UDL": _count("9.2.3.16"),
    "TP-MN": _number("9.2.3.18"),
    "TP-CT": _number("9.2.3.19", meanings.command_meaning),
    "TP-CDL": _count("9.2.3.20"),
    "TP-CD": _command_data,
    "TP-FCS": _number("9.2.3.22", meanings.cause_meaning),
    "TP-UD": _user_data,
    "TP-PI": _indicator,
}
