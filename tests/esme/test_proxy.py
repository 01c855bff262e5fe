"""The PROXY header, version 2: what it says, and what is none."""

import struct
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.esme.proxy import HEAD_OCTETS, LONGEST_BLOCK, ProxyError, block_octets, source

SIGNATURE = bytes.fromhex("0D0A0D0A000D0A515549540A")


def head(command: int = 0x21, family: int = 0x11, length: int = 12) -> bytes:
    return SIGNATURE + struct.pack(">BBH", command, family, length)


def test_a_connection_over_ipv4_has_its_source() -> None:
    block = bytes([192, 0, 2, 7, 10, 0, 0, 1]) + struct.pack(">HH", 40000, 2775)
    assert block_octets(head()) == len(block)
    assert source(head(), block) == "192.0.2.7"


def test_a_connection_over_ipv6_has_its_source() -> None:
    block = ip_address("2001:db8::7").packed + ip_address("2001:db8::1").packed + bytes(4)
    assert source(head(family=0x21, length=36), block) == "2001:db8::7"


def test_what_follows_the_addresses_is_ignored() -> None:
    assert source(head(length=20), bytes([192, 0, 2, 7]) + bytes(16)) == "192.0.2.7"


@pytest.mark.parametrize("family", [0x00, 0x11, 0x21, 0x31, 0xFF])
def test_a_connection_of_the_balancer_itself_keeps_the_address_of_the_socket(family: int) -> None:
    assert source(head(0x20, family), bytes(12)) == ""


@pytest.mark.parametrize(("family", "length"), [(0x00, 0), (0x00, 12), (0x31, 216)])
def test_a_connection_without_an_internet_address_keeps_that_of_the_socket(
    family: int, length: int
) -> None:
    assert source(head(family=family, length=length), bytes(length)) == ""


@pytest.mark.parametrize(
    "octets",
    [
        b"PROXY TCP4 192.0",
        bytes(16),
        b"\0\0\0\x1d\0\0\0\x09\0\0\0\0\0\0\0\x01",
        b"\x16\x03\x01" + bytes(13),
        head()[:11] + b"\0" + head()[12:],
    ],
    ids=["version 1", "nothing", "a bind", "TLS", "a wrong signature"],
)
def test_anything_else_is_no_header(octets: bytes) -> None:
    with pytest.raises(ProxyError, match="doesn't begin"):
        block_octets(octets)


@pytest.mark.parametrize("command", [0x01, 0x11, 0x22, 0x2F, 0x31])
def test_another_version_or_command_is_refused(command: int) -> None:
    with pytest.raises(ProxyError, match="version"):
        block_octets(head(command))


def test_a_block_has_its_bounds() -> None:
    assert block_octets(head(length=LONGEST_BLOCK)) == LONGEST_BLOCK
    assert HEAD_OCTETS + LONGEST_BLOCK == 536
    with pytest.raises(ProxyError, match="longer"):
        block_octets(head(length=LONGEST_BLOCK + 1))


@pytest.mark.parametrize(("family", "length"), [(0x11, 11), (0x21, 35), (0x31, 215), (0x11, 0)])
def test_addresses_that_are_cut_off_are_refused(family: int, length: int) -> None:
    with pytest.raises(ProxyError, match="fewer"):
        source(head(family=family, length=length), bytes(length))


@pytest.mark.parametrize("family", [0x12, 0x22, 0x32, 0x01, 0x10, 0x41])
def test_what_tcp_does_not_relay_is_refused(family: int) -> None:
    with pytest.raises(ProxyError, match="none that TCP relays"):
        source(head(family=family), bytes(12))


@given(st.binary(min_size=16, max_size=16), st.binary(max_size=LONGEST_BLOCK))
def test_hostile_octets_raise_nothing_else(noise: bytes, block: bytes) -> None:
    for octets in (noise, SIGNATURE + noise[12:]):
        try:
            assert 0 <= block_octets(octets) <= LONGEST_BLOCK
            host = source(octets, block)
        except ProxyError:
            continue
        assert host == "" or ip_address(host)
