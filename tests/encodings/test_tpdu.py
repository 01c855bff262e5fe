"""TPDUs as the specification and the public have them: 3GPP TS 23.040, 9.2.2."""

from dataclasses import replace

import pytest

from smsc_encodings import dcs, gsm7, septets, tpdu, ucs2, udh
from smsc_encodings.address import Address, decode_service_centre
from smsc_encodings.dcs import Alphabet, Dcs, dcs_for
from smsc_encodings.elements import Ports16
from smsc_encodings.errors import EncodingError
from smsc_encodings.national import Shifts
from smsc_encodings.shift_tables import Language
from smsc_encodings.timestamps import Timestamp
from smsc_encodings.tpdu import (
    MO,
    MT,
    Command,
    Deliver,
    DeliverReport,
    Direction,
    StatusReport,
    Submit,
    SubmitReport,
    Tpdu,
)
from smsc_encodings.udh import Concatenation
from smsc_encodings.validity import Enhanced, Relative, Unit

ANNA = Address("46708251358", 1, 1)
SHORT = Address("1234", 0, 1)
AT = Timestamp(26, 11, 21, 10, 40, 43, -32)
AT_OCTETS = "62 11 12 01 04 34 2B"

PARTED = udh.encode([Concatenation(42, 2, 1)])
WIDE = udh.encode([Concatenation(0x1234, 2, 1, wide=True)])
PUSH = udh.encode([Ports16(2948, 9200)])

PAIRS: list[tuple[str, Tpdu]] = [
    # From the public: "hellohello" to +46708251358, good for four days.
    (
        "11 00 0B 91 64 07 28 15 53 F8 00 00 AA 0A E8 32 9B FD 46 97 D9 EC 37",
        Submit(ANNA, b"hellohello", validity=Relative(170)),
    ),
    # From the public: the same as it comes, on 29 March 1999, two hours east.
    (
        "04 0B C8 72 38 88 09 00 F1 00 00 99 30 92 51 61 95 80 0A E8 32 9B FD 46 97 D9 EC 37",
        Deliver(Address("27838890001", 4, 8), Timestamp(99, 3, 29, 15, 16, 59, 8), b"hellohello"),
    ),
    # From the public: what was sent to +31628870634 arrived two seconds later.
    (
        "06 D6 0B 91 13 26 88 07 36 F4 11 10 11 71 95 51 40 11 10 11 71 95 71 40 00",
        StatusReport(
            0xD6,
            Address("31628870634", 1, 1),
            Timestamp(11, 1, 11, 17, 59, 15, 4),
            Timestamp(11, 1, 11, 17, 59, 17, 4),
            0x00,
        ),
    ),
    # Part 1 of 2 of message 42; a fill bit brings "hi" to a septet boundary.
    (
        f"44 04 81 21 43 00 00 {AT_OCTETS} 09 05 00 03 2A 02 01 D0 69",
        Deliver(SHORT, AT, b"hi", PARTED),
    ),
    # A header of 7 octets, 8 septets, needs none.
    (
        f"44 04 81 21 43 00 00 {AT_OCTETS} 0A 06 08 04 12 34 02 01 E8 34",
        Deliver(SHORT, AT, b"hi", WIDE),
    ),
    # Eight bit data for port 2948; more messages wait.
    (
        f"40 04 81 21 43 00 F5 {AT_OCTETS} 0A 06 05 04 0B 84 23 F0 01 06 00",
        Deliver(SHORT, AT, b"\x01\x06\0", PUSH, dcs.decode(0xF5), more=True),
    ),
    # UCS2 with a character beyond U+FFFF, from a name, to be shown at once.
    (
        f"04 09 D0 46 66 B1 48 05 00 18 {AT_OCTETS} 06 20 AC D8 3D DE 00",
        Deliver(Address("FLEET", 5, 0), AT, ucs2.encode("€😀"), dcs=dcs.decode(0x18)),
    ),
    # Every flag of the first octet, and an absolute validity.
    (
        f"BD 07 04 81 21 43 41 00 {AT_OCTETS} 00",
        Submit(
            SHORT,
            pid=0x41,
            reference=7,
            validity=AT,
            reject_duplicates=True,
            status_report=True,
            reply_path=True,
        ),
    ),
    # An enhanced validity: one attempt, within 30 seconds.
    (
        "09 07 04 81 21 43 00 04 42 1E 00 00 00 00 00 02 CA FE",
        Submit(
            SHORT,
            b"\xca\xfe",
            dcs=dcs_for(Alphabet.OCTET),
            reference=7,
            validity=Enhanced(Unit.SECONDS, 30, True),
        ),
    ),
    (
        f"AC 04 81 21 43 00 00 {AT_OCTETS} 00",
        Deliver(SHORT, AT, loop=True, status_report=True, reply_path=True),
    ),
    # A status report of a command, forwarded, with all that it may have.
    (
        f"6A 07 04 81 21 43 {AT_OCTETS} {AT_OCTETS} 46 07 40 04 08 06 05 04 0B 84 23 F0 FF",
        StatusReport(
            7,
            SHORT,
            AT,
            AT,
            0x46,
            0x40,
            dcs_for(Alphabet.OCTET),
            b"\xff",
            PUSH,
            more=True,
            loop=True,
            of_command=True,
        ),
    ),
    # Delete message 7; and one with data behind a header.
    ("22 08 00 02 07 04 81 21 43 00", Command(8, 2, 7, SHORT, status_report=True)),
    (
        "42 08 00 E0 07 04 81 21 43 08 06 05 04 0B 84 23 F0 FF",
        Command(8, 0xE0, 7, SHORT, b"\xff", PUSH),
    ),
    # A phone takes a message; another has no room for it, and says so in words.
    ("00 00", DeliverReport()),
    ("00 D3 00", DeliverReport(0xD3)),
    ("00 D3 04 04 E6 3A 9B 0D", DeliverReport(0xD3, body=b"full")),
    ("00 07 7F F6 02 90 00", DeliverReport(None, 0x7F, dcs.decode(0xF6), b"\x90\0")),
    # An SMSC takes a message; it is busy.
    (f"01 00 {AT_OCTETS}", SubmitReport(AT)),
    (f"01 C0 00 {AT_OCTETS}", SubmitReport(AT, 0xC0)),
    (f"01 C0 01 {AT_OCTETS} 40", SubmitReport(AT, 0xC0, 0x40)),
]


