"""SMPP PDUs told field by field: what stands where, what it means, and the clause that says so.

The fields are walked by the rows that the codec is made from (`layout`, `tlv`), so what is told is
what would be read. Clauses are those of SMPP 5.0.
"""

from collections.abc import Iterator
from typing import TypeAlias

from smsc.smpp import meanings, tlv
from smsc.smpp.codec import HEADER, STATUS_ALONE
from smsc.smpp.commands import ESM_UDHI, RESPONSE_BIT, CommandId, PduError
from smsc.smpp.layout import Counted, Integer, Row, Text, fields
from smsc.smpp.parts import MessageDetails
from smsc.smpp.pdu import (
    REQUESTS,
    RESPONSES,
    DistributionList,
    Pdu,
    SmeAddress,
    UnsuccessSme,
)
from smsc_encodings import data_coding, gsm7
from smsc_encodings.dcs import Alphabet, alphabet_of
from smsc_encodings.errors import EncodingError, misread
from smsc_encodings.explanation import Fact, header_fact, hexadecimal, text_fact
from smsc_encodings.national import Shifts, shifts_in

_CLASSES: dict[int, type[Pdu]] = {kind.command_id: kind for kind in REQUESTS + RESPONSES}
_DESTINATIONS: dict[int, type] = {1: SmeAddress, 2: DistributionList}
# What counts the entries of each list, and their kind; None: each says it by its dest_flag.
_LISTS: dict[str, tuple[str, type | None]] = {
    "dest_address": ("number_of_dests", None),
    "unsuccess_sme": ("no_unsuccess", UnsuccessSme),
    "message_details": ("no_of_messages", MessageDetails),
}
_UDH = "23.040 9.2.3.24"
_Value: TypeAlias = int | str | bytes


def is_smpp(octets: bytes) -> bool:
    """Tell whether octets begin like a PDU: a command_id that is known, or a length that is right.

    No TPDU does: its second and third octet would make an address or a reference out of zeros.
    """
    if len(octets) < 8 or octets[:2] != b"\0\0":
        return False
    length, command_id = int.from_bytes(octets[:4], "big"), int.from_bytes(octets[4:8], "big")
    return command_id in _CLASSES or (length == len(octets) >= HEADER.size)


def explain(octets: bytes) -> list[Fact]:
    """Explain the PDUs that stand in `octets` one after the other (5.0 clause 3.2).

    Raises EncodingError, with the offset of the octet, for what is no PDU.
    """
    facts: list[Fact] = []
    at = 0
    while at < len(octets) or not facts:
        facts.append(_pdu(octets, at))
        at += int.from_bytes(octets[at : at + 4], "big")
    return facts


def _pdu(octets: bytes, at: int) -> Fact:
    if len(octets) - at < HEADER.size:
        raise misread(
            f"a PDU at offset {at} needs a header of 16 octets, {len(octets) - at} are left", at
        )
    length, command_id, status, _ = HEADER.unpack_from(octets, at)
    if not HEADER.size <= length <= len(octets) - at:
        raise misread(
            f"command_length at offset {at} says {length}, {len(octets) - at} octets are there", at
        )
    kind = _CLASSES.get(command_id)
    if kind is None:
        raise misread(
            f"command_id at offset {at + 4} is 0x{command_id:08X}, which is no command", at + 4
        )
    facts = _header(octets, at)
    reader = _Reader(octets, at + HEADER.size, at + length)
    # Real peers leave the body of a response out.
    if reader.left or not command_id & RESPONSE_BIT:
        idle = _means_nothing(command_id, status)
        facts += _idle_body(reader, kind) if idle else reader.body(kind)
    return Fact(CommandId(command_id).name, at, b"", f"{length} octets", "", "", tuple(facts))


def _means_nothing(command_id: int, status: int) -> bool:
    """Tell whether a body is one of those that may be anything."""
    return command_id in STATUS_ALONE or bool(status and command_id & RESPONSE_BIT)


def _idle_body(reader: "_Reader", kind: type) -> list[Fact]:
    """Read a body that means nothing, such as that of an error (5.0 clause 3.2.1.3)."""
    start, rest = reader.at, reader.rest
    try:
        return reader.body(kind)
    except EncodingError:
        return [Fact("body", start, rest, rest.hex(), "means nothing in this response", "3.2.1.3")]


def _header(octets: bytes, at: int) -> list[Fact]:
    length, command_id, status, sequence = HEADER.unpack_from(octets, at)
    raw = [octets[start : start + 4] for start in range(at, at + 16, 4)]
    shown = hexadecimal(command_id, 4)
    name, said = CommandId(command_id).name, meanings.status(status)
    return [
        Fact("command_length", at, raw[0], str(length), "octets", "4.7.4"),
        Fact("command_id", at + 4, raw[1], shown, name, "4.7.5"),
        Fact("command_status", at + 8, raw[2], hexadecimal(status, 4), said, "4.7.6"),
        Fact("sequence_number", at + 12, raw[3], str(sequence), "", "4.7.24"),
    ]


