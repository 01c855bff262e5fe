"""A session: how it is bound, which version it speaks, how it matches answers, how it ends."""

from collections.abc import Iterator

import pytest

from smsc.smpp.codec import decode, encode
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
    DataSm,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Outbind,
    Pdu,
    Request,
    Response,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    UnbindResp,
)
from smsc.smpp.retired import (
    ParamRetrieve,
    ParamRetrieveResp,
    QueryLastMsgs,
    QueryLastMsgsResp,
    QueryMsgDetails,
    QueryMsgDetailsResp,
)
from smsc.smpp.session import LAST_SEQUENCE_NUMBER, Answer, Closed, Session, State, Timers
from smsc.smpp.tlv import Tag, Tlv

BINDS = [
    (BindTransmitter, State.BOUND_TX, BindTransmitterResp),
    (BindReceiver, State.BOUND_RX, BindReceiverResp),
    (BindTransceiver, State.BOUND_TRX, BindTransceiverResp),
]


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
    session.outbind("smsc", "hunter2", 0.0)
    session.octets_to_send()
    return session


def test_an_outbind_says_who_we_are_and_awaits_a_bind() -> None:
    session = opened()
    session.outbind("smsc", "hunter2", 0.0)
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
        session.outbind("s" * 16, "hunter2", 1.0)
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


# Requests of the peer.


def test_a_submit_comes_out_for_somebody_else_to_answer() -> None:
    session = bound()
    submit = SubmitSm(7, source_addr="1234", short_message=b"hello")
    assert session.receive(encode(submit), 0.0) == [submit]
    assert said(session) == []
    session.respond(SubmitSmResp(7, 0, "0000000001"))
    assert said(session) == [SubmitSmResp(7, 0, "0000000001")]


def test_a_receiver_may_not_submit() -> None:
    session = bound(BindReceiver)
    assert session.receive(encode(SubmitSm(7)), 0.0) == []
    assert said(session) == [SubmitSmResp(7, CommandStatus.ESME_RINVBNDSTS)]
    assert session.state is State.BOUND_RX


def test_an_unknown_command_is_answered_by_generic_nack() -> None:
    session = bound()
    assert session.receive(bytes.fromhex("00000010 00000F00 00000000 00000007"), 0.0) == []
    assert said(session) == [GenericNack(7, CommandStatus.ESME_RINVCMDID)]
    assert session.bound


@pytest.mark.parametrize(
    ("octets", "answer"),
    [
        ("00000011 00000004 00000000 00000007 00", SubmitSmResp(7, CommandStatus.ESME_RINVCMDLEN)),
        ("00000012 00000015 00000000 00000007 0000", EnquireLinkResp(7, 0xC0)),
        ("00000012 00000006 00000000 00000007 0000", UnbindResp(7, 0xC0)),
        ("00000010 00000009 00000000 00000007", BindTransceiverResp(7, 0x02)),
        ("00000010 00000103 00000000 00000007", DataSmResp(7, CommandStatus.ESME_RINVCMDLEN)),
        ("00000010 0000000B 00000000 00000007", GenericNack(7, CommandStatus.ESME_RINVCMDLEN)),
    ],
    ids=["submit_sm", "enquire_link", "unbind", "bind_transceiver", "data_sm", "outbind"],
)
def test_a_known_command_with_a_malformed_body_is_answered_by_its_own_response(
    octets: str, answer: Pdu
) -> None:
    session = bound()
    assert session.receive(bytes.fromhex(octets), 0.0) == []
    assert said(session) == [answer]
    assert session.state is State.BOUND_TRX


def test_a_malformed_bind_leaves_the_session_open() -> None:
    session = opened()
    assert session.receive(bytes.fromhex("00000010 00000009 00000000 00000007"), 0.0) == []
    assert session.state is State.OPEN
    assert asked_to_bind(session, BindTransceiver)


@pytest.mark.parametrize("session", [opened(), bound(BindReceiver), bound(BindTransmitter)])
def test_an_enquire_link_is_answered_bound_or_not(session: Session) -> None:
    assert session.receive(encode(EnquireLink(9)), 0.0) == []
    assert said(session) == [EnquireLinkResp(9)]