@pytest.mark.parametrize(("octets", "pdu"), PAIRS)
def test_a_tpdu_lies_as_the_specification_has_it(octets: str, pdu: Tpdu) -> None:
    assert tpdu.decode(bytes.fromhex(octets), pdu.direction) == pdu
    assert tpdu.encode(pdu).hex(" ").upper() == octets


def test_the_direction_tells_tpdus_apart_that_begin_alike() -> None:
    octets = bytes.fromhex("00 00")
    assert tpdu.decode(octets, MO) == DeliverReport()
    with pytest.raises(EncodingError, match="TP-OA"):
        tpdu.decode(octets, MT)


def test_a_message_of_a_modem_has_the_smscs_address_in_front() -> None:
    octets = bytes.fromhex(
        "07911326040000F0040B911346610089F60000208062917314000CC8F71D14969741F977FD07"
    )
    centre, at = decode_service_centre(octets)
    assert centre == Address("31624000000", 1, 1)
    pdu = tpdu.decode(octets, MT, at)
    assert isinstance(pdu, Deliver)
    assert pdu.origin == Address("31641600986", 1, 1)
    assert str(pdu.timestamp) == "2002-08-26T19:37:41+00:00"
    assert pdu.text == "How are you?"
    assert octets[:at] + tpdu.encode(pdu) == octets


# Text.


@pytest.mark.parametrize(
    ("scheme", "body", "text"),
    [
        (0x00, gsm7.encode("5 € @ home"), "5 € @ home"),
        (0xC8, b"\x1b\x65", "€"),
        (0x80, b"reserved", "reserved"),
        (0x08, ucs2.encode("Привет 😀"), "Привет 😀"),
        (0xE8, ucs2.encode("да"), "да"),
        (0x00, b"", ""),
        (0x04, b"octets", None),
        (0xF4, b"octets", None),
        (0x20, b"compressed", None),
        (0x08, b"\xd8\x3d", None),
        (0x08, b"odd", None),
    ],
)
def test_a_text_is_read_as_tp_dcs_says(scheme: int, body: bytes, text: str | None) -> None:
    pdu = tpdu.decode(tpdu.encode(Deliver(SHORT, AT, body, dcs=dcs.decode(scheme))), MT)
    assert pdu.text == text


def test_a_text_is_read_with_the_languages_that_its_header_announces() -> None:
    turkish = Shifts(Language.TURKISH, Language.TURKISH)
    body = gsm7.encode("ğüneş", *turkish)
    pdu = Deliver(SHORT, AT, body, udh.encode(turkish.elements))
    assert tpdu.decode(tpdu.encode(pdu), MT).text == "ğüneş"


def test_why_there_is_no_text_is_told() -> None:
    with pytest.raises(EncodingError, match="compressed text"):
        Deliver(SHORT, AT, b"", dcs=dcs.decode(0x20)).read_text()
    with pytest.raises(EncodingError, match="no user data"):
        DeliverReport().read_text()
    assert Command(8, 2, 7, SHORT).text is None


