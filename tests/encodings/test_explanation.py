"""What octets mean, in words: 3GPP TS 23.038, 4, and 23.040, 9.2.3."""

import pytest

from smsc_encodings import data_coding, dcs, tpdu, udh
from smsc_encodings.address import Address
from smsc_encodings.elements import (
    EnhancedVoiceMail,
    InformationElement,
    NationalLockingShift,
    NationalSingleShift,
    Ports16,
    ReplyAddress,
    SourceIndicator,
    SpecialIndication,
    UserPrompt,
    Wcmp,
)
from smsc_encodings.errors import EncodingError
from smsc_encodings.explanation import (
    Fact,
    address_meaning,
    data_coding_meaning,
    header_fact,
    scheme_meaning,
    walk,
)
from smsc_encodings.timestamps import Timestamp
from smsc_encodings.tpdu import Command, Deliver, DeliverReport, StatusReport, Submit, Tpdu
from smsc_encodings.tpdu.explain import explain
from smsc_encodings.tpdu.meanings import (
    cause_meaning,
    command_meaning,
    pid_meaning,
    status_meaning,
)
from smsc_encodings.udh import Concatenation
from smsc_encodings.validity import Enhanced, Unit

SHORT = Address("1234", 0, 1)
AT = Timestamp(26, 11, 21, 10, 40, 43, -32)


def told(pdu: Tpdu) -> dict[str, Fact]:
    """Explain a TPDU; return its facts by name."""
    return {fact.name: fact for _, fact in walk([explain(tpdu.encode(pdu), pdu.direction)])}


@pytest.mark.parametrize(
    ("octet", "meaning"),
    [
        (0x00, "GSM 7 bit; general data coding"),
        (0x18, "UCS2; class 0, shown at once; general data coding"),
        (0x25, "8 bit data; compressed; general data coding; reserved bits 0x01"),
        (0x48, "UCS2; marked for automatic deletion"),
        (0x90, "GSM 7 bit; reserved coding group; reserved bits 0x10"),
        (0xC9, "GSM 7 bit; fax indicator on; message waiting, discard the message"),
        (0xF6, "8 bit data; class 2, kept in the SIM; data coding and message class"),
    ],
)
def test_a_tp_dcs_is_told_in_words(octet: int, meaning: str) -> None:
    assert scheme_meaning(dcs.decode(octet)) == meaning


def test_a_data_coding_is_told_by_its_name_or_as_a_tp_dcs() -> None:
    assert data_coding_meaning(data_coding.decode(6)) == "Cyrillic (ISO-8859-5)"
    assert data_coding_meaning(data_coding.decode(0xD8)).startswith("GSM 7 bit; voice mail")
    zero = data_coding.decode(0, data_coding.Zero.GSM_PACKED)
    assert data_coding_meaning(zero) == "the SMSC's default, here gsm, packed"


def test_the_type_and_the_plan_of_an_address_are_told() -> None:
    assert address_meaning(Address("1", 1, 1)) == "international, plan ISDN (E.164)"
    assert address_meaning(Address("1", 7, 2)) == "reserved for extension, plan reserved"


@pytest.mark.parametrize(
    ("element", "value", "meaning"),
    [
        (Concatenation(42, 3, 2), "reference 42, part 2 of 3", "concatenation"),
        (
            Ports16(2948, 9200),
            "destination 2948, source 9200",
            "application port (16 bit): WAP push",
        ),
        (
            SpecialIndication(0x80, 5),
            "flags 128, count 5",
            "special SMS message indication: 5 waiting (voice mail), profile 1, stored",
        ),
        (
            SourceIndicator(2),
            "source 2",
            "UDH source indicator: what follows is from the original receiver",
        ),
        (
            ReplyAddress(SHORT),
            "address 1234",
            "reply address: unknown, plan ISDN (E.164)",
        ),
        (
            EnhancedVoiceMail(1, SHORT, 0, 0),
            "flags 1, access 1234, waiting 0, count 0",
            "enhanced voice mail information: confirmation of deletion",
        ),
        (NationalSingleShift(1), "language 1", "national language single shift: Turkish"),
        (NationalLockingShift(99), "language 99", "national language locking shift: reserved"),
        (UserPrompt(2), "count 2", "user prompt indicator"),
        (Wcmp(b"\xca\xfe"), "data cafe", "wireless control message protocol"),
        (udh.Element(0x70, b"\1"), "01", "(U)SIM toolkit security header"),
    ],
)
def test_an_information_element_is_told(
    element: InformationElement, value: str, meaning: str
) -> None:
    octets = udh.encode([element])
    fact = header_fact(octets + b"text", 20)
    assert fact.octets == octets
    _, told_element = fact.facts
    assert (told_element.value, told_element.meaning) == (value, meaning)
    assert told_element.offset == 21


