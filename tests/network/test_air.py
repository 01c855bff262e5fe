"""What goes over the air: SMS-DELIVER to a device, SMS-SUBMIT from it (3GPP TS 23.040, 9.2.2)."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from smsc.delivery.admission import uncarried, unfit
from smsc.message import Address, Message, to_device
from smsc.network.device import Device
from smsc.network.tpdus import (
    cut,
    destination_of,
    origin_of,
    read,
    submission,
    submit,
)
from smsc_encodings import dcs, tpdu, udh
from smsc_encodings.dcs import alphabet_of
from smsc_encodings.elements import Ports8, Ports16
from smsc_encodings.errors import EncodingError
from smsc_encodings.interworking import carried
from smsc_encodings.national import Shifts
from smsc_encodings.references import References
from smsc_encodings.segmentation import Part
from smsc_encodings.shift_tables import Language
from smsc_encodings.timestamps import Timestamp
from smsc_encodings.tpdu import Deliver

NUMBER = "491700000001"
ACCEPTED_AT = 1_795_257_643_999
AT = Timestamp(26, 11, 21, 10, 40, 43)
UDHI = 0x40


def message(payload: bytes, data_coding: int = 0, esm_class: int = 0, **fields: Any) -> Message:
    values: dict[str, Any] = {"source": Address(5, 0, "FLEET"), "dest": Address(1, 1, NUMBER)}
    return Message(
        id=7,
        account="fleet",
        destination=to_device(NUMBER),
        payload=payload,
        accepted_at=ACCEPTED_AT,
        expires_at=0,
        data_coding=data_coding,
        esm_class=esm_class,
        **(values | fields),
    )


def over_the_air(sent: Message) -> list[Deliver]:
    """Return what a phone reads in the TPDUs of a message."""
    return [read(part.octets) for part in cut(sent, References(1, 1), 0)]


def inbox(sent: Message) -> list[str | None]:
    phone = Device(NUMBER)
    phone.take(cut(sent, References(1, 1), 0), 0)
    return [received.text for received in phone.inbox]


codings = st.integers(0, 255)
octets = st.binary(max_size=700)


# What is in the user data.


@given(octets, codings)
def test_the_parts_of_a_message_carry_all_of_it(payload: bytes, data_coding: int) -> None:
    parts = over_the_air(message(payload, data_coding))
    assert b"".join(part.body for part in parts if part.body is not None) == (
        carried(payload, data_coding).octets
    )
    numbers = [None if part.udh is None else part.udh.concatenation for part in parts]
    if len(parts) == 1:
        assert numbers == [None]
    else:
        assert numbers == [(0, len(parts), at, False) for at in range(1, len(parts) + 1)]


@given(octets, codings)
def test_a_message_with_a_header_arrives_with_it(payload: bytes, data_coding: int) -> None:
    header = udh.encode([Ports16(2948, 0)])
    sent = message(header + payload, data_coding, UDHI)
    assume(unfit(sent.payload, UDHI, data_coding) is None)
    assume(uncarried(sent.payload, UDHI, data_coding) is None)
    (received,) = over_the_air(sent)
    assert (received.header, received.body) == (header, carried(payload, data_coding).octets)


def test_what_does_not_fit_behind_its_header_is_an_error_that_names_the_room() -> None:
    too_long = message(bytes.fromhex("050003420201") + b"x" * 154, esm_class=UDHI)
    with pytest.raises(EncodingError, match="at most 153"):
        cut(too_long, References(1, 1), 0)


@pytest.mark.parametrize("data_coding", [2, 4, 9, 0xF5, 0xF6])
@pytest.mark.parametrize("ports", [Ports16(2000, 0), Ports8(240, 0)])
def test_a_binary_command_with_ports_arrives_octet_for_octet(
    data_coding: int, ports: Ports16 | Ports8
) -> None:
    command = b"  getinfo $@_\x00\x1b\xff "
    (received,) = over_the_air(message(udh.encode([ports]) + command, data_coding, UDHI))
    assert received.udh is not None and received.udh.ports == ports
    assert (received.body, received.text) == (command, None)


@pytest.mark.parametrize("data_coding", [0, 1, 3])
def test_a_command_in_text_keeps_its_spaces_and_signs(data_coding: int) -> None:
    command = "  setparam 2001:internet;$@_"
    payload = dcs.encode_text(command, alphabet_of(data_coding))
    assert inbox(message(payload, data_coding)) == [command]


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=300),
    st.sampled_from([0, 1, 3, 8, 0x11, 0x18, 0xE0, 0xF1]),
)
def test_the_inbox_shows_what_was_written(text: str, data_coding: int) -> None:
    try:
        payload = dcs.encode_text(text, alphabet_of(data_coding))
    except EncodingError:
        return
    assert inbox(message(payload, data_coding)) == [text]


def test_what_is_rewritten_behind_a_language_is_written_in_it() -> None:
    turkish = udh.encode(Shifts(locking=Language.TURKISH).elements)
    assert inbox(message(turkish + "¤ç".encode("latin-1"), 3, UDHI)) == ["¤ç"]
    (received,) = over_the_air(message(turkish + "ç".encode("latin-1"), 3, UDHI))
    assert (received.body, received.text) == (b"\x60", "ç")


def test_what_is_no_septet_is_a_question_mark() -> None:
    assert inbox(message("Köln".encode("latin-1"))) == ["K?ln"]


# What is around it.


def only(**fields: Any) -> Deliver:
    (received,) = over_the_air(message(b"hello", **fields))
    return received


def test_an_sms_deliver_octet_for_octet() -> None:
    (part,) = cut(message(b"hello"), References(1, 1), 0)
    assert part.octets.hex() == (
        "04"  # TP-MTI and TP-MMS: no more wait
        "09d04666b14805"  # TP-OA: 9 semi-octets of a name, FLEET
        "0000"  # TP-PID, TP-DCS
        "62111201043400"  # TP-SCTS: 2026-11-21 10:40:43 GMT
        "05e8329bfd06"  # 5 septets
    )


def test_the_time_stamp_is_when_the_message_was_accepted_in_gmt() -> None:
    assert only().timestamp == AT


@pytest.mark.parametrize("data_coding", range(16, 256))
def test_a_data_coding_of_ts_23_038_is_the_tp_dcs(data_coding: int) -> None:
    assert dcs.encode(only(data_coding=data_coding).dcs) == data_coding


def test_the_protocol_id_is_tp_pid() -> None:
    assert only(protocol_id=0x41).pid == 0x41


def test_more_messages_wait_in_front_of_the_last_part() -> None:
    assert not only().more
    assert [part.more for part in over_the_air(message(b"x" * 400))] == [True, True, False]


def test_a_receipt_and_a_reply_path_that_were_asked_for_are_told() -> None:
    assert not (only().status_report or only().reply_path)
    assert only(registered_delivery=1).status_report
    assert only(esm_class=0x80).reply_path


@pytest.mark.parametrize(
    ("source", "origin"),
    [
        (Address(1, 1, NUMBER), (NUMBER, 1, 1)),
        (Address(0, 0, "1234"), ("1234", 0, 1)),
        (Address(0, 0, NUMBER), (NUMBER, 1, 1)),
        (Address(5, 0, NUMBER), (NUMBER, 1, 1)),
        (Address(2, 8, "0170123456"), ("0170123456", 2, 8)),
        (Address(3, 1, "1234"), ("1234", 3, 1)),
        (Address(255, 255, "1234"), ("1234", 0, 1)),
        (Address(1, 1, "FLEET"), ("FLEET", 5, 0)),
        (Address(5, 0, "façade"), ("fa?ade", 5, 0)),
        (Address(5, 0, "[[[[[[fleet"), ("[[[[[", 5, 0)),
        (Address(0, 0, ""), ("", 5, 0)),
    ],
)
def test_the_source_is_named_as_far_as_tp_oa_can(
    source: Address, origin: tuple[str, int, int]
) -> None:
    assert origin_of(source) == origin
    assert only(source=source).origin == origin


@pytest.mark.parametrize(("digits", "ton"), [(8, 0), (7, 1)])
def test_a_source_that_is_no_short_code_is_international(digits: int, ton: int) -> None:
    source = Address(0, 0, "12345678")
    (part,) = cut(message(b"hello", source=source), References(1, 1), 0, digits)
    assert read(part.octets).origin == ("12345678", ton, 1)


@given(
    st.text(st.characters(max_codepoint=255), max_size=11) | st.from_regex(r"[0-9]{1,15}"),
    st.integers(0, 255),
    st.integers(0, 255),
)
def test_there_is_a_tp_oa_for_any_source(digits: str, ton: int, npi: int) -> None:
    assert only(source=Address(ton, npi, digits)).origin == origin_of(Address(ton, npi, digits))


def test_a_device_is_sent_nothing_but_sms_delivers() -> None:
    with pytest.raises(EncodingError, match="SMS-DELIVERs, not SubmitReport"):
        read(tpdu.encode(tpdu.SubmitReport(AT)))


# From a device.


def sent_from_device(part: Part, scheme: int, receipt: bool = False, to: str = "1234") -> bytes:
    return submit(destination_of(Address(0, 1, to)), part, scheme, 42, receipt)


def test_an_sms_submit_octet_for_octet() -> None:
    octets = sent_from_device(Part(b"", b"hello"), 0, receipt=True)
    assert octets.hex() == (
        "21"  # TP-MTI and TP-SRR: no validity period
        "2a"  # TP-MR
        "04812143"  # TP-DA
        "0000"  # TP-PID, TP-DCS
        "05e8329bfd06"  # 5 septets
    )


@given(st.binary(max_size=134), st.sampled_from([0, 4, 8, 0x15, 0xF1, 0xF5]))
def test_what_a_device_sends_is_read_as_it_was_written(body: bytes, scheme: int) -> None:
    if dcs.decode(scheme).septets:
        body = bytes(octet & 0x7F for octet in body)
    header = bytes.fromhex("050003070201")
    asked = submission(NUMBER, sent_from_device(Part(header, body), scheme), 0)
    assert (asked.payload, asked.data_coding, asked.esm_class) == (header + body, scheme, UDHI)
    assert (asked.source, asked.dest) == (Address(1, 1, NUMBER), Address(0, 1, "1234"))
    assert (asked.account, asked.protocol_id, asked.registered_delivery) == ("", 0, 0)


def test_an_acknowledgement_is_one_in_esm_class() -> None:
    octets = sent_from_device(Part(b"", b"done"), 0, receipt=True)
    asked = submission(NUMBER, octets, 0x08)
    assert (asked.esm_class, asked.registered_delivery) == (0x08, 1)


def test_a_device_sends_nothing_but_sms_submits() -> None:
    with pytest.raises(EncodingError, match="SMS-SUBMITs, not DeliverReport"):
        submission(NUMBER, tpdu.encode(tpdu.DeliverReport()), 0)