def test_a_report_without_a_tp_dcs_is_gsm_text() -> None:
    assert DeliverReport(body=b"\0").text == "@"


def test_a_full_message_has_160_septets_or_140_octets() -> None:
    assert len(tpdu.encode(Submit(SHORT, b"x" * 160))) == 9 + 140
    assert len(tpdu.encode(Submit(SHORT, b"x" * 153, PARTED))) == 9 + 140
    for body, header in ((b"x" * 161, b""), (b"x" * 154, PARTED)):
        with pytest.raises(EncodingError, match="TP-UD holds 140 octets, not 141"):
            tpdu.encode(Submit(SHORT, body, header))
    with pytest.raises(EncodingError, match="TP-UD holds 140 octets, not 142"):
        tpdu.encode(Submit(SHORT, ucs2.encode("x" * 71), dcs=dcs_for(Alphabet.UCS2)))


@pytest.mark.parametrize(
    ("pdu", "most"),
    [
        (DeliverReport(), 159),
        (DeliverReport(0xD3), 158),
        (SubmitReport(AT), 152),
        (SubmitReport(AT, 0xC0), 151),
        (StatusReport(1, SHORT, AT, AT, 0), 143),
    ],
)
def test_a_report_has_as_much_room_as_its_clause_gives(
    pdu: DeliverReport | SubmitReport | StatusReport, most: int
) -> None:
    scheme = dcs_for(Alphabet.OCTET)
    full = replace(pdu, dcs=scheme, body=b"x" * most)
    assert tpdu.decode(tpdu.encode(full), full.direction) == full
    with pytest.raises(EncodingError, match=f"TP-UD holds {most} octets"):
        tpdu.encode(replace(full, body=b"x" * (most + 1)))


def test_a_header_is_there_as_values() -> None:
    pdu = Deliver(SHORT, AT, b"hi", PARTED)
    assert pdu.udh is not None
    assert pdu.udh.concatenation == Concatenation(42, 2, 1)
    assert Deliver(SHORT, AT).udh is None


# What a receiver ignores.


def test_spare_bits_behind_the_text_are_ignored() -> None:
    octets = bytearray(tpdu.encode(Deliver(SHORT, AT, b"hi")))
    octets[-1] |= 0xC0
    assert tpdu.decode(bytes(octets), MT).text == "hi"


def test_reserved_bits_of_the_first_octet_are_ignored() -> None:
    octets = bytearray(tpdu.encode(Deliver(SHORT, AT, b"hi")))
    octets[0] |= 0x10
    assert tpdu.decode(bytes(octets), MT) == Deliver(SHORT, AT, b"hi")


def test_what_a_reserved_bit_of_tp_pi_announces_is_ignored() -> None:
    octets = bytes.fromhex("00 0C 01 E8") + b"whatever"
    assert tpdu.decode(octets, MO) == DeliverReport(body=b"h")


def test_extensions_of_tp_pi_are_passed_over() -> None:
    octets = bytes.fromhex(f"01 C0 81 80 00 {AT_OCTETS} 40")
    assert tpdu.decode(octets, MT) == SubmitReport(AT, 0xC0, 0x40)


# What is refused, and where.


