"""Which addresses lead inward: to this machine, its networks, or nowhere that is public.

A server that calls what others name must not be led to what only it can reach. Whatever the
registries of IANA don't call globally reachable is refused, and so are IPv6 addresses that carry
such an IPv4 address: mapped (RFC 4291), 6to4 (RFC 3056), Teredo (RFC 4380), NAT64 (RFC 6052).
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

_NAT64: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_COMPATIBLE: Final = IPv6Network("::/96")
_LOW_32: Final = 0xFFFFFFFF


def leads_inward(text: str) -> bool:
    """Whether an IP address, with a zone or without, isn't public; true for what is no address."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return True
    return _inward(address) or any(_inward(each) for each in _carried(address))


def _inward(address: IPv4Address | IPv6Address) -> bool:
    return (
        not address.is_global
        or address.is_private
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
        or (isinstance(address, IPv6Address) and address.is_site_local)
    )


def _carried(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """Return the IPv4 addresses that an IPv6 address stands for."""
    if isinstance(address, IPv4Address):
        return []
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if any(address in network for network in (*_NAT64, _COMPATIBLE)):
        found.append(IPv4Address(int(address) & _LOW_32))
    return [each for each in found if each is not None]
