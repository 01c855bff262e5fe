"""Between PDUs and messages: what a submit_sm asks for, and the words of a verdict."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.delivery.submission import Submission
from smsc.esme import translate, words
from smsc.esme.words import Untranslatable, refusal
from smsc.message import Address
from smsc.smpp.codec import decode, encode
from smsc.smpp.commands import FIRST_STATUS_OF_5_0, CommandStatus, Version
from smsc.smpp.pdu import SubmitSm, SubmitSmResp
from smsc.smpp.tlv import Tag, Tlv
from smsc_routing.decision import Reason, Verdict
from smsc_routing.traffic import Party

NOW = 1_700_000_000_000  # 2023-11-14 22:13:20 UTC
HOUR = 3_600_000
OLDER = [Version.V33, Version.V34]


def submitted(pdu: SubmitSm) -> Submission:
    return translate.submission(pdu, "fleet", NOW)


def refused(pdu: SubmitSm) -> CommandStatus:
    with pytest.raises(Untranslatable) as caught:
        submitted(pdu)
    assert caught.value.reason
    return caught.value.status


# submit_sm -> Submission


def test_every_field_finds_its_place() -> None:
    pdu = SubmitSm(
        7,
        service_type="VMA",
        source_addr_ton=5,
        source_addr_npi=0,
        source_addr="FLEET",
        dest_addr_ton=1,
        dest_addr_npi=8,
        destination_addr="491700000001",
        esm_class=0x43,
        protocol_id=0x41,
        priority_flag=3,
        schedule_delivery_time="000000010000000R",
        validity_period="000000020000000R",
        registered_delivery=0x11,
        replace_if_present_flag=1,
        data_coding=4,
        sm_default_msg_id=9,
        short_message=b"\x06\x05\x04\x07\xd1\x00\x00hello",
    )
    assert submitted(pdu) == Submission(
        party=Party.APPLICATION,
        account="fleet",
        source=Address(5, 0, "FLEET"),
        dest=Address(1, 8, "491700000001"),
        payload=b"\x06\x05\x04\x07\xd1\x00\x00hello",
        data_coding=4,
        esm_class=0x43,
        protocol_id=0x41,
        priority=3,
        registered_delivery=0x11,
        service_type="VMA",
        not_before=NOW + HOUR,
        expires_at=NOW + 2 * HOUR,
    )


def test_what_is_left_open_stays_open() -> None:
    assert submitted(SubmitSm(7)) == Submission(
        Party.APPLICATION, "fleet", Address(0, 0, ""), Address(0, 0, ""), b""
    )


@given(st.binary(max_size=255))
def test_the_text_is_never_touched(octets: bytes) -> None:
    assert submitted(SubmitSm(7, short_message=octets)).payload == octets


def test_leading_blanks_stay() -> None:
    # Teltonika devices without a login are sent two of them before the command.
    assert submitted(SubmitSm(7, short_message=b"  getinfo")).payload == b"  getinfo"


def test_a_long_text_comes_in_message_payload() -> None:
    pdu = SubmitSm(7, tlvs=(Tlv(Tag.message_payload, b"x" * 1000),))
    assert submitted(pdu).payload == b"x" * 1000


def test_other_tlvs_leave_the_text_where_it_is() -> None:
    pdu = SubmitSm(7, short_message=b"hello", tlvs=(Tlv(Tag.user_message_reference, 5),))
    assert submitted(pdu).payload == b"hello"


def test_an_empty_message_payload_is_an_empty_text() -> None:
    assert submitted(SubmitSm(7, tlvs=(Tlv(Tag.message_payload, b""),))).payload == b""


def test_a_text_in_both_places_is_refused() -> None:
    pdu = SubmitSm(7, short_message=b"a", tlvs=(Tlv(Tag.message_payload, b"b"),))
    assert refused(pdu) is CommandStatus.ESME_ROPTPARNOTALLWD


@pytest.mark.parametrize("priority", range(5))
def test_priorities_go_up_to_four(priority: int) -> None:
    assert submitted(SubmitSm(7, priority_flag=priority)).priority == priority


@pytest.mark.parametrize("priority", [5, 255])
def test_a_higher_priority_is_refused(priority: int) -> None:
    assert refused(SubmitSm(7, priority_flag=priority)) is CommandStatus.ESME_RINVPRTFLG


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("000000010000000R", NOW + HOUR),
        ("000001000000000R", NOW + 24 * HOUR),
        ("000000480000000R", NOW + 48 * HOUR),
        ("231114221320000+", NOW),
        ("231115001320008+", NOW),
        ("231114201320008-", NOW),
        ("231114221320500+", NOW + 500),
    ],
)
def test_times_are_relative_or_absolute(text: str, expected: int) -> None:
    assert submitted(SubmitSm(7, validity_period=text)).expires_at == expected
    assert submitted(SubmitSm(7, schedule_delivery_time=text)).not_before == expected


@pytest.mark.parametrize(
    "text",
    ["1", "tomorrow", "000000010000000", "231314221320000+", "231114221320049+", "0" * 15 + "X"],
)
def test_a_malformed_time_is_refused_with_the_status_of_its_field(text: str) -> None:
    assert refused(SubmitSm(7, validity_period=text)) is CommandStatus.ESME_RINVEXPIRY
    assert refused(SubmitSm(7, schedule_delivery_time=text)) is CommandStatus.ESME_RINVSCHED


@given(st.text("0123456789R+-", min_size=16, max_size=16) | st.text(max_size=16))
def test_whatever_a_time_says_it_is_one_or_is_refused(text: str) -> None:
    try:
        assert isinstance(submitted(SubmitSm(7, validity_period=text)).expires_at, int)
    except Untranslatable as error:
        assert error.status is CommandStatus.ESME_RINVEXPIRY


# Verdict -> submit_sm_resp

S = CommandStatus
# The table of the verdicts' words, as the operator's manual has it: on 5.0 binds, on older ones.
WORDS = {
    Reason.ACCEPTED: (S.ESME_ROK, S.ESME_ROK),
    Reason.UNKNOWN_DESTINATION: (S.ESME_RINVDSTADR, S.ESME_RINVDSTADR),
    Reason.MALFORMED_NUMBER: (S.ESME_RINVDSTADR, S.ESME_RINVDSTADR),
    Reason.SOURCE_NOT_ALLOWED: (S.ESME_RINVSRCADR, S.ESME_RINVSRCADR),
    Reason.SWITCHED_OFF: (S.ESME_RPROHIBITED, S.ESME_RSUBMITFAIL),
    Reason.QUOTA: (S.ESME_RMSGQFUL, S.ESME_RMSGQFUL),
    Reason.RATE_LIMIT: (S.ESME_RTHROTTLED, S.ESME_RTHROTTLED),
    Reason.STORE_BEHIND: (S.ESME_RTHROTTLED, S.ESME_RTHROTTLED),
    Reason.TOO_LONG: (S.ESME_RINVMSGLEN, S.ESME_RINVMSGLEN),
    Reason.BAD_UDH: (S.ESME_RINVESMCLASS, S.ESME_RINVESMCLASS),
    Reason.BAD_DATA_CODING: (S.ESME_RINVDCS, S.ESME_RSUBMITFAIL),
    Reason.BAD_VALIDITY: (S.ESME_RINVEXPIRY, S.ESME_RINVEXPIRY),
    Reason.BAD_SCHEDULE: (S.ESME_RINVSCHED, S.ESME_RINVSCHED),
    Reason.STORE_FAILED: (S.ESME_RSYSERR, S.ESME_RSYSERR),
}


def test_every_reason_has_its_words() -> None:
    assert set(WORDS) == set(Reason) == set(words.WORDS)


@pytest.mark.parametrize("reason", Reason)
def test_a_verdict_has_the_status_of_the_table(reason: Reason) -> None:
    newest, older = WORDS[reason]
    assert refusal(SubmitSmResp, 7, Verdict(reason), Version.V50) == SubmitSmResp(7, newest)
    for version in OLDER:
        assert refusal(SubmitSmResp, 7, Verdict(reason), version) == SubmitSmResp(7, older)


@pytest.mark.parametrize("reason", Reason)
def test_an_older_bind_never_sees_a_status_of_5_0(reason: Reason) -> None:
    for version in OLDER:
        answer = refusal(SubmitSmResp, 7, Verdict(reason), version)
        assert answer.command_status < FIRST_STATUS_OF_5_0


def test_a_5_0_bind_is_told_the_reason_in_words_and_an_older_one_is_not() -> None:
    verdict = Verdict(Reason.QUOTA, detail="device 1 may receive at most 200/day")
    told = (Tlv(Tag.additional_status_info_text, "device 1 may receive at most 200/day"),)
    assert refusal(SubmitSmResp, 7, verdict, Version.V50).tlvs == told
    for version in OLDER:
        assert refusal(SubmitSmResp, 7, verdict, version).tlvs == ()


@given(st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=600))
def test_whatever_the_words_they_fit_the_pdu(detail: str) -> None:
    answer = refusal(SubmitSmResp, 7, Verdict(Reason.QUOTA, detail=detail), Version.V50)
    assert decode(encode(answer)) == answer


# The id of a message.


@pytest.mark.parametrize("version", [Version.V34, Version.V50])
def test_a_message_id_has_ten_digits_or_more(version: Version) -> None:
    assert translate.message_id(7, version) == "0000000007"
    assert translate.message_id(12345678901, version) == "12345678901"


def test_a_message_id_of_3_3_has_eight_hexadecimal_digits() -> None:
    assert translate.message_id(0x1F, Version.V33) == "0000001F"
    assert translate.message_id(0x1_0000_001F, Version.V33) == "0000001F"