@pytest.mark.parametrize(
    ("octets", "direction", "message", "offset"),
    [
        ("", MT, "first octet at offset 0 needs 1 octet, 0 are left", 0),
        ("03", MT, "TP-MTI at offset 0 is 3, which is reserved", 0),
        ("03", MO, "TP-MTI at offset 0 is 3, which is reserved", 0),
        ("04", MT, "TP-OA: an address at offset 1 needs 2 octets", 1),
        ("04 0B 91 64 07", MT, "TP-OA: the address at offset 1 says 11 semi-octets", 1),
        ("04 04 81 F1 43", MT, "TP-OA: digit 2 of the address, at offset 3", 3),
        ("04 04 81 21 43", MT, "TP-PID at offset 5 needs 1 octet", 5),
        ("04 04 81 21 43 00", MT, "TP-DCS at offset 6", 6),
        ("04 04 81 21 43 00 00 62 11", MT, "TP-SCTS at offset 7 needs 7 octets, 2 are left", 7),
        (f"04 04 81 21 43 00 00 {AT_OCTETS}", MT, "TP-UDL at offset 14", 14),
        (f"04 04 81 21 43 00 00 {AT_OCTETS} A1", MT, "TP-UDL at offset 14 says 161, 160 are", 14),
        (f"04 04 81 21 43 00 04 {AT_OCTETS} 8D", MT, "TP-UDL at offset 14 says 141, 140 are", 14),
        (f"04 04 81 21 43 00 00 {AT_OCTETS} 03 68", MT, "TP-UD at offset 15 needs 3 octets", 15),
        (f"04 04 81 21 43 00 00 {AT_OCTETS} 00 FF FF", MT, "2 octets follow the last field", 15),
        (f"44 04 81 21 43 00 00 {AT_OCTETS} 00", MT, "TP-UD: .* offset 15 is missing", 15),
        (f"44 04 81 21 43 00 04 {AT_OCTETS} 02 05 00", MT, "TP-UD: .* claims 5 octets", 15),
        (f"44 04 81 21 43 00 04 {AT_OCTETS} 04 03 00 01 2A", MT, "has 1 octets, not 3", 16),
        (f"44 04 81 21 43 00 04 {AT_OCTETS} 04 03 24 02 2A", MT, "claims 2 octets", 16),
        (f"44 04 81 21 43 00 00 {AT_OCTETS} 07 06 24 04 00 00 00 00", MT, "header takes 8", 14),
        ("01 07 04 81 21 43 00", MO, "TP-DCS at offset 7", 7),
        ("11 07 04 81 21 43 00 00", MO, "TP-VP: a TP-VP at offset 8 needs 1 octets", 8),
        ("09 07 04 81 21 43 00 00 07 00 00 00 00 00 00", MO, "TP-VP: .* reserved format 7", 8),
        ("02 07 00 02 07 04 81 21 43 9D", MO, "TP-CDL at offset 9 says 157, 156 are", 9),
        ("02 07 00 02 07 04 81 21 43 02 00", MO, "TP-CD at offset 10 needs 2 octets", 10),
        ("00 D3", MO, "TP-PI at offset 2", 2),
        ("00 D3 80 80 80 80 80 80 80 80 80", MO, "TP-PI at offset 10 has no end", 10),
        ("01 00 62", MT, "TP-SCTS at offset 2", 2),
        (f"06 07 04 81 21 43 {AT_OCTETS} {AT_OCTETS}", MT, "TP-ST at offset 20", 20),
    ],
)
def test_a_malformed_tpdu_is_refused_with_field_and_offset(
    octets: str, direction: Direction, message: str, offset: int
) -> None:
    with pytest.raises(EncodingError, match=message) as refused:
        tpdu.decode(bytes.fromhex(octets), direction)
    assert refused.value.offset == offset


@pytest.mark.parametrize(
    ("pdu", "message"),
    [
        (Deliver(Address("12x"), AT), "TP-OA: character 'x'"),
        (Submit(SHORT, reference=256), "TP-MR is 0 to 255, not 256"),
        (Submit(SHORT, pid=-1), "TP-PID is 0 to 255, not -1"),
        (Submit(SHORT, validity=Relative(256)), "TP-VP: a relative TP-VP"),
        (Submit(SHORT, b"\xe9"), "TP-UD: octet 0xE9 at offset 0"),
        (Submit(SHORT, dcs=Dcs(Alphabet.LATIN1)), "no TP-DCS says"),
        (Submit(SHORT, header=b"\x05\0"), "header at offset 0 claims 5 octets"),
        (Submit(SHORT, header=b"\0\0"), "TP-UD: the header is 1 octets, not 2"),
        (DeliverReport(0x7F), "TP-FCS is 0x80 to 0xFF, not 127"),
        (DeliverReport(header=PUSH), "a header needs a body behind it"),
        (Command(1, 256, 1, SHORT), "TP-CT is 0 to 255"),
        (Command(1, 1, 1, SHORT, bytes(157)), "TP-CD holds 156 octets, not 157"),
        (Deliver(SHORT, Timestamp(100, 1, 1)), "TP-SCTS: .* is no time stamp"),
    ],
)
def test_what_does_not_fit_is_not_written(pdu: Tpdu, message: str) -> None:
    with pytest.raises(EncodingError, match=message):
        tpdu.encode(pdu)


def test_the_fields_of_a_tpdu_are_told_with_their_places() -> None:
    octets = bytes.fromhex("11 00 04 81 21 43 00 00 AA 02 E8 34")
    assert [tuple(span) for span in tpdu.spans(octets, MO)] == [
        ("first octet", 0, 1),
        ("TP-MR", 1, 2),
        ("TP-DA", 2, 6),
        ("TP-PID", 6, 7),
        ("TP-DCS", 7, 8),
        ("TP-VP", 8, 9),
        ("TP-UDL", 9, 10),
        ("TP-UD", 10, 12),
    ]
    assert septets.unpack(octets[10:12], 2) == b"hi"
