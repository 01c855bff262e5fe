"""The codec's readers and writers: a straight function for each PDU, made from its rows.

Theory of operation. A message is read or written four times on its way, and a walk along the table
costs more than all the rest of it. So at import the rows of `layout` become Python source, which is
compiled once. What reads submit_sm begins

    at = 16
    if octets[at]:
        end = text.find(NUL, at, at + 6)
        if end < 0:
            raise unended('service_type', 6, 21, len(octets) - at)
        service_type = text[at:end]
        at = end + 1
    else:
        service_type = ''
        at += 1
    source_addr_ton = octets[at]
    at += 1

where `text` is all of `octets` as ISO-8859-1. What writes it packs each run of integers at once,
the NUL of the string before them included, and joins the runs with the strings.

The functions are in a hurry and don't say what was wrong: octets that end too early are an
IndexError or a struct.error, values that don't fit are a struct.error, TypeError, ValueError or
AttributeError. The codec finds the words.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from struct import Struct
from typing import Any, NamedTuple, TypeAlias

from smsc.smpp.layout import Counted, Integer, Row, Text, fields
from smsc.smpp.pdu import Response

Scope: TypeAlias = dict[str, object]
"""What the functions call by name: header, unended, overrun, read_tlvs, write_tlvs, and
read_ and write_ of every field that is a list."""


def reader(kind: type, scope: Scope) -> Callable[..., Any]:
    """Make read(octets, text, sequence_number, command_status) -> PDU (3.4, 5.0 clause 3.2)."""
    values = ["sequence_number", *_names(kind)]
    lines = ["at = 16"]
    if issubclass(kind, Response):
        # An answer may end with its header, whatever the specification says it carries.
        lines += ["if at == len(octets):", "    return make(sequence_number, command_status)"]
        values.insert(1, "command_status")
    values.append("() if at == len(octets) else read_tlvs(octets, at, len(octets))")
    lines += [*_reading(kind), f"return make({', '.join(values)})"]
    return _compile(kind, "octets, text, sequence_number, command_status", lines, scope)


def part_reader(kind: type, scope: Scope) -> Callable[..., Any]:
    """Make read(octets, text, at) -> (entry, at) for the entries of a list (3.4 clause 4.5)."""
    lines = [*_reading(kind), f"return make({', '.join(_names(kind))}), at"]
    return _compile(kind, "octets, text, at", lines, scope)


def writer(kind: type, scope: Scope, *, body_only_if_ok: bool) -> Callable[..., bytes]:
    """Make write(pdu) -> octets, header and TLVs included (3.4, 5.0 clause 3.2)."""
    status = "pdu.command_status" if issubclass(kind, Response) else "0"
    rest = f"pdu.command_id, {status}, pdu.sequence_number"
    lines = []
    if body_only_if_ok:
        lines += [f"if {status} and not pdu.tlvs:", f"    return header(16, {rest})"]
    packs: Scope = {}
    pieces = [*_pieces(kind, packs), "write_tlvs(pdu.tlvs) if pdu.tlvs else b''"]
    lines += [*_checking(kind), f"body = {_join(pieces)}"]
    lines += [f"return header(16 + len(body), {rest}) + body"]
    return _compile(kind, "pdu", lines, scope | packs)


def part_writer(kind: type, scope: Scope) -> Callable[..., bytes]:
    """Make write(entry) -> octets for the entries of a list (3.4 clause 4.5)."""
    packs: Scope = {}
    lines = [*_checking(kind), f"return {_join([*_pieces(kind, packs)])}"]
    return _compile(kind, "pdu", lines, scope | packs)


def _compile(kind: type, arguments: str, lines: Iterable[str], scope: Scope) -> Callable[..., Any]:
    body = "".join(f"    {line}\n" for line in lines)
    namespace: dict[str, Any] = {**scope, "make": kind, "NUL": "\0", "unpack": _UNPACK}
    exec(compile(f"def made({arguments}):\n{body}", f"<{kind.__name__}>", "exec"), namespace)
    made: Callable[..., Any] = namespace["made"]
    return made


def _names(kind: type) -> list[str]:
    return [name for name, _ in fields(kind)]


def _reading(kind: type) -> Iterator[str]:
    for name, row in fields(kind):
        if isinstance(row, Integer):
            yield f"{name} = {_INTEGER_AT[row.size]}"
            yield f"at += {row.size}"
        elif isinstance(row, Text):
            yield from _reading_text(name, row)
        elif isinstance(row, Counted):
            yield from _reading_counted(name)
        else:
            yield f"{name}, at = read_{name}(octets, text, at)"


_UNPACK = Struct(">I").unpack_from
_INTEGER_AT = {1: "octets[at]", 4: "unpack(octets, at)[0]"}


def _reading_text(name: str, row: Text) -> Iterator[str]:
    yield "if octets[at]:"
    yield f"    end = text.find(NUL, at, at + {row.longest})"
    yield "    if end < 0:"
    yield f"        raise unended({name!r}, {row.longest}, {row.status:d}, len(octets) - at)"
    yield f"    {name} = text[at:end]"
    yield "    at = end + 1"
    yield "else:"
    yield f"    {name} = ''"
    yield "    at += 1"


def _reading_counted(name: str) -> Iterator[str]:
    yield "end = at + 1 + octets[at]"
    yield "if end > len(octets):"
    yield "    raise overrun(octets[at], len(octets) - at - 1)"
    yield f"{name} = octets[at + 1:end]"
    yield "at = end"


def _checking(kind: type) -> Iterator[str]:
    for name, row in fields(kind):
        if isinstance(row, Text):
            yield f"{name} = pdu.{name}.encode('latin-1')"
            yield f"if {name} and (len({name}) >= {row.longest} or 0 in {name}):"
            yield f"    raise ValueError({name!r})"


class _Piece(NamedTuple):
    """An expression, and how struct packs it; with no code it is octets already."""

    code: str
    value: str


def _piece(name: str, row: Row) -> tuple[_Piece, ...]:
    if isinstance(row, Integer):
        return (_Piece(_CODES[row.size], f"pdu.{name}"),)
    if isinstance(row, Text):
        return _Piece("", name), _Piece("x", "")
    if isinstance(row, Counted):
        return _Piece("B", f"len(pdu.{name})"), _Piece("", f"pdu.{name}")
    return (_Piece("", f"write_{name}(pdu.{name})"),)


_CODES = {1: "B", 4: "I"}


def _pieces(kind: type, packs: Scope) -> Iterator[str]:
    """Yield expressions for octets: one for each string, one for each run of integers."""
    pieces = [piece for name, row in fields(kind) for piece in _piece(name, row)]
    for packed, run in groupby(pieces, key=lambda piece: bool(piece.code)):
        if packed:
            yield _pack([*run], packs)
        else:
            yield from (piece.value for piece in run)


def _pack(run: list[_Piece], packs: Scope) -> str:
    codes = "".join(piece.code for piece in run)
    values = [piece.value for piece in run if piece.value]
    if not values:
        return repr(bytes(len(codes)))
    packs[f"pack_{codes}"] = Struct(f">{codes}").pack
    return f"pack_{codes}({', '.join(values)})"


def _join(pieces: list[str]) -> str:
    return f"b''.join(({', '.join(pieces)},))"