@pytest.mark.parametrize("number", [0, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
def test_whatever_the_sequence_number_is_it_is_echoed(number: int) -> None:
    session = bound()
    (submit,) = session.receive(encode(SubmitSm(number)), 0.0)
    assert submit == SubmitSm(number)
    session.receive(encode(EnquireLink(number)) + encode(DeliverSm(number)), 0.0)
    session.receive(bytes.fromhex("00000010 00000F00 00000000") + number.to_bytes(4, "big"), 0.0)
    assert [pdu.sequence_number for pdu in said(session)] == [number] * 3


def test_requests_of_the_same_number_are_each_answered() -> None:
    session = bound()
    session.receive(encode(EnquireLink(7)) * 3, 0.0)
    assert said(session) == [EnquireLinkResp(7)] * 3


@pytest.mark.parametrize(
    ("request_of_3_3", "answer"),
    [
        (ParamRetrieve(7, "timer"), ParamRetrieveResp(7, CommandStatus.ESME_RINVCMDID)),
        (QueryLastMsgs(7, 0, 0, "1234", 9), QueryLastMsgsResp(7, CommandStatus.ESME_RINVCMDID)),
        (QueryMsgDetails(7, "0A"), QueryMsgDetailsResp(7, CommandStatus.ESME_RINVCMDID)),
    ],
)
def test_what_only_3_3_has_is_answered_by_its_own_response(
    request_of_3_3: Request, answer: Response
) -> None:
    session = bound(version=0x33)
    assert session.receive(encode(request_of_3_3), 0.0) == []
    assert said(session) == [answer]


def test_an_older_esme_may_use_what_is_newer_than_its_version() -> None:
    session = bound(version=0x33)
    assert session.version is Version.V33
    data = DataSm(7, tlvs=(Tlv(Tag.message_payload, b"hi"),))
    assert session.receive(encode(data), 0.0) == [data]


# Requests of ours.


@pytest.mark.parametrize(
    ("asked", "answer", "other"),
    [
        (DeliverSm(1), DeliverSmResp(1), DataSmResp(1)),
        (DataSm(1), DataSmResp(1), DeliverSmResp(1)),
    ],
)
def test_an_answer_is_of_the_kind_of_its_request(
    asked: Request, answer: Response, other: Response
) -> None:
    session = bound()
    session.request(asked, "token", 0.0)
    session.octets_to_send()
    assert session.receive(encode(other), 0.0) == []
    assert session.outstanding == 1
    assert session.receive(encode(answer), 0.0) == [Answer("token", answer)]


def test_an_answer_comes_with_the_token_of_its_request() -> None:
    session = delivering("first", "second")
    assert session.outstanding == 2
    answers = session.receive(encode(DeliverSmResp(2)) + encode(DeliverSmResp(1)), 0.0)
    assert answers == [Answer("second", DeliverSmResp(2)), Answer("first", DeliverSmResp(1))]
    assert session.outstanding == 0


def test_an_answer_that_refuses_is_an_answer() -> None:
    session = delivering("token")
    refusal = DeliverSmResp(1, CommandStatus.ESME_RX_T_APPN)
    assert session.receive(encode(refusal), 0.0) == [Answer("token", refusal)]


def test_a_generic_nack_answers_anything() -> None:
    session = delivering("token")
    nack = GenericNack(1, CommandStatus.ESME_RINVCMDID)
    assert session.receive(encode(nack), 0.0) == [Answer("token", nack)]


@pytest.mark.parametrize(
    "stray",
    [DeliverSmResp(2), DeliverSmResp(0), SubmitSmResp(1), EnquireLinkResp(1), GenericNack(2)],
    ids=repr,
)
def test_an_answer_to_something_else_is_ignored(stray: Pdu) -> None:
    session = delivering("token")
    assert session.receive(encode(stray), 0.0) == []
    assert (session.outstanding, said(session)) == (1, [])


def test_a_second_answer_is_ignored() -> None:
    session = delivering("token")
    session.receive(encode(DeliverSmResp(1)), 0.0)
    assert session.receive(encode(DeliverSmResp(1)), 0.0) == []
    assert said(session) == []


def test_an_answer_after_it_was_given_up_is_ignored() -> None:
    session = delivering("token")
    assert session.advance(10.0) == [Answer("token", None)]
    assert session.receive(encode(DeliverSmResp(1)), 10.5) == []


def test_a_malformed_answer_counts_as_a_refusal() -> None:
    session = bound()
    session.request(DataSm(session.next_sequence_number()), "token", 0.0)
    session.octets_to_send()
    octets = bytes.fromhex("00000013 80000103 00000000 00000001 00 0424")
    (answer,) = session.receive(octets, 0.0)
    assert answer == Answer("token", GenericNack(1, CommandStatus.ESME_RINVTLVSTREAM))
    assert said(session) == []


def test_a_deliver_sm_resp_with_more_than_it_may_carry_is_an_answer() -> None:
    session = delivering("token")
    octets = bytes.fromhex("00000013 80000005 00000000 00000001 00 0424")
    assert session.receive(octets, 0.0) == [Answer("token", DeliverSmResp(1))]


@pytest.mark.parametrize("command_id", ["80000004", "80000F00"], ids=["another", "unknown"])
def test_a_malformed_answer_to_something_else_is_ignored(command_id: str) -> None:
    session = delivering("token")
    octets = bytes.fromhex(f"00000013 {command_id} 00000000 00000001 00 0424")
    assert session.receive(octets, 0.0) == []
    assert (session.outstanding, said(session)) == (1, [])


def test_a_request_that_fits_no_octets_is_neither_sent_nor_waited_for() -> None:
    session = bound()
    with pytest.raises(PduError, match="source_addr"):
        session.request(DeliverSm(1, source_addr="1" * 21), "token", 0.0)
    assert session.octets_to_send() == b""
    assert session.close() == []


def test_octets_to_send_are_given_once() -> None:
    session = delivering()
    session.respond(EnquireLinkResp(1))
    assert session.octets_to_send() == encode(EnquireLinkResp(1))
    assert session.octets_to_send() == b""


def test_sequence_numbers_count_from_one() -> None:
    session = opened()
    assert [session.next_sequence_number() for _ in range(3)] == [1, 2, 3]


def test_sequence_numbers_start_again_after_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    session = opened()
    monkeypatch.setattr(session, "_sequence_number", LAST_SEQUENCE_NUMBER - 1)
    assert [session.next_sequence_number() for _ in range(3)] == [0x7FFFFFFF, 1, 2]


# The end.


def test_an_unbind_comes_out_and_is_answered_when_nothing_is_left() -> None:
    session = bound()
    (unbind,) = session.receive(encode(Unbind(5)), 0.0)
    assert isinstance(unbind, Unbind)
    assert session.bound
    session.part(unbind)
    assert said(session) == [UnbindResp(5)]
    assert session.closed


def test_after_an_unbind_only_an_enquire_link_is_served() -> None:
    session = bound()
    octets = encode(Unbind(5)) + encode(SubmitSm(6)) + encode(Unbind(7)) + encode(EnquireLink(8))
    assert session.receive(octets, 0.0) == [Unbind(5)]
    assert said(session) == [
        SubmitSmResp(6, CommandStatus.ESME_RINVBNDSTS),
        UnbindResp(7, CommandStatus.ESME_RINVBNDSTS),
        EnquireLinkResp(8),
    ]
    session.part(Unbind(5))
    assert said(session) == [UnbindResp(5)]


def test_answers_still_come_in_after_an_unbind_and_nothing_more_is_to_be_sent() -> None:
    session = delivering("token")
    session.receive(encode(Unbind(5)), 0.0)
    assert not session.receives
    answer = DeliverSmResp(1)
    assert session.receive(encode(answer), 0.0) == [Answer("token", answer)]


def test_two_binds_in_one_write_are_one() -> None:
    session = opened()
    first, second = BindReceiver(1, "fleet"), BindTransmitter(2, "fleet")
    assert session.receive(encode(first) + encode(second), 0.0) == [first]
    session.accept(first, "smsc")
    refused, accepted = said(session)
    assert refused == BindTransmitterResp(2, CommandStatus.ESME_RALYBND)
    assert type(accepted) is BindReceiverResp


def test_our_unbind_is_over_when_it_is_answered() -> None:
    session = bound()
    session.unbind(0.0)
    assert said(session) == [Unbind(1)]
    assert session.bound
    assert session.receive(encode(UnbindResp(1)), 0.0) == [Closed("unbound")]
    assert session.closed


def test_our_unbind_takes_no_place_in_the_window() -> None:
    session = delivering("token")
    session.unbind(0.0)
    assert session.outstanding == 1


def test_we_ask_to_unbind_once() -> None:
    session = bound()
    session.unbind(0.0)
    session.unbind(1.0)
    assert said(session) == [Unbind(1)]


def test_answers_still_come_in_while_we_unbind() -> None:
    session = delivering("token")
    session.unbind(0.0)
    events = session.receive(encode(DeliverSmResp(1)) + encode(UnbindResp(2)), 0.0)
    assert events == [Answer("token", DeliverSmResp(1)), Closed("unbound")]


def test_what_comes_behind_the_answer_to_our_unbind_counts_no_more() -> None:
    session = bound()
    session.unbind(0.0)
    session.octets_to_send()
    octets = encode(UnbindResp(1)) + encode(SubmitSm(2)) + encode(EnquireLink(3))
    assert session.receive(octets, 0.0) == [Closed("unbound")]
    assert session.octets_to_send() == b""


def test_closing_returns_the_tokens_that_will_never_be_answered() -> None:
    session = delivering("first", "second", "third")
    session.receive(encode(DeliverSmResp(2)), 0.0)
    session.unbind(0.0)
    assert session.close() == ["first", "third"]
    assert session.close() == []
    assert session.closed


def test_a_closed_session_hears_and_does_nothing() -> None:
    session = bound()
    session.close()
    assert session.receive(encode(SubmitSm(1)) + encode(EnquireLink(2)), 0.0) == []
    assert session.advance(1e9) == []
    assert session.octets_to_send() == b""
