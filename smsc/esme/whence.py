"""Where a peer comes from: its address, and the names that its certificate proves."""

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Final

NO_NAMES: Final[frozenset[str]] = frozenset()
_NETWORK_BITS: Final = 64


def host_of(peername: Any) -> str:
    """Return the host of a socket's peer, "" if it is gone already or has none."""
    if not isinstance(peername, tuple) or not peername:
        return ""
    return unmapped(str(peername[0]))


def names_of(certificate: Any) -> frozenset[str]:
    """Return the names of a verified certificate: its common names, and its DNS names."""
    if not isinstance(certificate, dict):
        return NO_NAMES
    subject = (pair for part in certificate.get("subject", ()) for pair in part)
    common = {value for key, value in subject if key == "commonName"}
    others = certificate.get("subjectAltName", ())
    return frozenset(common | {value.lower() for key, value in others if key == "DNS"})


def unmapped(host: str) -> str:
    """Write an IPv4 address that came mapped into IPv6 as what it is."""
    address = _address(host)
    return str(address) if isinstance(address, IPv4Address) else host


def household(host: str) -> str:
    """Return what one peer has for its own: an IPv4 address, or a network of IPv6."""
    address = _address(host)
    if not isinstance(address, IPv6Address):
        return host
    return str(IPv6Address(int(address) >> _NETWORK_BITS << _NETWORK_BITS))


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
