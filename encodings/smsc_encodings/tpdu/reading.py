"""Octets to TPDUs (3GPP TS 23.040, 9.2.2 and 9.2.3).

Where the specification has a receiver be tolerant, this is: reserved bits are
ignored, and so is what follows the user data if a reserved bit of TP-PI
announces it (9.2.3.27).  Other octets behind the last field are an error.
"""

from collections.abc import Callable

from smsc_encodings import address, dcs, septets, timestamps, udh, validity
from smsc_encodings.dcs import Dcs
from smsc_encodings.errors import EncodingError, misread
from smsc_encodings.timestamps import Timestamp
from smsc_encodings.tpdu.cursor import Cursor, Span, within
from smsc_encodings.tpdu.pdus import (
    MO,
    MT,
    Command,
    Deliver,
    DeliverReport,
    Direction,
    StatusReport,
    Submit,
    SubmitReport,
    Tpdu,
    most_octets,
)
from smsc_encodings.validity import Format, Validity

UDHI = 0x40
_PID, _DCS, _UDL = 1, 2, 4
_PI_RESERVED = 0x78
_MOST_EXTENSIONS = 8
_CAUSE = 0x80


def decode(octets: bytes, direction: Direction, at: int = 0) -> Tpdu:
    """Read the one TPDU that octets[at:] are, sent by a phone ("mo") or to one ("mt").

    Raises EncodingError, with the field and its offset, for whatever is none.
    """
    return _decoded(Cursor(octets, at), direction)


def spans(octets: bytes, direction: Direction, at: int = 0) -> list[Span]:
    """Return where each field of a TPDU lies, in the order of the octets.

    Raises EncodingError as `decode` does.
    """
    cursor = Cursor(octets, at)
    _decoded(cursor, direction)
    return cursor.spans


def _decoded(cursor: Cursor, direction: Direction) -> Tpdu:
    start, first = cursor.at, cursor.octet("first octet")
    read = _READERS.get((direction, first & 3))
    if read is None:
        raise misread(
            f"TP-MTI at offset {start} is {first & 3}, which is reserved (9.2.3.1)", start
        )
    pdu = read(cursor, first)
    left = len(cursor.octets) - cursor.at
    if left:
        raise misread(f"{left} octets follow the last field, from offset {cursor.at} on", cursor.at)
    return pdu


def _deliver(cursor: Cursor, first: int) -> Deliver:
    origin = cursor.part("TP-OA", address.decode)
    pid = cursor.octet("TP-PID")
    scheme = dcs.decode(cursor.octet("TP-DCS"))
    timestamp = _timestamp(cursor, "TP-SCTS")
    header, body = _user_data(cursor, scheme, first, most_octets(Deliver, cause=False))
    return Deliver(
        origin,
        timestamp,
        body,
        header,
        scheme,
        pid,
        more=not first & 0x04,
        loop=bool(first & 0x08),
        status_report=bool(first & 0x20),
        reply_path=bool(first & 0x80),
    )


def _submit(cursor: Cursor, first: int) -> Submit:
    reference = cursor.octet("TP-MR")
    destination = cursor.part("TP-DA", address.decode)
    pid = cursor.octet("TP-PID")
    scheme = dcs.decode(cursor.octet("TP-DCS"))
    period = _validity(cursor, Format(first >> 3 & 3))
    header, body = _user_data(cursor, scheme, first, most_octets(Submit, cause=False))
    return Submit(
        destination,
        body,
        header,
        scheme,
        pid,
        reference,
        period,
        reject_duplicates=bool(first & 0x04),
        status_report=bool(first & 0x20),
        reply_path=bool(first & 0x80),
    )


def _status_report(cursor: Cursor, first: int) -> StatusReport:
    reference = cursor.octet("TP-MR")
    recipient = cursor.part("TP-RA", address.decode)
    timestamp, discharged = _timestamp(cursor, "TP-SCTS"), _timestamp(cursor, "TP-DT")
    status = cursor.octet("TP-ST")
    most = most_octets(StatusReport, cause=False)
    # TP-PI may be left out if nothing follows it (9.2.2.3).
    announced = cursor.at < len(cursor.octets)
    pid, scheme, header, body = _parameters(cursor, first, most) if announced else _NOTHING
    return StatusReport(
        reference,
        recipient,
        timestamp,
        discharged,
        status,
        pid,
        scheme,
        body,
        header,
        more=not first & 0x04,
        loop=bool(first & 0x08),
        of_command=bool(first & 0x20),
    )