class _Reader:
    """Walks the body of one PDU: octets[at:end]."""

    def __init__(self, octets: bytes, at: int, end: int) -> None:
        self._octets = octets
        self.at = at
        self._end = end
        self._esm_class = 0
        self._data_coding = 0

    @property
    def left(self) -> int:
        """How many octets there are still."""
        return self._end - self.at

    @property
    def rest(self) -> bytes:
        """The octets that there are still."""
        return self._octets[self.at : self._end]

    def body(self, kind: type) -> list[Fact]:
        """Read the mandatory fields, and the TLVs behind them."""
        facts = [fact for name, row in fields(kind) for fact in self._field(name, row)]
        while self.left:
            facts.append(self._tlv())
        return facts

    def _take(self, name: str, count: int) -> bytes:
        if count > self.left:
            raise misread(
                f"{name} at offset {self.at} needs {count} octets, {self.left} are left", self.at
            )
        self.at += count
        return self._octets[self.at - count : self.at]

    def _field(self, name: str, row: Row) -> Iterator[Fact]:
        if isinstance(row, Integer):
            yield self._integer(name, row.size)
        elif isinstance(row, Text):
            yield self._text(name, row.longest)
        elif isinstance(row, Counted):
            length = self._integer("sm_length", 1)
            yield length
            yield self._message(name, length.octets[0])
        else:
            yield self._list(name)

    def _integer(self, name: str, size: int) -> Fact:
        at, raw = self.at, self._take(name, size)
        value = int.from_bytes(raw, "big")
        if name == "esm_class":
            self._esm_class = value
        elif name == "data_coding":
            self._data_coding = value
        clause = meanings.CLAUSES.get(name, "")
        shown, meaning = meanings.integer(name, value, size)
        facts = tuple(meanings.bits(name, value, at))
        return Fact(name, at, raw, shown, meaning, clause, facts)

    def _text(self, name: str, longest: int) -> Fact:
        at = self.at
        end = self._octets.find(b"\0", at, min(self._end, at + longest))
        if end < 0:
            raise misread(
                f"{name} at offset {at} has no NUL in the {min(longest, self.left)} octets that it"
                " may have",
                at,
            )
        raw = self._take(name, end + 1 - at)
        value = raw[:-1].decode("latin-1")
        clause = meanings.CLAUSES.get(name, "")
        return Fact(name, at, raw, value, meanings.text(name, value), clause)

    def _message(self, name: str, length: int) -> Fact:
        at, raw = self.at, self._take(name, length)
        facts = self._user_data(raw, at)
        return Fact(name, at, raw, "", "", meanings.CLAUSES.get(name, ""), facts)

    def _user_data(self, octets: bytes, at: int) -> tuple[Fact, ...]:
        """Explain a header, if there is one, and the text behind it."""
        facts, shifts = [], Shifts()
        if self._esm_class & ESM_UDHI:
            try:
                header = header_fact(octets, at)
            except EncodingError as error:
                return (Fact("user data header", at, octets, octets.hex(), str(error), _UDH),)
            facts.append(header)
            shifts = shifts_in(header.octets)
            octets, at = octets[len(header.octets) :], at + len(header.octets)
        text, why_not = None, ""
        try:
            text = self._read(octets, shifts)
        except EncodingError as error:
            why_not = str(error)
        if octets:
            facts.append(text_fact(text, why_not, octets, at))
        return tuple(facts)

    def _read(self, octets: bytes, shifts: Shifts) -> str:
        if any(shifts) and alphabet_of(self._data_coding) is Alphabet.GSM7:
            return gsm7.decode(octets, *shifts)
        return data_coding.read_text(octets, self._data_coding)

    def _list(self, name: str) -> Fact:
        start, (count_name, kind) = self.at, _LISTS[name]
        count = self._integer(count_name, 1)
        entries = [count]
        for _ in range(count.octets[0]):
            at = self.at
            facts = tuple(self._destination() if kind is None else self._entry(kind))
            entries.append(Fact("entry", at, self._octets[at : self.at], facts=facts))
        octets = self._octets[start : self.at]
        clause = meanings.CLAUSES.get(count_name, "")
        return Fact(name, start, octets, count.value, "entries", clause, tuple(entries))

    def _entry(self, kind: type) -> Iterator[Fact]:
        for name, row in fields(kind):
            yield from self._field(name, row)

    def _destination(self) -> Iterator[Fact]:
        at = self.at
        flag = self._integer("dest_flag", 1)
        yield flag
        kind = _DESTINATIONS.get(flag.octets[0])
        if kind is None:
            raise misread(f"dest_flag at offset {at} is {flag.value}, neither 1 nor 2", at)
        yield from self._entry(kind)

    def _tlv(self) -> Fact:
        start = self.at
        if self.left < 4:
            raise misread(
                f"{self.left} octets at offset {start} follow the last field: no TLV", start
            )
        tag, length = (int.from_bytes(self._take("TLV", 2), "big") for _ in range(2))
        at, name = self.at, tlv.name(tag)
        value = self._take(f"TLV {name}", length)
        try:
            (read,) = tlv.decode(self._octets, start, self.at)
        except PduError as error:
            raise misread(f"{error.reason}, at offset {at}", at) from None
        return self._tlv_fact(start, tag, value, read.value)

    def _tlv_fact(self, start: int, tag: int, octets: bytes, value: _Value) -> Fact:
        raw = self._octets[start : self.at]
        name, clause = f"TLV {tlv.name(tag)}", meanings.tlv_clause(tag)
        if tag == tlv.Tag.message_payload:
            facts = self._user_data(octets, start + 4)
            return Fact(name, start, raw, f"{len(octets)} octets", "", clause, facts)
        shown, meaning = meanings.tlv_value(tag, value)
        return Fact(name, start, raw, shown, meaning, clause)
