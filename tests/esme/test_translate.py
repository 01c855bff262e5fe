"""Between PDUs and messages: what a submit_sm asks for, and the words of a verdict."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.delivery.submission import Submission
from smsc.esme import translate, words
from smsc.esme.dialect import Profile, canned, dialect_of
from smsc.esme.words import Untranslatable, refusal
from smsc.message import Address, Message
from smsc.smpp import tlv
from smsc.smpp.codec import decode, encode
from smsc.smpp.commands import FIRST_STATUS_OF_5_0, CommandStatus, PduError, Version
from smsc.smpp.pdu import DataSm, ReplaceSm, SubmitSm, SubmitSmResp
from smsc.smpp.tlv import Tag, Tlv
from smsc_encodings import septets
from smsc_encodings.data_coding import Zero
from smsc_routing.decision import Reason, Verdict
from smsc_routing.traffic import Party

NOW = 1_700_000_000_000  # 2023-11-14 22:13:20 UTC
HOUR = 3_600_000
OLDER = [Version.V33, Version.V34]
PLAIN = Profile()
TEXTS = {7: canned("Your parcel is here."), 8: canned("Ваша посылка здесь.")}


def submitted(
    pdu: SubmitSm, profile: Profile = PLAIN, version: Version = Version.V34
) -> Submission:
    return translate.submission(pdu, dialect_of("fleet", profile, version, TEXTS), NOW)


def refused(pdu: SubmitSm, version: Version = Version.V34) -> CommandStatus:
    with pytest.raises(Untranslatable) as caught:
        submitted(pdu, version=version)
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
        replace=True,
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


@pytest.mark.parametrize("priority", range(4))
@pytest.mark.parametrize("version", Version)
def test_priorities_go_up_to_three(priority: int, version: Version) -> None:
    pdu = SubmitSm(7, priority_flag=priority)
    assert submitted(pdu, version=version).priority == priority


def test_5_0_knows_a_fourth_priority() -> None:
    pdu = SubmitSm(7, priority_flag=4)
    assert submitted(pdu, version=Version.V50).priority == 4
    for version in OLDER:
        assert refused(pdu, version) is CommandStatus.ESME_RINVPRTFLG


@pytest.mark.parametrize("priority", [5, 255])
@pytest.mark.parametrize("version", Version)
def test_a_higher_priority_is_refused(priority: int, version: Version) -> None:
    pdu = SubmitSm(7, priority_flag=priority)
    assert refused(pdu, version) is CommandStatus.ESME_RINVPRTFLG


@pytest.mark.parametrize(("flag", "replaces"), [(0, False), (1, True)])
def test_a_message_may_ask_to_replace_another(flag: int, replaces: bool) -> None:
    assert submitted(SubmitSm(7, replace_if_present_flag=flag)).replace is replaces


@pytest.mark.parametrize("flag", [2, 255])
def test_any_other_replace_if_present_flag_is_refused(flag: int) -> None:
    pdu = SubmitSm(7, replace_if_present_flag=flag)
    assert refused(pdu) is CommandStatus.ESME_RINVREPFLAG


@pytest.mark.parametrize("esm_class", [0x00, 0x03, 0x08, 0x10, 0x43, 0x80, 0xD3])
def test_esm_class_is_kept_whole(esm_class: int) -> None:
    pdu = SubmitSm(7, esm_class=esm_class, short_message=b"\0hello")
    assert submitted(pdu).esm_class == esm_class


@pytest.mark.parametrize("esm_class", [0x04, 0x0C, 0x18, 0x20, 0x3C, 0x47])
def test_nobody_but_an_smsc_sends_receipts_and_the_like(esm_class: int) -> None:
    pdu = SubmitSm(7, esm_class=esm_class, short_message=b"id:1 stat:DELIVRD")
    assert refused(pdu) is CommandStatus.ESME_RINVESMCLASS


@pytest.mark.parametrize("registered_delivery", [0x00, 0x11, 0xE2, 0xFF])
def test_reserved_bits_of_registered_delivery_are_no_error(registered_delivery: int) -> None:
    pdu = SubmitSm(7, registered_delivery=registered_delivery)
    assert submitted(pdu).registered_delivery == registered_delivery


def test_the_service_type_of_the_account_stands_in_for_one_that_is_missing() -> None:
    fleet = Profile(service_type="VMA")
    assert submitted(SubmitSm(7), fleet).service_type == "VMA"
    assert submitted(SubmitSm(7, service_type="CMT"), fleet).service_type == "CMT"


# TLVs.


def test_the_submitters_own_number_for_a_message_is_kept() -> None:
    assert submitted(SubmitSm(7)).user_reference == -1
    for reference in (0, 0xFFFF):
        pdu = SubmitSm(7, tlvs=(Tlv(Tag.user_message_reference, reference),))
        assert submitted(pdu).user_reference == reference


@pytest.mark.parametrize(
    ("tlvs", "watch"),
    [
        ((), False),
        ((Tlv(Tag.set_dpf, 0),), False),
        ((Tlv(Tag.set_dpf, 1),), True),
        ((Tlv(Tag.ms_availability_status, 0),), True),
    ],
)
def test_a_submitter_may_ask_to_be_told_when_the_device_is_back(
    tlvs: tuple[Tlv, ...], watch: bool
) -> None:
    assert submitted(SubmitSm(7, tlvs=tlvs)).watch is watch


def test_of_a_tlv_that_comes_twice_the_first_counts() -> None:
    twice = (Tlv(Tag.user_message_reference, 1), Tlv(Tag.user_message_reference, 2))
    assert submitted(SubmitSm(7, tlvs=twice)).user_reference == 1


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(tlv.TABLE)), st.binary(max_size=300)).map(
            lambda pair: struct.pack(">HH", pair[0], len(pair[1])) + pair[1]
        ),
        max_size=6,
    ).map(b"".join),
    st.integers(0, 255),
    st.binary(max_size=160),
    st.sampled_from(list(Zero)),
)
def test_whatever_tlvs_say_they_are_read_or_refused(
    octets: bytes, esm_class: int, text: bytes, alphabet: Zero
) -> None:
    try:
        tlvs = tlv.decode(octets, 0, len(octets))
    except PduError:
        return
    pdu = SubmitSm(7, esm_class=esm_class, short_message=text, tlvs=tlvs)
    try:
        found = submitted(pdu, Profile(default_alphabet=alphabet))
    except Untranslatable as error:
        assert error.reason
    else:
        assert len(found.payload) <= 2 * 160 + 12


# sm_default_msg_id.


def test_a_default_message_is_sent_where_there_is_no_text() -> None:
    found = submitted(SubmitSm(7, data_coding=8, sm_default_msg_id=7))
    assert (found.payload, found.data_coding) == (b"Your parcel is here.", 0)


def test_a_default_message_beyond_gsm_goes_as_ucs2() -> None:
    found = submitted(SubmitSm(7, sm_default_msg_id=8))
    assert (found.payload.decode("utf-16-be"), found.data_coding) == ("Ваша посылка здесь.", 8)


def test_a_text_of_its_own_wins_over_a_default_message() -> None:
    assert submitted(SubmitSm(7, sm_default_msg_id=99, short_message=b"hi")).payload == b"hi"
    payload = (Tlv(Tag.message_payload, b"hi"),)
    assert submitted(SubmitSm(7, sm_default_msg_id=99, tlvs=payload)).payload == b"hi"


def test_a_default_message_that_there_is_not_is_refused() -> None:
    assert refused(SubmitSm(7, sm_default_msg_id=99)) is CommandStatus.ESME_RINVDFTMSGID


def test_a_default_message_has_no_header() -> None:
    pdu = SubmitSm(7, esm_class=0x40, sm_default_msg_id=7)
    assert refused(pdu) is CommandStatus.ESME_RINVESMCLASS


# What data_coding 0 means.


@pytest.mark.parametrize(
    ("alphabet", "octets", "expected"),
    [
        (Zero.GSM, b"\x00\x1be", (b"\x00\x1be", 0)),
        (Zero.LATIN1, b"gr\xfc\xdfe @", (b"gr\xfc\xdfe @", 3)),
        (Zero.ASCII, b"hello @", (b"hello @", 1)),
        (Zero.GSM_PACKED, bytes.fromhex("e8329bfd06"), (b"hello", 0)),
    ],
)
def test_data_coding_0_is_read_as_the_account_means_it(
    alphabet: Zero, octets: bytes, expected: tuple[bytes, int]
) -> None:
    found = submitted(SubmitSm(7, short_message=octets), Profile(default_alphabet=alphabet))
    assert (found.payload, found.data_coding) == expected


@pytest.mark.parametrize("alphabet", Zero)
@pytest.mark.parametrize("data_coding", [1, 3, 4, 8, 0xF0])
def test_any_other_data_coding_means_the_same_to_all(alphabet: Zero, data_coding: int) -> None:
    pdu = SubmitSm(7, data_coding=data_coding, short_message=b"hi")
    found = submitted(pdu, Profile(default_alphabet=alphabet))
    assert (found.payload, found.data_coding) == (b"hi", data_coding)


def test_only_the_text_behind_a_header_is_in_the_alphabet_of_the_account() -> None:
    header = b"\x05\x00\x03\x07\x02\x01"
    packed = header + septets.pack(b"hello", 1)
    found = submitted(
        SubmitSm(7, esm_class=0x40, short_message=packed),
        Profile(default_alphabet=Zero.GSM_PACKED),
    )
    assert found.payload == header + b"hello"


def test_a_packed_text_is_unpacked_before_tlvs_put_a_header_in_front() -> None:
    tlvs = (Tlv(Tag.dest_port, 2001), Tlv(Tag.source_port, 9))
    found = submitted(
        SubmitSm(7, short_message=septets.pack(b"hello"), tlvs=tlvs),
        Profile(default_alphabet=Zero.GSM_PACKED),
    )
    assert found.payload == bytes.fromhex("06050407d10009") + b"hello"


# Times.


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
    Reason.NOT_DELIVERED: (S.ESME_RDELIVERYFAILURE, S.ESME_RDELIVERYFAILURE),
}
# A status of 3.4 that 3.3 doesn't know.
NEW_IN_3_4 = {Reason.NOT_DELIVERED}


def test_every_reason_has_its_words() -> None:
    assert set(WORDS) == set(Reason) == set(words.WORDS)


@pytest.mark.parametrize("reason", Reason)
def test_a_verdict_has_the_status_of_the_table(reason: Reason) -> None:
    newest, older = WORDS[reason]
    assert refusal(SubmitSmResp, 7, Verdict(reason), Version.V50) == SubmitSmResp(7, newest)
    for version in OLDER:
        new = version is Version.V33 and reason in NEW_IN_3_4
        expected = S.ESME_RSUBMITFAIL if new else older
        assert refusal(SubmitSmResp, 7, Verdict(reason), version) == SubmitSmResp(7, expected)


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


# replace_sm

PACKED = bytes.fromhex("e8329bfd06")
NOBODY = Address(0, 0, "")


def new_text(octets: bytes, alphabet: Zero, old: Message) -> tuple[bytes, int]:
    dialect = dialect_of("fleet", Profile(default_alphabet=alphabet), Version.V34, TEXTS)
    return translate.replacement(ReplaceSm(7, short_message=octets), dialect)(old)


@pytest.mark.parametrize(
    ("alphabet", "old", "octets", "data_coding"),
    [
        (Zero.GSM_PACKED, 0, b"hello", 0),
        (Zero.GSM_PACKED, 3, PACKED, 3),
        (Zero.LATIN1, 0, PACKED, 3),
        (Zero.LATIN1, 3, PACKED, 3),
        (Zero.GSM, 0, PACKED, 0),
    ],
)
def test_a_new_text_is_read_as_that_of_the_old_message_was(
    alphabet: Zero, old: int, octets: bytes, data_coding: int
) -> None:
    message = Message(1, "fleet", "", NOBODY, NOBODY, b"old", 0, 0, data_coding=old)
    assert new_text(PACKED, alphabet, message) == (octets, data_coding)


def test_a_new_text_that_lacks_the_header_is_left_to_the_road() -> None:
    message = Message(1, "fleet", "", NOBODY, NOBODY, b"\2\x70\0old", 0, 0, esm_class=0x40)
    assert new_text(b"\x7f", Zero.GSM_PACKED, message) == (b"\x7f", 0)


# Where a message has been.


def test_the_trail_of_a_message_comes_along() -> None:
    trail = (Tlv(tlv.TRAIL, b"2 smsc-a smsc-b"),)
    assert submitted(SubmitSm(7, tlvs=trail)).trail == "2 smsc-a smsc-b"
    dialect = dialect_of("fleet", PLAIN, Version.V34, TEXTS)
    assert translate.data(DataSm(7, tlvs=trail), dialect, NOW).trail == "2 smsc-a smsc-b"


def test_a_trail_of_other_octets_does_no_harm() -> None:
    assert submitted(SubmitSm(7, tlvs=(Tlv(tlv.TRAIL, b"\xff\0"),))).trail.isprintable() is False
    assert submitted(SubmitSm(7)).trail == ""
