"""Sessions as tests want them, and what they say."""

from collections.abc import Iterator

from smsc.smpp.codec import decode, encode
from smsc.smpp.pdu import Bind, BindTransceiver, DeliverSm, Pdu
from smsc.smpp.session import Session, Timers


def opened() -> Session:
    return Session(Timers(), 0.0)


def asked_to_bind(session: Session, kind: type[Bind], version: int = 0x34) -> Bind:
    (bind,) = session.receive(encode(kind(1, "fleet", "secret", interface_version=version)), 0.0)
    assert isinstance(bind, Bind)
    return bind


def bound(kind: type[Bind] = BindTransceiver, version: int = 0x34) -> Session:
    session = opened()
    session.accept(asked_to_bind(session, kind, version), "smsc")
    session.octets_to_send()
    return session


def delivering(*tokens: object) -> Session:
    """Return a bound session with a deliver_sm on its way for each token, numbered from 1."""
    session = bound()
    for token in tokens:
        session.request(DeliverSm(session.next_sequence_number()), token, 0.0)
    session.octets_to_send()
    return session


def said(session: Session) -> list[Pdu]:
    return list(_pdus(session.octets_to_send()))


def _pdus(octets: bytes) -> Iterator[Pdu]:
    at = 0
    while at < len(octets):
        length = int.from_bytes(octets[at : at + 4], "big")
        yield decode(octets, at, length)
        at += length
