"""TPDUs beside two independent packages: smspdudecoder and python-messaging.

Where they read otherwise, a test says what they do, and the clause that this package goes by.
"""

from datetime import UTC, datetime, timedelta, timezone
from io import StringIO
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from messaging.sms import SmsDeliver, SmsSubmit
from smspdudecoder.fields import SMSDeliver, SMSSubmit

from smsc_encodings import address, dcs, gsm7, tpdu, ucs2, udh
from smsc_encodings.address import Address, address_for
from smsc_encodings.dcs import Alphabet, dcs_for
from smsc_encodings.timestamps import Timestamp, timestamp_of
from smsc_encodings.tpdu import MO, MT, Deliver, StatusReport, Submit
from smsc_encodings.udh import Concatenation
from smsc_encodings.validity import Relative

SHORT = Address("1234", 0, 1)
AT = Timestamp(26, 11, 21, 10, 40, 43, -32)

# "\x1b" alone stands for nothing, and is read otherwise: see below.
gsm_texts = st.text(
    st.characters(max_codepoint=0x20AC).filter(lambda each: gsm7.encodable(each)), max_size=70
)
ucs2_texts = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=60
)
numbers = st.text("0123456789", min_size=3, max_size=20).map(lambda digits: Address(digits, 1, 1))
# Their centuries turn in 1969.
moments = st.datetimes(datetime(2000, 1, 2), datetime(2068, 12, 30)).map(
    lambda moment: moment.replace(microsecond=0)
)
zones = st.integers(-47, 47).map(lambda quarters: timezone(quarters * timedelta(minutes=15)))
headers = st.sampled_from(
    [b"", udh.encode([Concatenation(42, 2, 1)]), udh.encode([Concatenation(0x1234, 3, 2, True)])]
)


def read_by_smspdudecoder(pdu: Deliver | Submit) -> dict[str, Any]:
    kind = SMSDeliver if isinstance(pdu, Deliver) else SMSSubmit
    read: dict[str, Any] = kind.decode(StringIO("00" + tpdu.encode(pdu).hex().upper()))
    return read


def read_by_messaging(pdu: Deliver | StatusReport) -> Any:
    return SmsDeliver("00" + tpdu.encode(pdu).hex().upper())


