"""How a session is bound, asked for or not, and which version it speaks."""

import pytest

from smsc.smpp.codec import encode
from smsc.smpp.commands import CommandStatus, PduError, Version
from smsc.smpp.pdu import (
    AlertNotification,
    Bind,
    BindReceiver,
    BindReceiverResp,
    BindResp,
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    BindTransmitterResp,
    DeliverSmResp,
    EnquireLinkResp,
    GenericNack,
    Outbind,
)
from smsc.smpp.session import Session, State
from smsc.smpp.tlv import Tag, Tlv
from tests.smpp.sessions import asked_to_bind, bound, opened, said

BINDS = [
    (BindTransmitter, State.BOUND_TX, BindTransmitterResp),
    (BindReceiver, State.BOUND_RX, BindReceiverResp),
    (BindTransceiver, State.BOUND_TRX, BindTransceiverResp),
]


# Binding.


def test_a_new_session_is_open_and_has_nothing_to_say() -> None:
    session = opened()
    assert session.state is State.OPEN
    assert not (session.bound or session.receives or session.closed)
    assert session.octets_to_send() == b""


@pytest.mark.parametrize("kind", [kind for kind, _, _ in BINDS])
def test_a_bind_comes_out_as_it_was_and_awaits_the_verdict(kind: type[Bind]) -> None:
    session = opened()
    bind = asked_to_bind(session, kind)
    assert (bind.system_id, bind.password) == ("fleet", "secret")
    assert session.state is State.BINDING
    assert not session.bound
    assert said(session) == []


@pytest.mark.parametrize(("kind", "state", "answer"), BINDS)
def test_an_accepted_bind_is_answered_with_our_name_in_its_own_response(
    kind: type[Bind], state: State, answer: type[BindResp]
) -> None:
    session = opened()
    session.accept(asked_to_bind(session, kind), "smsc")
    assert session.state is state
    assert session.bound
    assert said(session) == [answer(1, 0, "smsc", (Tlv(Tag.sc_interface_version, 0x50),))]


@pytest.mark.parametrize(
    ("kind", "receives"),
    [(BindTransmitter, False), (BindReceiver, True), (BindTransceiver, True)],
)
def test_only_a_receiver_or_a_transceiver_receives(kind: type[Bind], receives: bool) -> None:
    assert bound(kind).receives is receives


@pytest.mark.parametrize(("kind", "answer"), [(kind, answer) for kind, _, answer in BINDS])
def test_a_refused_bind_is_answered_with_its_status_and_may_be_tried_again(
    kind: type[Bind], answer: type[BindResp]
) -> None:
    session = opened()
    session.refuse(asked_to_bind(session, kind), CommandStatus.ESME_RINVPASWD)
    assert session.state is State.OPEN
    assert said(session) == [answer(1, CommandStatus.ESME_RINVPASWD)]
    session.accept(asked_to_bind(session, kind), "smsc")
    assert session.bound


@pytest.mark.parametrize("first", [kind for kind, _, _ in BINDS])
@pytest.mark.parametrize(("second", "answer"), [(kind, answer) for kind, _, answer in BINDS])
def test_a_second_bind_is_answered_with_already_bound(
    first: type[Bind], second: type[Bind], answer: type[BindResp]
) -> None:
    session = bound(first)
    state = session.state
    assert session.receive(encode(second(2, "other", "secret")), 0.0) == []
    assert said(session) == [answer(2, CommandStatus.ESME_RALYBND)]
    assert session.state is state


def test_a_bind_while_one_is_being_decided_is_answered_with_already_bound() -> None:
    session = opened()
    asked_to_bind(session, BindTransceiver)
    assert session.receive(encode(BindReceiver(2)), 0.0) == []
    assert said(session) == [BindReceiverResp(2, CommandStatus.ESME_RALYBND)]
    assert session.state is State.BINDING


# Outbind.


def outbound() -> Session:
    session = opened()
    session.outbind("smsc", "hunter2")
    session.octets_to_send()
    return session


def test_an_outbind_says_who_we_are_and_awaits_a_bind() -> None:
    session = opened()
    session.outbind("smsc", "hunter2")
    assert said(session) == [Outbind(1, "smsc", "hunter2")]
    assert session.state is State.OUTBOUND
    assert not session.bound
    assert session.outstanding == 0


