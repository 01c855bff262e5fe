"""TPDUs to octets (3GPP TS 23.040, 9.2.2 and 9.2.3)."""

from collections.abc import Callable
from typing import Any

from smsc_encodings import address, dcs, septets, timestamps, udh, validity
from smsc_encodings.dcs import Dcs
from smsc_encodings.errors import EncodingError
from smsc_encodings.tpdu.pdus import (
    Command,
    Deliver,
    DeliverReport,
    StatusReport,
    Submit,
    SubmitReport,
    Tpdu,
    most_octets,
)

_UDHI = 0x40
_PID, _DCS, _UDL = 1, 2, 4
_LEAST_CAUSE = 0x80


def encode(pdu: Tpdu) -> bytes:
    """Write a TPDU.

    Raises EncodingError, with the field, for what doesn't fit or contradicts itself.
    """
    return _WRITERS[type(pdu)](pdu)


def _deliver(pdu: Deliver) -> bytes:
    first = _bits(
        (not pdu.more, 0x04),
        (pdu.loop, 0x08),
        (pdu.status_report, 0x20),
        (pdu.header, _UDHI),
        (pdu.reply_path, 0x80),
    )
    return b"".join(
        (
            bytes((first,)),
            _field("TP-OA", address.encode, pdu.origin),
            _octet("TP-PID", pdu.pid),
            _scheme(pdu.dcs),
            _field("TP-SCTS", timestamps.encode, pdu.timestamp),
            _user_data(pdu.dcs, pdu.header, pdu.body, most_octets(Deliver, cause=False)),
        )
    )


def _submit(pdu: Submit) -> bytes:
    first = 0x01 | validity.format_of(pdu.validity) << 3
    first |= _bits(
        (pdu.reject_duplicates, 0x04),
        (pdu.status_report, 0x20),
        (pdu.header, _UDHI),
        (pdu.reply_path, 0x80),
    )
    return b"".join(
        (
            bytes((first,)),
            _octet("TP-MR", pdu.reference),
            _field("TP-DA", address.encode, pdu.destination),
            _octet("TP-PID", pdu.pid),
            _scheme(pdu.dcs),
            _field("TP-VP", validity.encode, pdu.validity),
            _user_data(pdu.dcs, pdu.header, pdu.body, most_octets(Submit, cause=False)),
        )
    )


def _status_report(pdu: StatusReport) -> bytes:
    first = 0x02 | _bits(
        (not pdu.more, 0x04),
        (pdu.loop, 0x08),
        (pdu.of_command, 0x20),
        (pdu.header, _UDHI),
    )
    indicator, parameters = _parameters(pdu, most_octets(StatusReport, cause=False))
    return b"".join(
        (
            bytes((first,)),
            _octet("TP-MR", pdu.reference),
            _field("TP-RA", address.encode, pdu.recipient),
            _field("TP-SCTS", timestamps.encode, pdu.timestamp),
            _field("TP-DT", timestamps.encode, pdu.discharged),
            _octet("TP-ST", pdu.status),
            indicator if parameters else b"",
            parameters,
        )
    )


def _command(pdu: Command) -> bytes:
    first = 0x02 | _bits((pdu.status_report, 0x20), (pdu.header, _UDHI))
    _check_header(pdu.header)
    data = pdu.header + pdu.data
    most = most_octets(Command, cause=False)
    if len(data) > most:
        raise EncodingError(f"TP-CD holds {most} octets, not {len(data)}")
    return b"".join(
        (
            bytes((first,)),
            _octet("TP-MR", pdu.reference),
            _octet("TP-PID", pdu.pid),
            _octet("TP-CT", pdu.command),
            _octet("TP-MN", pdu.number),
            _field("TP-DA", address.encode, pdu.destination),
            bytes((len(data),)),
            data,
        )
    )


def _deliver_report(pdu: DeliverReport) -> bytes:
    indicator, parameters = _parameters(pdu, most_octets(DeliverReport, pdu.cause is not None))
    first = _bits((pdu.header, _UDHI))
    return bytes((first,)) + _cause(pdu.cause) + indicator + parameters


def _submit_report(pdu: SubmitReport) -> bytes:
    indicator, parameters = _parameters(pdu, most_octets(SubmitReport, pdu.cause is not None))
    first = 0x01 | _bits((pdu.header, _UDHI))
    timestamp = _field("TP-SCTS", timestamps.encode, pdu.timestamp)
    return bytes((first,)) + _cause(pdu.cause) + indicator + timestamp + parameters


_WRITERS: dict[type[Tpdu], Callable[[Any], bytes]] = {
    Deliver: _deliver,
    Submit: _submit,
    StatusReport: _status_report,
    Command: _command,
    DeliverReport: _deliver_report,
    SubmitReport: _submit_report,
}


def _bits(*flags: tuple[object, int]) -> int:
    """Join the bits whose flags are true."""
    return sum(bit for flag, bit in flags if flag)


def _octet(field: str, value: int) -> bytes:
    if not 0 <= value <= 255:
        raise EncodingError(f"{field} is 0 to 255, not {value}")
    return bytes((value,))


def _scheme(scheme: Dcs) -> bytes:
    return bytes((dcs.encode(scheme),))


def _field(field: str, write: Callable[[Any], bytes], value: object) -> bytes:
    try:
        return write(value)
    except EncodingError as error:
        raise EncodingError(f"{field}: {error}") from None


def _cause(cause: int | None) -> bytes:
    if cause is None:
        return b""
    if not _LEAST_CAUSE <= cause <= 255:
        raise EncodingError(f"TP-FCS is 0x80 to 0xFF, not {cause} (9.2.3.22)")
    return bytes((cause,))


def _parameters(pdu: StatusReport | DeliverReport | SubmitReport, most: int) -> tuple[bytes, bytes]:
    """Return TP-PI, and what it announces (9.2.3.27)."""
    indicator, octets = 0, b""
    if pdu.pid is not None:
        indicator, octets = _PID, _octet("TP-PID", pdu.pid)
    if pdu.dcs is not None:
        indicator, octets = indicator | _DCS, octets + _scheme(pdu.dcs)
    if pdu.body is not None:
        indicator |= _UDL
        octets += _user_data(pdu.dcs or Dcs(), pdu.header, pdu.body, most)
    elif pdu.header:
        raise EncodingError("TP-UD: a header needs a body behind it, even an empty one")
    return bytes((indicator,)), octets


def _user_data(scheme: Dcs, header: bytes, body: bytes, most: int) -> bytes:
    """Write TP-UDL and TP-UD (9.2.3.16, 9.2.3.24)."""
    _check_header(header)
    if scheme.septets:
        length = (8 * len(header) + 6) // 7 + len(body)
        data = header + _field("TP-UD", _packed(-8 * len(header) % 7), body)
    else:
        data = header + body
        length = len(data)
    if len(data) > most:
        raise EncodingError(f"TP-UD holds {most} octets, not {len(data)}: send it in parts")
    return bytes((length,)) + data


def _packed(fill_bits: int) -> Callable[[bytes], bytes]:
    return lambda body: septets.pack(body, fill_bits)


def _check_header(header: bytes) -> None:
    if header and udh.decode(header).consumed != len(header):
        raise EncodingError(f"TP-UD: the header is {1 + header[0]} octets, not {len(header)}")
