"""The configuration of a TLS listener: its files, and what hangs on them."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from smsc.config import parse
from tests.esme.authority import Authority
from tests.test_config import FLEET, SECRET, mistake


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def encrypted(authority: Authority, **changed: object) -> str:
    """Return the table of a TLS listener, with some values changed."""
    values = {
        "listen": "127.0.0.1:3550",
        "certificate": authority.certificate,
        "key": authority.key,
        "client_ca": authority.client_ca,
    } | changed
    lines = [f"{key} = '{value}'\n" for key, value in values.items()]
    return "[smpp.tls]\n" + "".join(lines)


def test_a_tls_listener_is_read(authority: Authority) -> None:
    tls = parse(encrypted(authority), "smsc.toml").smpp.tls
    assert tls is not None
    assert (tls.listen.port, tls.certificate) == (3550, authority.certificate)


@pytest.mark.parametrize(("line", "key"), [(3, "certificate"), (4, "key"), (5, "client_ca")])
def test_a_file_that_is_not_there_is_told_by_its_key(
    authority: Authority, line: int, key: str
) -> None:
    words = mistake(encrypted(authority, **{key: "nowhere.pem"}))
    assert words.startswith(f"smsc.toml:{line}: smpp.tls.{key} = 'nowhere.pem': can't be read: No")
    assert "write the path of a PEM file" in words


@pytest.mark.parametrize("key", ["certificate", "key", "client_ca"])
def test_a_file_that_holds_something_else_is_told_by_its_key(
    authority: Authority, tmp_path: Path, key: str
) -> None:
    other = tmp_path / "other.pem"
    other.write_text("hello")
    words = mistake(encrypted(authority, **{key: other}))
    assert f"smpp.tls.{key} = '{other}': " in words
    assert "write the path of" in words


def test_the_key_of_another_certificate_is_told(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other")
    assert "smpp.tls.key = " in mistake(encrypted(authority, key=other.key))


def test_a_key_with_a_passphrase_is_told_and_nobody_is_asked_for_it(
    authority: Authority,
) -> None:
    key = load_pem_private_key(authority.key.read_bytes(), None)
    authority.key.write_bytes(
        key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(SECRET.encode())
        )
    )
    words = mistake(encrypted(authority))
    assert "smpp.tls.key = " in words and "without a passphrase" in words


def test_an_account_with_a_certificate_needs_an_authority_and_no_outbind(
    authority: Authority,
) -> None:
    named = f'{FLEET}certificate = "esme.example"\n'
    assert parse(encrypted(authority) + named, "smsc.toml").accounts
    without = encrypted(authority).partition("client_ca")[0]
    assert "accounts[0].certificate" in mistake(without + named)
    words = mistake(f'{encrypted(authority)}{named}outbind = "192.0.2.1:2775"\n')
    assert "accounts[0].outbind = '192.0.2.1:2775': is made without TLS" in words


def test_a_clear_password_is_refused_where_others_can_listen_over_tls(
    authority: Authority,
) -> None:
    assert parse(encrypted(authority) + FLEET, "smsc.toml").accounts
    words = mistake(encrypted(authority, listen="0.0.0.0:3550") + FLEET.replace("pw", SECRET))
    assert "accounts[0].password: in clear" in words
    assert SECRET not in words