@pytest.mark.parametrize("kind", [BindReceiver, BindTransceiver])
def test_after_an_outbind_the_esme_binds_to_receive(kind: type[Bind]) -> None:
    session = outbound()
    session.accept(asked_to_bind(session, kind), "smsc")
    assert session.receives


def test_after_an_outbind_a_transmitter_is_no_use() -> None:
    session = outbound()
    assert session.receive(encode(BindTransmitter(1)), 0.0) == []
    assert said(session) == [BindTransmitterResp(1, CommandStatus.ESME_RINVBNDSTS)]
    assert session.state is State.OUTBOUND


def test_a_bind_that_is_refused_after_an_outbind_may_be_tried_again_to_receive() -> None:
    session = outbound()
    session.refuse(asked_to_bind(session, BindReceiver), CommandStatus.ESME_RINVPASWD)
    assert session.state is State.OUTBOUND
    session.octets_to_send()
    session.receive(encode(BindTransmitter(2)), 0.0)
    assert said(session) == [BindTransmitterResp(2, CommandStatus.ESME_RINVBNDSTS)]
    session.accept(asked_to_bind(session, BindReceiver), "smsc")
    assert session.receives


def test_an_esme_that_does_not_know_outbind_may_say_so() -> None:
    session = outbound()
    assert session.receive(encode(GenericNack(1, CommandStatus.ESME_RINVCMDID)), 0.0) == []
    assert (session.state, said(session)) == (State.OUTBOUND, [])


def test_an_outbind_that_fits_no_octets_changes_nothing() -> None:
    session = opened()
    with pytest.raises(PduError, match="system_id"):
        session.outbind("s" * 16, "hunter2")
    assert (session.state, session.deadline) == (State.OPEN, 5.0)
    assert session.octets_to_send() == b""


# Requests that have no answer.


def test_what_has_no_answer_is_not_waited_for() -> None:
    session = bound(BindReceiver)
    alert = AlertNotification(session.next_sequence_number(), source_addr="4917")
    session.tell(alert)
    assert said(session) == [alert]
    assert (session.outstanding, session.deadline) == (0, 30.0)
    assert session.close() == []


def test_an_answer_to_what_has_none_is_ignored() -> None:
    session = bound(BindReceiver)
    session.tell(AlertNotification(session.next_sequence_number()))
    session.octets_to_send()
    for answer in (GenericNack(1, CommandStatus.ESME_RINVCMDID), DeliverSmResp(1)):
        assert session.receive(encode(answer), 0.0) == []
    assert said(session) == []


# The version.


@pytest.mark.parametrize(
    ("version", "status"),
    [
        (0x33, CommandStatus.ESME_RINVCMDLEN),
        (0x34, CommandStatus.ESME_RINVTLVSTREAM),
        (0x50, CommandStatus.ESME_RINVTLVSTREAM),
    ],
)
def test_a_peer_is_only_told_statuses_of_its_version(version: int, status: CommandStatus) -> None:
    session = bound(version=version)
    session.receive(bytes.fromhex("00000012 00000015 00000000 00000007 0000"), 0.0)
    assert said(session) == [EnquireLinkResp(7, status)]


def test_each_session_has_its_own_version() -> None:
    sessions = [bound(version=version) for version in (0x33, 0x50, 0x34)]
    assert [session.version for session in sessions] == [Version.V33, Version.V50, Version.V34]


@pytest.mark.parametrize("interface_version", range(0x100))
def test_the_version_is_the_highest_that_both_sides_know(interface_version: int) -> None:
    expected = Version.V33
    if interface_version >= 0x34:
        expected = Version.V34
    if interface_version >= 0x50:
        expected = Version.V50
    assert bound(version=interface_version).version is expected


@pytest.mark.parametrize("interface_version", range(0x100))
def test_a_peer_of_3_4_or_later_is_told_our_version_and_an_older_one_gets_no_tlv(
    interface_version: int,
) -> None:
    session = opened()
    session.accept(asked_to_bind(session, BindTransceiver, interface_version), "smsc")
    (answer,) = said(session)
    assert isinstance(answer, BindTransceiverResp)
    if interface_version < 0x34:
        assert answer.tlvs == ()
    else:
        assert answer.tlvs == (Tlv(Tag.sc_interface_version, 0x50),)