def seems_longer(header: bytes, body: bytes) -> bool:
    """Tell whether smspdudecoder would see one character too many: see below."""
    return b"\x1b" in body and (-(-8 * len(header) // 7) + len(body)) % 8 == 7


@st.composite
def messages(draw: st.DrawFn) -> Deliver:
    alphabet = draw(st.sampled_from([Alphabet.GSM7, Alphabet.UCS2]))
    text = draw(gsm_texts.filter(bool) if alphabet is Alphabet.GSM7 else ucs2_texts)
    moment = draw(moments).replace(tzinfo=draw(zones))
    body = dcs.encode_text(text, alphabet)
    header, origin = draw(headers), draw(numbers)
    assume(alphabet is Alphabet.UCS2 or not seems_longer(header, body))
    return Deliver(origin, timestamp_of(moment), body, header, dcs_for(alphabet))


@given(messages())
def test_both_read_a_message_as_we_do(pdu: Deliver) -> None:
    theirs, others = read_by_smspdudecoder(pdu), read_by_messaging(pdu)
    assert theirs["user_data"]["data"] == others.text == pdu.text
    assert theirs["sender"]["number"] == pdu.origin.value
    assert others.number == f"+{pdu.origin.value}"
    moment = pdu.timestamp.moment
    assert moment is not None
    assert theirs["scts"] == moment
    assert others.date.replace(tzinfo=UTC) == moment


@given(messages())
def test_both_find_the_concatenation_that_we_do(pdu: Deliver) -> None:
    theirs, others = read_by_smspdudecoder(pdu), read_by_messaging(pdu)
    if pdu.udh is None or pdu.udh.concatenation is None:
        assert theirs["user_data"]["header"] is None
        assert others.udh is None
        return
    found = pdu.udh.concatenation
    (element,) = theirs["user_data"]["header"]["elements"]
    parts = (found.reference, found.total, found.sequence)
    assert tuple(element["data"].values()) == parts
    assert (others.udh.concat.ref, others.udh.concat.cnt, others.udh.concat.seq) == parts


@given(st.binary(max_size=130), headers)
def test_both_read_octets_as_we_do(body: bytes, header: bytes) -> None:
    pdu = Deliver(SHORT, AT, body, header, dcs_for(Alphabet.OCTET))
    assert read_by_smspdudecoder(pdu)["user_data"]["data"] == pdu.body
    assert read_by_messaging(pdu).text == pdu.body


@given(numbers, gsm_texts, st.integers(0, 255), st.none() | st.integers(0, 255))
def test_smspdudecoder_reads_a_submission_as_we_do(
    to: Address, text: str, reference: int, code: int | None
) -> None:
    assume(not seems_longer(b"", gsm7.encode(text)))
    period = None if code is None else Relative(code)
    read = read_by_smspdudecoder(
        Submit(to, gsm7.encode(text), reference=reference, validity=period)
    )
    assert read["user_data"]["data"] == text
    assert read["recipient"]["number"] == to.value
    assert read["message-ref"] == reference
    assert read.get("vp") == code


lengths = st.integers(1, 500)


def parts_an_escape(text: str) -> bool:
    """Tell whether messaging would cut an extension character in two: see below."""
    if not gsm7.encodable(text):
        return False
    body = gsm7.encode(text)
    return len(body) > 160 and b"\x1b" in body


@given(
    st.sampled_from(["+46708251358", "1234", "0123456789"]),
    gsm_texts.filter(bool) | ucs2_texts.filter(bool),
    lengths,
    st.none() | st.timedeltas(timedelta(minutes=5), timedelta(weeks=63)),
    st.booleans(),
)
def test_we_read_what_messaging_writes(
    to: str, text: str, size: int, period: timedelta | None, report: bool
) -> None:
    whole = (text * size)[:size]
    assume(not parts_an_escape(whole))
    sending = SmsSubmit(to, whole)
    sending.ref, sending.rand_id, sending.request_status = 5, 42, report
    sending.validity = period
    read = ""
    for sequence, part in enumerate(written := sending.to_pdu(), 1):
        octets = bytes.fromhex(part.pdu)
        centre, at = address.decode_service_centre(octets)
        assert centre is None
        pdu = tpdu.decode(octets, MO, at)
        assert isinstance(pdu, Submit)
        assert (pdu.destination, pdu.reference) == (address_for(to), 5)
        assert pdu.status_report is report
        assert tpdu.encode(pdu) == octets[at:]
        if len(written) > 1:
            assert pdu.udh is not None
            assert pdu.udh.concatenation == Concatenation(42, len(written), sequence)
        read += pdu.text or ""
    assert read == whole


def test_both_read_a_status_report_or_none_of_it() -> None:
    pdu = StatusReport(0xD6, Address("31628870634"), AT, AT, 0x46)
    read = read_by_messaging(pdu).sr
    assert read["recipient"] == "+31628870634"
    assert read["status"] == 0x46


# Where they read otherwise.


def test_both_take_the_bits_of_the_general_group_in_every_group() -> None:
    """0xC8 is message waiting, GSM 7 bit (3GPP TS 23.038, 4); they read its bit 3 as UCS2."""
    pdu = Deliver(SHORT, AT, b"hi", dcs=dcs.decode(0xC8))
    assert pdu.text == "hi"
    assert read_by_smspdudecoder(pdu)["user_data"]["data"] == "\ue834"
    assert read_by_messaging(pdu).text == "\ue834"


def test_messaging_takes_a_reserved_alphabet_for_octets() -> None:
    """A reserved coding is GSM 7 bit to a receiver (3GPP TS 23.038, 4)."""
    pdu = Deliver(SHORT, AT, b"hi", dcs=dcs.decode(0x0C))
    assert pdu.text == read_by_smspdudecoder(pdu)["user_data"]["data"] == "hi"
    assert read_by_messaging(pdu).text == b"\xe8\x34"


@pytest.mark.parametrize(
    ("body", "ours", "theirs", "others"),
    [
        (b"\x1bA", "A", " ", " A"),
        (b"\x1b\x1b\x01", " £", " ", "  £"),
        (b"hi\x1b", "hi ", "hi", "hi "),
    ],
)
def test_an_escape_that_leads_nowhere_is_read_in_three_ways(
    body: bytes, ours: str, theirs: str, others: str
) -> None:
    """An escape before an empty place is the character of the default table (23.038, 6.2.1.1)."""
    pdu = Deliver(SHORT, AT, body)
    assert pdu.text == ours
    assert read_by_smspdudecoder(pdu)["user_data"]["data"] == theirs
    # Its codec writes the space as U+00A0, unless gsm0338 has taken the codec's name first.
    assert read_by_messaging(pdu).text.replace("\xa0", " ") == others


def test_smspdudecoder_reads_spare_bits_behind_an_extension_character_as_an_at_sign() -> None:
    """TP-UDL counts septets, of which "[" has two (23.040, 9.2.3.16; 23.038, 6.2.1.1)."""
    pdu = Deliver(SHORT, AT, gsm7.encode("123[["))
    assert pdu.text == read_by_messaging(pdu).text == "123[["
    assert read_by_smspdudecoder(pdu)["user_data"]["data"] == "123[[@"


def test_messaging_cuts_an_extension_character_in_two() -> None:
    """A character of two septets isn't split between parts (3GPP TS 23.040, 9.2.3.24.1)."""
    sending = SmsSubmit("1234", "[" * 81)
    sending.ref, sending.rand_id = 5, 42
    first, second = (tpdu.decode(bytes.fromhex(part.pdu), MO, 1) for part in sending.to_pdu())
    assert isinstance(first, Submit)
    assert isinstance(second, Submit)
    assert first.body.endswith(b"\x1b")
    assert second.body.startswith(b"<")


def test_both_read_spare_bits_of_a_name_as_an_at_sign() -> None:
    """The length of an address counts the semi-octets that matter, here 13 (23.040, 9.1.2.5)."""
    pdu = Deliver(Address("FLEET12", 5, 0), AT, b"hi")
    assert tpdu.decode(tpdu.encode(pdu), MT) == pdu
    assert read_by_smspdudecoder(pdu)["sender"]["number"] == "FLEET12@"
    assert read_by_messaging(pdu).number == "FLEET12@"


def test_both_write_the_digits_from_ten_on_in_hexadecimal() -> None:
    """They are *, #, a, b, c (3GPP TS 23.040, 9.1.2.3)."""
    pdu = Deliver(Address("*1#", 0, 1), AT, b"hi")
    assert read_by_smspdudecoder(pdu)["sender"]["number"] == "A1B"
    assert read_by_messaging(pdu).number == "a1b"


def test_messaging_reads_a_surrogate_pair_as_two_characters() -> None:
    pdu = Deliver(SHORT, AT, ucs2.encode("😀"), dcs=dcs_for(Alphabet.UCS2))
    assert pdu.text == read_by_smspdudecoder(pdu)["user_data"]["data"] == "😀"
    assert read_by_messaging(pdu).text == "\ud83d\ude00"


def test_messaging_cannot_read_an_empty_message() -> None:
    """TP-UDL may be 0 (3GPP TS 23.040, 9.2.3.16)."""
    pdu = Deliver(SHORT, AT)
    assert pdu.text == read_by_smspdudecoder(pdu)["user_data"]["data"] == ""
    with pytest.raises(TypeError):
        read_by_messaging(pdu)


def test_messaging_leaves_the_zone_of_a_status_report_out() -> None:
    """TP-DT has a zone like any time stamp (3GPP TS 23.040, 9.2.3.13)."""
    pdu = StatusReport(1, SHORT, AT, AT, 0)
    assert read_by_messaging(pdu).sr["dt"] == datetime(2026, 11, 21, 10, 40, 43)
    assert AT.moment == datetime(2026, 11, 21, 18, 40, 43, tzinfo=UTC)
