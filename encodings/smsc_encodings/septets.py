"""Septets packed eight to seven octets, as a TPDU carries them (3GPP TS 23.038, 6.1.2.1).

Eight septets are one lane: a 64 bit number with a septet in each octet.  Three
steps close the gaps in all lanes of a big integer at once (pairs of 7 bits
become 14, pairs of 14 become 28, pairs of 28 become 56), and the eighth octet
of each lane, now empty, is dropped.  Unpacking walks the same steps backwards.
Work is done in blocks of whole lanes, so that its cost is linear in the input.

Spare bits at the end are zero.  If seven are spare they look like "@"; SMS
needs no padding against that, since TP-UDL counts septets: the count given to
`unpack` decides.  USSD counts octets only, so its spare seven bits hold a
carriage return, which the receiver removes (6.1.2.3.1): `pack_ussd` and
`unpack_ussd`.
"""

from smsc_encodings.errors import EncodingError, undecodable

_RETURN = b"\r"
_BLOCK_LANES = 32
_BLOCK_SEPTETS = 8 * _BLOCK_LANES
_BLOCK_OCTETS = 7 * _BLOCK_LANES


def _step(bits: int) -> tuple[int, int, int]:
    """Masks of the lower and upper fields of `bits` bits in their slots, and the gap."""
    slot = (8 * bits // 7) // 8
    field = ((1 << bits) - 1).to_bytes(slot, "little")
    repeat = 8 * _BLOCK_LANES // (2 * slot)
    lower = int.from_bytes((field + bytes(slot)) * repeat, "little")
    return lower, lower << 8 * slot, bits // 7


_STEPS = (_step(7), _step(14), _step(28))
_STEPS_BACK = _STEPS[::-1]


def pack(octets: bytes, fill_bits: int = 0) -> bytes:
    """Pack one septet per octet into ceil((7 * len(octets) + fill_bits) / 8) octets.

    `fill_bits` (0 to 6) zero bits go first: they bring the septets that follow
    a user data header to a septet boundary (3GPP TS 23.040, 9.2.3.24).  Raises
    EncodingError for an octet above 0x7F and for other fill bits.
    """
    _check_fill_bits(fill_bits)
    if not octets.isascii():
        offset = next(i for i, octet in enumerate(octets) if octet > 0x7F)
        raise undecodable(octets, offset, "as a septet")
    if len(octets) <= _BLOCK_SEPTETS:
        packed = _squeezed(octets)
    else:
        starts = range(0, len(octets), _BLOCK_SEPTETS)
        packed = b"".join(_squeezed(octets[i : i + _BLOCK_SEPTETS]) for i in starts)
    if not fill_bits:
        return packed
    size = (7 * len(octets) + fill_bits + 7) // 8
    return (int.from_bytes(packed, "little") << fill_bits).to_bytes(size, "little")


def _squeezed(octets: bytes) -> bytes:
    bits = int.from_bytes(octets, "little")
    for lower, upper, gap in _STEPS:
        bits = bits & lower | (bits & upper) >> gap
    lanes = bytearray(bits.to_bytes((len(octets) + 7) // 8 * 8, "little"))
    del lanes[7::8]
    return bytes(lanes[: (7 * len(octets) + 7) // 8])


def unpack(octets: bytes, count: int, fill_bits: int = 0) -> bytes:
    """Unpack `count` septets, one per octet, that follow `fill_bits` bits.

    Octets and bits past the last septet are ignored.  Raises EncodingError if
    `octets` holds fewer septets than `count`, `count` is negative, or
    `fill_bits` is not 0 to 6.
    """
    _check_fill_bits(fill_bits)
    size = (7 * count + fill_bits + 7) // 8
    if count < 0 or size > len(octets):
        raise EncodingError(
            f"{count} septets after {fill_bits} fill bits can't be read from {len(octets)} octets"
        )
    packed = octets[:size]
    if fill_bits:
        packed = (int.from_bytes(packed, "little") >> fill_bits).to_bytes(size, "little")
    if size <= _BLOCK_OCTETS:
        return _spread(packed)[:count]
    starts = range(0, size, _BLOCK_OCTETS)
    return b"".join(_spread(packed[i : i + _BLOCK_OCTETS]) for i in starts)[:count]


def _spread(packed: bytes) -> bytes:
    size = (len(packed) + 6) // 7
    padded = packed.ljust(7 * size, b"\0")
    lanes = bytearray(8 * size)
    for i in range(7):
        lanes[i::8] = padded[i::7]
    bits = int.from_bytes(lanes, "little")
    for lower, upper, gap in _STEPS_BACK:
        bits = bits & lower | (bits << gap) & upper
    return bits.to_bytes(8 * size, "little")


def _check_fill_bits(fill_bits: int) -> None:
    if not 0 <= fill_bits <= 6:
        raise EncodingError(f"fill bits are 0 to 6, not {fill_bits}")


def pack_ussd(octets: bytes) -> bytes:
    """Pack one septet per octet as USSD does (3GPP TS 23.038, 6.1.2.3.1).

    Seven spare bits become a carriage return.  A carriage return that is meant, and would end on
    an octet boundary, is doubled, or the receiver would take it for that padding.  Raises
    EncodingError for an octet above 0x7F.
    """
    at_boundary = len(octets) % 8 == 0 and octets.endswith(_RETURN)
    return pack(octets + _RETURN if at_boundary or len(octets) % 8 == 7 else octets)


def unpack_ussd(octets: bytes) -> bytes:
    """Unpack all septets of a USSD string, one per octet, without its padding.

    A carriage return that was doubled stays so: by 6.1.2.3.1, two do what one does.
    """
    septets = unpack(octets, 8 * len(octets) // 7)
    padded = len(septets) % 8 == 0 and septets.endswith(_RETURN)
    return septets[:-1] if padded else septets
