"""Packed septets: 3GPP TS 23.038, 6.1.2.1, and fill bits of 23.040, 9.2.3.24."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_encodings.errors import EncodingError
from smsc_encodings.septets import pack, pack_ussd, unpack, unpack_ussd

septets = st.binary(max_size=400).map(lambda octets: bytes(octet & 0x7F for octet in octets))
fills = st.integers(0, 6)


def packed_bit_by_bit(octets: bytes, fill_bits: int) -> bytes:
    """Write the bits from the lowest of the first octet, as the standard draws them."""
    bits = "0" * fill_bits + "".join(f"{octet:07b}"[::-1] for octet in octets)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[start : start + 8][::-1], 2) for start in range(0, len(bits), 8))


def test_hellohello_packs_to_the_octets_everyone_knows() -> None:
    assert pack(b"hellohello") == bytes.fromhex("E8329BFD4697D9EC37")


def test_one_septet_is_one_octet() -> None:
    assert pack(b"\x7f") == b"\x7f"


def test_two_septets_share_the_first_octet() -> None:
    assert pack(b"\x01\x01") == b"\x81\x00"


def test_eight_septets_fill_seven_octets() -> None:
    assert pack(b"\x7f" * 8) == b"\xff" * 7


def test_seven_septets_leave_seven_spare_bits_zero() -> None:
    packed = pack(b"\x7f" * 7)
    assert packed == b"\xff" * 6 + b"\x01"


def test_the_count_decides_whether_seven_spare_bits_are_an_at_sign() -> None:
    packed = pack(b"\x7f" * 7)
    assert unpack(packed, 7) == b"\x7f" * 7
    assert unpack(packed, 8) == b"\x7f" * 7 + b"\x00"


def test_160_septets_fill_140_octets() -> None:
    assert len(pack(b"a" * 160)) == 140


def test_nothing_packs_to_nothing() -> None:
    assert pack(b"") == b""
    assert unpack(b"", 0) == b""


def test_one_fill_bit_moves_a_septet_to_the_top_of_its_octet() -> None:
    assert pack(b"\x7f", 1) == b"\xfe"
    assert unpack(b"\xfe", 1, 1) == b"\x7f"


def test_fill_bits_may_take_an_octet_of_their_own() -> None:
    assert pack(b"", 3) == b"\0"
    assert pack(b"\x7f", 2) == b"\xfc\x01"


@given(septets, fills)
def test_packing_is_what_the_standard_draws(octets: bytes, fill_bits: int) -> None:
    assert pack(octets, fill_bits) == packed_bit_by_bit(octets, fill_bits)


@given(septets, fills)
def test_unpacking_undoes_packing(octets: bytes, fill_bits: int) -> None:
    assert unpack(pack(octets, fill_bits), len(octets), fill_bits) == octets


@pytest.mark.parametrize("count", [255, 256, 257, 2048, 20_003])
@pytest.mark.parametrize("fill_bits", [0, 5])
def test_long_input_is_packed_in_blocks_without_seams(count: int, fill_bits: int) -> None:
    octets = bytes(i * 37 & 0x7F for i in range(count))
    packed = pack(octets, fill_bits)
    assert packed == packed_bit_by_bit(octets, fill_bits)
    assert unpack(packed, count, fill_bits) == octets


def test_octets_past_the_last_septet_are_ignored() -> None:
    assert unpack(pack(b"hello") + b"\xff\xff", 5) == b"hello"


def test_an_octet_above_127_is_no_septet() -> None:
    with pytest.raises(EncodingError, match="0xFF at offset 2"):
        pack(b"ab\xff")


@given(st.binary(max_size=300), st.integers(-5, 400), st.integers(-3, 9))
def test_unpacking_raises_nothing_but_encoding_errors(
    octets: bytes, count: int, fill_bits: int
) -> None:
    fits = count >= 0 and 7 * count + fill_bits <= 8 * len(octets) and 0 <= fill_bits <= 6
    if fits:
        assert len(unpack(octets, count, fill_bits)) == count
    else:
        with pytest.raises(EncodingError):
            unpack(octets, count, fill_bits)


def test_a_count_beyond_the_octets_is_refused() -> None:
    with pytest.raises(EncodingError, match=r"9 septets after 0 fill bits .* 7 octets"):
        unpack(bytes(7), 9)


@pytest.mark.parametrize("fill_bits", [-1, 7])
def test_fill_bits_are_0_to_6(fill_bits: int) -> None:
    with pytest.raises(EncodingError, match="0 to 6"):
        pack(b"a", fill_bits)


# USSD: 3GPP TS 23.038, 6.1.2.3.1.


def test_seven_spare_bits_of_ussd_hold_a_carriage_return() -> None:
    # 8n + 7 septets: without padding the last octet of these would read as "@" behind them.
    assert pack_ussd(b"1234567") == bytes.fromhex("31D98C56B3DD1A")
    assert pack(b"1234567") == bytes.fromhex("31D98C56B3DD00")
    assert unpack_ussd(bytes.fromhex("31D98C56B3DD1A")) == b"1234567"


def test_an_at_sign_at_the_end_of_ussd_is_kept() -> None:
    assert unpack_ussd(pack_ussd(b"1234567\0")) == b"1234567\0"


def test_fewer_spare_bits_of_ussd_stay_zero() -> None:
    assert pack_ussd(b"*100#") == pack(b"*100#")
    assert unpack_ussd(pack_ussd(b"*100#")) == b"*100#"


def test_a_carriage_return_on_an_octet_boundary_is_doubled() -> None:
    packed = pack_ussd(b"1234567\r")
    assert packed == pack(b"1234567\r\r")
    assert unpack_ussd(packed) == b"1234567\r\r"


def test_a_carriage_return_elsewhere_is_not() -> None:
    assert unpack_ussd(pack_ussd(b"12345\r")) == b"12345\r"


def test_sms_keeps_a_carriage_return_on_an_octet_boundary_as_it_is() -> None:
    assert unpack(pack(b"1234567\r"), 8) == b"1234567\r"


@given(septets)
def test_ussd_reads_what_it_wrote_but_for_a_doubled_carriage_return(octets: bytes) -> None:
    doubled = len(octets) % 8 == 0 and octets.endswith(b"\r")
    assert unpack_ussd(pack_ussd(octets)) == octets + b"\r" * doubled


@given(st.binary(max_size=200))
def test_any_octets_unpack_as_ussd(octets: bytes) -> None:
    assert unpack_ussd(octets).isascii()
