"""Where a peer comes from, as it is written everywhere."""

import pytest

from smsc.esme.whence import host_of, household, names_of, unmapped


@pytest.mark.parametrize(
    ("peername", "host"),
    [
        (("192.0.2.1", 40000), "192.0.2.1"),
        (("::ffff:192.0.2.1", 40000, 0, 0), "192.0.2.1"),
        (("2001:db8::1", 40000, 0, 0), "2001:db8::1"),
        (("fe80::1%eth0", 40000, 0, 2), "fe80::1%eth0"),
        (None, ""),
        ("", ""),
        ((), ""),
    ],
)
def test_the_host_of_a_socket(peername: object, host: str) -> None:
    assert host_of(peername) == host


def test_an_ipv4_address_mapped_into_ipv6_is_what_it_is() -> None:
    assert unmapped("::FFFF:10.0.0.1") == "10.0.0.1"
    assert unmapped("::1") == "::1"


@pytest.mark.parametrize(
    ("host", "whose"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("", ""),
    ],
)
def test_a_peer_has_a_whole_network_of_ipv6_for_its_own(host: str, whose: str) -> None:
    assert household(host) == whose


def test_a_certificate_without_names_has_none() -> None:
    assert names_of(None) == names_of({}) == frozenset()
    assert names_of({"subject": ((("organizationName", "x"),),)}) == frozenset()
