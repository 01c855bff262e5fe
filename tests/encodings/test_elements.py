"""Information elements: 3GPP TS 23.040, 9.2.3.24.1 to 9.2.3.24.16."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_encodings import element_table, udh
from smsc_encodings.address import Address
from smsc_encodings.element_table import ROWS, iei_of, name_of
from smsc_encodings.elements import (
    CharacterSizeWvg,
    CompressionControl,
    Concatenation,
    Element,
    EnhancedVoiceMail,
    ExtendedObject,
    ExtendedObjectDataRequest,
    Hyperlink,
    InformationElement,
    LargeAnimation,
    LargePicture,
    Malformed,
    NationalLockingShift,
    NationalSingleShift,
    ObjectDistribution,
    Ports8,
    Ports16,
    PredefinedAnimation,
    PredefinedSound,
    ReplyAddress,
    ReusedExtendedObject,
    Rfc822Header,
    SmallAnimation,
    SmallPicture,
    SmscControl,
    SourceIndicator,
    SpecialIndication,
    StandardWvg,
    TextFormatting,
    UserDefinedSound,
    UserPrompt,
    VariablePicture,
    Wcmp,
)
from smsc_encodings.errors import EncodingError

ANNA = Address("46708251358", 1, 1)

EXAMPLES: list[tuple[str, InformationElement]] = [
    ("00 03 2A 02 01", Concatenation(42, 2, 1)),
    ("01 02 80 05", SpecialIndication(0x80, 5)),
    ("04 02 F0 F1", Ports8(240, 241)),
    ("05 04 0B 84 23 F0", Ports16(2948, 9200)),
    ("06 01 C3", SmscControl(0xC3)),
    ("07 01 02", SourceIndicator(2)),
    ("08 04 12 34 02 01", Concatenation(0x1234, 2, 1, wide=True)),
    ("09 03 01 02 03", Wcmp(b"\1\2\3")),
    ("0A 03 00 05 10", TextFormatting(0, 5, 0x10)),
    ("0A 04 00 05 10 21", TextFormatting(0, 5, 0x10, b"\x21")),
    ("0B 02 03 07", PredefinedSound(3, 7)),
    ("0C 04 03 42 45 47", UserDefinedSound(3, b"BEG")),
    ("0D 02 03 05", PredefinedAnimation(3, 5)),
    ("0E 81 03" + " AA" * 128, LargeAnimation(3, b"\xaa" * 128)),
    ("0F 21 03" + " AA" * 32, SmallAnimation(3, b"\xaa" * 32)),
    ("10 81 03" + " AA" * 128, LargePicture(3, b"\xaa" * 128)),
    ("11 21 03" + " AA" * 32, SmallPicture(3, b"\xaa" * 32)),
    ("12 05 03 01 02 F0 0F", VariablePicture(3, 1, 2, b"\xf0\x0f")),
    ("13 01 02", UserPrompt(2)),
    ("14 03 01 00 04", ExtendedObject(b"\1\0\4")),
    ("15 03 01 00 04", ReusedExtendedObject(1, 4)),
    ("16 03 01 00 04", CompressionControl(b"\1\0\4")),
    ("17 02 02 01", ObjectDistribution(2, 1)),
    ("18 03 03 01 02", StandardWvg(3, b"\1\2")),
    ("19 03 03 01 02", CharacterSizeWvg(3, b"\1\2")),
    ("1A 01 07", ExtendedObjectDataRequest(b"\7")),
    ("20 01 19", Rfc822Header(25)),
    ("21 04 01 00 05 14", Hyperlink(256, 5, 20)),
    ("22 08 0B 91 64 07 28 15 53 F8", ReplyAddress(ANNA)),
    ("23 0B 74 0B 91 64 07 28 15 53 F8 02 00", EnhancedVoiceMail(0x74, ANNA, 2, 0)),
    (
        "23 0F 00 0B 91 64 07 28 15 53 F8 02 01 00 01 1E 05",
        EnhancedVoiceMail(0, ANNA, 2, 1, b"\0\1\x1e\5"),
    ),
    ("24 01 01", NationalSingleShift(1)),
    ("25 01 03", NationalLockingShift(3)),
    ("26 01 03", Element(0x26, b"\3")),
    ("70 00", Element(0x70, b"")),
]


@pytest.mark.parametrize(("octets", "element"), EXAMPLES)
def test_an_element_lies_as_its_clause_has_it(octets: str, element: InformationElement) -> None:
    written = bytes.fromhex(octets)
    header = bytes((len(written),)) + written
    (read,) = udh.decode(header).elements
    assert read == element
    assert type(read) is type(element)
    assert udh.encode([element]) == header


def test_every_row_has_an_example() -> None:
    assert {iei_of(element) for _, element in EXAMPLES} >= set(ROWS)


def test_elements_of_different_kinds_are_not_the_same() -> None:
    narrow: InformationElement = Ports8(1, 2)
    wide: InformationElement = Ports16(1, 2)
    assert narrow != wide


@st.composite
def elements(draw: st.DrawFn) -> InformationElement:
    iei = draw(st.sampled_from(sorted(ROWS)))
    row = ROWS[iei]
    size = draw(st.integers(row.least, min(row.most, row.least + 20)))
    data = draw(st.binary(min_size=row.numbers.size + size, max_size=row.numbers.size + size))
    return element_table.read(iei, data, 1)


@given(st.lists(elements(), max_size=4))
def test_elements_of_all_kinds_come_back(found: list[InformationElement]) -> None:
    try:
        octets = udh.encode(found)
    except EncodingError as error:
        assert "holds 255 octets" in str(error)
        return
    again = udh.decode(octets).elements
    assert [element_table.write(each) for each in again] == list(map(element_table.write, found))
    assert list(map(iei_of, again)) == list(map(iei_of, found))


@given(st.integers(0, 255), st.binary(max_size=140))
def test_whatever_an_element_holds_is_written_as_it_was(iei: int, data: bytes) -> None:
    element = element_table.read(iei, data, 1)
    assert element_table.write(element) == data
    assert iei_of(element) == iei


@given(elements())
def test_every_field_of_an_element_is_a_value(element: InformationElement) -> None:
    if not isinstance(element, Concatenation | Element):
        for field in fields(element):
            assert isinstance(getattr(element, field.name), int | bytes | str | Address)


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        ("01 01 80", "special SMS message indication element at offset 1 can't be 1 octets"),
        ("06 00", "SMSC control parameters element at offset 1 can't be 0 octets"),
        ("0F 03 00 01 02", "small animation element at offset 1 can't be 3 octets"),
        ("22 03 0B 91 64", "reply address element at offset 1 can't be read: the address"),
        ("22 05 02 91 64 07 08", "2 octets are behind the address"),
        ("23 05 00 04 91 21 43", "it ends before its counts"),
    ],
)
def test_an_element_that_breaks_its_clause_says_how(octets: str, reason: str) -> None:
    written = bytes.fromhex(octets)
    (read,) = udh.decode(bytes((len(written),)) + written).elements
    assert isinstance(read, Malformed)
    assert reason in read.reason
    assert read.data == written[2:]


def test_an_address_that_would_be_written_otherwise_is_kept_as_it_is() -> None:
    spare_bits = bytes.fromhex("02 D0 C1")
    assert element_table.read(0x22, spare_bits, 1) == Element(0x22, spare_bits)


@pytest.mark.parametrize(
    "element",
    [
        Ports8(256, 0),
        Ports16(-1, 0),
        Hyperlink(65536, 0, 0),
        EnhancedVoiceMail(256, ANNA, 0, 0),
        ReplyAddress(Address("12x")),
        SmallPicture(0, bytes(31)),
        TextFormatting(0, 0, 0, b"too long"),
    ],
)
def test_what_does_not_fit_an_element_is_not_written(element: InformationElement) -> None:
    with pytest.raises(EncodingError):
        udh.encode([element])


def test_a_special_indication_tells_what_waits() -> None:
    video = SpecialIndication(0xA7, 3)
    assert (video.store, video.profile, video.extended_kind, video.kind) == (True, 2, 1, 3)


def test_a_voice_mail_element_tells_of_messages_or_confirms_a_deletion() -> None:
    assert not EnhancedVoiceMail(0x74, ANNA, 2, 0).deletion
    assert EnhancedVoiceMail(0x01, ANNA, 2, 0).deletion


@pytest.mark.parametrize(
    ("iei", "name"),
    [
        (0x02, "reserved"),
        (0x21, "hyperlink format"),
        (0x70, "(U)SIM toolkit security header"),
        (0x9F, "SME to SME specific"),
        (0xA0, "reserved"),
        (0xC0, "SC specific"),
        (0xFF, "reserved"),
    ],
)
def test_every_identifier_has_a_name(iei: int, name: str) -> None:
    assert name_of(iei) == name
