"""The PROXY protocol, version 2: a balancer says in front of the stream who is behind it.

A header is 16 octets that are of one form, and a block of addresses whose length they tell. Only
a connection relayed over TCP has a source that is worth knowing; of any other the addresses are
ignored, and the peer is who the socket says. There is no I/O here, nor any TLV of the block read.
"""

from ipaddress import ip_address
from typing import Final

HEAD_OCTETS: Final = 16
LONGEST_BLOCK: Final = 520
"""Together with the head what fits the smallest segment of TCP."""

_SIGNATURE: Final = b"\r\n\r\n\0\r\nQUIT\n"
_VERSION: Final = 2
_LOCAL, _PROXY = 0, 1
_UNSPECIFIED, _TCP4, _TCP6, _UNIX_STREAM = 0x00, 0x11, 0x21, 0x31

# What a block of each family begins with: octets of an address, and of all that must be there.
_SIZES: Final = {_UNSPECIFIED: (0, 0), _TCP4: (4, 12), _TCP6: (16, 36), _UNIX_STREAM: (0, 216)}


class ProxyError(Exception):
    """Octets that are no PROXY header of version 2, and why."""


def block_octets(head: bytes) -> int:
    """Return how many octets follow the first sixteen; raises `ProxyError`."""
    if head[:12] != _SIGNATURE:
        raise ProxyError("it doesn't begin with a PROXY header of version 2")
    version, command = head[12] >> 4, head[12] & 0xF
    if version != _VERSION or command not in (_LOCAL, _PROXY):
        raise ProxyError(f"version {version} and command {command} are not 2, and 0 or 1")
    length = int.from_bytes(head[14:16], "big")
    if length > LONGEST_BLOCK:
        raise ProxyError(f"a block of {length} octets is longer than {LONGEST_BLOCK}")
    return length


def source(head: bytes, block: bytes) -> str:
    """Return the address the header names, "" where the socket's stands; raises `ProxyError`."""
    if head[12] & 0xF == _LOCAL:
        return ""
    if head[13] not in _SIZES:
        raise ProxyError(f"family and transport 0x{head[13]:02X} are none that TCP relays")
    octets, shortest = _SIZES[head[13]]
    if len(block) < shortest:
        raise ProxyError(f"{len(block)} octets of addresses are fewer than {shortest}")
    return str(ip_address(block[:octets])) if octets else ""