def test_an_element_that_breaks_its_clause_is_told_with_the_reason() -> None:
    _, element = header_fact(bytes.fromhex("03 05 01 0B"), 20).facts
    assert element.value == "0b"
    assert "element at offset 21 can't be 1 octets" in element.meaning


def test_a_header_that_cannot_be_read_is_an_error_with_the_offset() -> None:
    with pytest.raises(EncodingError) as refused:
        header_fact(b"\x05\x00", 20)
    assert refused.value.offset == 20


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (0x00, "completed: received by the SME"),
        (0x03, "completed: reserved"),
        (0x1F, "completed: specific to the SMSC"),
        (0x21, "temporary error, the SMSC is still trying: SME busy"),
        (0x30, "temporary error, the SMSC is still trying: specific to the SMSC"),
        (0x46, "permanent error: validity period expired"),
        (0x4F, "permanent error: reserved"),
        (0x5F, "permanent error: specific to the SMSC"),
        (0x65, "temporary error, the SMSC has given up: error in the SME"),
        (0x7F, "temporary error, the SMSC has given up: specific to the SMSC"),
        (0x80, "reserved"),
        (0xFF, "reserved"),
    ],
)
def test_every_range_of_tp_st_has_its_name(status: int, meaning: str) -> None:
    assert status_meaning(status) == meaning


@pytest.mark.parametrize(
    ("cause", "meaning"),
    [
        (0x00, "reserved"),
        (0x81, "short message type 0 not supported"),
        (0x8E, "reserved"),
        (0xD3, "memory capacity exceeded"),
        (0xE0, "specific to an application"),
        (0xFE, "specific to an application"),
        (0xFF, "unspecified error cause"),
    ],
)
def test_every_range_of_tp_fcs_has_its_name(cause: int, meaning: str) -> None:
    assert cause_meaning(cause) == meaning


@pytest.mark.parametrize(
    ("pid", "meaning"),
    [
        (0x00, "SME to SME, no interworking"),
        (0x05, "SME to SME, protocol 5"),
        (0x22, "telematic interworking: group 3 telefax"),
        (0x2E, "telematic interworking: reserved"),
        (0x38, "telematic interworking: specific to the SMSC"),
        (0x3F, "telematic interworking: a GSM/UMTS mobile station"),
        (0x40, "short message type 0: acknowledge and discard"),
        (0x47, "replace short message type 7"),
        (0x60, "reserved"),
        (0x7F, "(U)SIM data download"),
        (0x80, "reserved"),
        (0xC0, "specific to the SMSC"),
    ],
)
def test_every_range_of_tp_pid_has_its_name(pid: int, meaning: str) -> None:
    assert pid_meaning(pid) == meaning


def test_every_range_of_tp_ct_has_its_name() -> None:
    assert command_meaning(2) == "delete a message that was submitted"
    assert (command_meaning(4), command_meaning(0xE0)) == ("reserved", "specific to the SMSC")


def test_the_fields_of_a_tpdu_are_told() -> None:
    facts = told(StatusReport(7, SHORT, AT, Timestamp(26, 2, 30), 0x46, pid=0x40, of_command=True))
    assert facts["SMS-STATUS-REPORT"].value == "MT"
    assert facts["TP-SRQ"].meaning == "result of an SMS-COMMAND"
    assert facts["TP-ST"].meaning == "permanent error: validity period expired"
    assert facts["TP-DT"].meaning == "there is no such date"
    assert facts["TP-PI"].facts[0].meaning == "follows"
    facts = told(Submit(SHORT, validity=Enhanced(Unit.SECONDS, 30, True)))
    assert facts["TP-VP"].meaning == "enhanced: 0:00:30, one attempt alone"
    facts = told(Submit(SHORT, validity=AT))
    assert (facts["TP-VP"].value, facts["TP-VP"].meaning) == (str(AT), "absolute")
    facts = told(Command(8, 2, 7, SHORT, b"\xff", udh.encode([Ports16(1, 2)])))
    assert facts["TP-CT"].meaning == "delete a message that was submitted"
    assert facts["IEI 0x05"].value == "destination 1, source 2"
    facts = told(DeliverReport(0xD3, body=b"full"))
    assert facts["TP-FCS"].meaning == "memory capacity exceeded"
    assert facts["text"].value == "full"


def test_user_data_that_are_no_text_are_told_as_octets_with_the_reason() -> None:
    facts = told(Deliver(SHORT, AT, b"\xca\xfe", dcs=dcs.decode(0x20)))
    assert facts["octets"].value == "cafe"
    assert facts["octets"].meaning == "compressed text (3GPP TS 23.042) can't be read"
    assert facts["TP-UDL"].meaning == "octets"
