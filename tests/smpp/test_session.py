"""A session: what it lets through, how it matches answers, how it ends."""

import pytest

from smsc.smpp.codec import encode
from smsc.smpp.commands import CommandStatus, PduError, Version
from smsc.smpp.pdu import (
    BindReceiver,
    BindReceiverResp,
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
from smsc.smpp.session import LAST_SEQUENCE_NUMBER, Answer, Closed, Session, State
from smsc.smpp.tlv import Tag, Tlv
from tests.smpp.sessions import asked_to_bind, bound, delivering, opened, said

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
