"""Which addresses are public, and which lead inward."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.inward import leads_inward


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_a_public_address_leads_outward(address: str) -> None:
    assert not leads_inward(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "198.18.0.1",
        "192.0.2.1",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::a00:1",
        "2002:7f00:1::",
        "2001:0:a00:1:0:0:80ff:fffe",
        "localhost",
        "",
        "127.1",
    ],
)
def test_an_address_that_is_not_public_leads_inward(address: str) -> None:
    assert leads_inward(address)


@given(st.ip_addresses(v=4, network="10.0.0.0/8") | st.ip_addresses(v=4, network="127.0.0.0/8"))
def test_an_inward_address_stays_one_whatever_it_is_wrapped_in(address: object) -> None:
    assert leads_inward(str(address))
    assert leads_inward(f"::ffff:{address}")
    assert leads_inward(f"64:ff9b::{address}")