def _command(cursor: Cursor, first: int) -> Command:
    reference = cursor.octet("TP-MR")
    pid, command, number = (cursor.octet(field) for field in ("TP-PID", "TP-CT", "TP-MN"))
    destination = cursor.part("TP-DA", address.decode)
    size = _length(cursor, "TP-CDL", most_octets(Command, cause=False))
    data = cursor.take("TP-CD", size)
    header = _header(data, cursor.at - size) if first & UDHI else b""
    return Command(
        reference,
        command,
        number,
        destination,
        data[len(header) :],
        header,
        pid,
        status_report=bool(first & 0x20),
    )


def _deliver_report(cursor: Cursor, first: int) -> DeliverReport:
    cause = _cause(cursor)
    most = most_octets(DeliverReport, cause is not None)
    return DeliverReport(cause, *_reordered(_parameters(cursor, first, most)))


def _submit_report(cursor: Cursor, first: int) -> SubmitReport:
    cause = _cause(cursor)
    indicator = _indicator(cursor)
    timestamp = _timestamp(cursor, "TP-SCTS")
    most = most_octets(SubmitReport, cause is not None)
    found = _announced(cursor, indicator, first, most)
    return SubmitReport(timestamp, cause, *_reordered(found))


_READERS: dict[tuple[Direction, int], Callable[[Cursor, int], Tpdu]] = {
    (MT, 0): _deliver,
    (MO, 0): _deliver_report,
    (MT, 1): _submit_report,
    (MO, 1): _submit,
    (MT, 2): _status_report,
    (MO, 2): _command,
}


def _cause(cursor: Cursor) -> int | None:
    """Read a TP-FCS if there is one: it is 0x80 or above, which TP-PI with no extension isn't."""
    following = cursor.octets[cursor.at : cursor.at + 1]
    return cursor.octet("TP-FCS") if following and following[0] & _CAUSE else None


def _timestamp(cursor: Cursor, field: str) -> Timestamp:
    return timestamps.decode(cursor.take(field, timestamps.OCTETS))


def _validity(cursor: Cursor, form: Format) -> Validity | None:
    if form is Format.NONE:
        return None
    end = cursor.at + validity.size(form)
    return cursor.part("TP-VP", lambda octets, at: (validity.decode(octets, form, at), end))


_Found = tuple[int | None, Dcs | None, bytes, bytes | None]
_NOTHING: _Found = (None, None, b"", None)


def _reordered(found: _Found) -> tuple[int | None, Dcs | None, bytes | None, bytes]:
    pid, scheme, header, body = found
    return pid, scheme, body, header


def _indicator(cursor: Cursor) -> int:
    """Read TP-PI and its extensions, which say nothing so far (9.2.3.27)."""
    indicator = octet = cursor.octet("TP-PI")
    for _ in range(_MOST_EXTENSIONS):
        if not octet & 0x80:
            return indicator
        octet = cursor.octet("TP-PI extension")
    raise misread(f"TP-PI at offset {cursor.at - 1} has no end", cursor.at - 1)


def _parameters(cursor: Cursor, first: int, most: int) -> _Found:
    return _announced(cursor, _indicator(cursor), first, most)


def _announced(cursor: Cursor, indicator: int, first: int, most: int) -> _Found:
    pid = cursor.octet("TP-PID") if indicator & _PID else None
    scheme = dcs.decode(cursor.octet("TP-DCS")) if indicator & _DCS else None
    header, body = b"", None
    if indicator & _UDL:
        header, body = _user_data(cursor, scheme or Dcs(), first, most)
    if indicator & _PI_RESERVED and cursor.at < len(cursor.octets):
        cursor.take("what a later release defines", len(cursor.octets) - cursor.at)
    return pid, scheme, header, body


def _length(cursor: Cursor, field: str, most: int) -> int:
    length = cursor.octet(field)
    if length > most:
        raise misread(
            f"{field} at offset {cursor.at - 1} says {length}, {most} are the most", cursor.at - 1
        )
    return length


def _user_data(cursor: Cursor, scheme: Dcs, first: int, most: int) -> tuple[bytes, bytes]:
    """Read TP-UDL and TP-UD (9.2.3.16, 9.2.3.24); return header and body."""
    length = _length(cursor, "TP-UDL", most * 8 // 7 if scheme.septets else most)
    at = cursor.at
    data = cursor.take("TP-UD", (7 * length + 7) // 8 if scheme.septets else length)
    header = _header(data, at) if first & UDHI else b""
    if not scheme.septets:
        return header, data[len(header) :]
    behind = length - (8 * len(header) + 6) // 7
    if behind < 0:
        raise misread(
            f"TP-UDL at offset {at - 1} says {length} septets, the user data header takes"
            f" {length - behind}",
            at - 1,
        )
    return header, septets.unpack(data[len(header) :], behind, -8 * len(header) % 7)


def _header(data: bytes, at: int) -> bytes:
    try:
        return data[: udh.decode(data, at).consumed]
    except EncodingError as error:
        raise within("TP-UD", error, at) from None
