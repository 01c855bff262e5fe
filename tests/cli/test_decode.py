"""smsc decode: what it takes octets for, what it shows, and how it points at what is wrong."""

import pytest

from smsc.cli.app import main
from smsc.cli.decode import explained, read_hexadecimal
from smsc.cli.failure import Failure
from smsc.smpp import codec
from smsc.smpp.pdu import EnquireLink, SubmitSm
from smsc_encodings import tpdu
from smsc_encodings.address import Address, encode_service_centre
from smsc_encodings.errors import EncodingError
from smsc_encodings.timestamps import Timestamp
from smsc_encodings.tpdu import (
    Command,
    Deliver,
    DeliverReport,
    StatusReport,
    Submit,
    SubmitReport,
    Tpdu,
)

Capture = pytest.CaptureFixture[str]

SUBMIT = "0011000B916407281553F80000AA0AE8329BFD4697D9EC37"
ANNA = Address("46708251358", 1, 1)
AT = Timestamp(26, 11, 21, 10, 40, 43, -32)


def shown(capsys: Capture, *arguments: str) -> list[list[str]]:
    """Run a command that succeeds, and return the columns it printed."""
    assert main(["decode", *arguments]) == 0
    return [line.split("\t") for line in capsys.readouterr().out.splitlines()]


def failed(capsys: Capture, *arguments: str) -> str:
    """Run a command that fails, and return its one line on stderr."""
    assert main(["decode", *arguments]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    (line,) = told.err.splitlines()
    return line


def test_a_tpdu_of_a_modem_is_shown_field_by_field(capsys: Capture) -> None:
    rows = shown(capsys, SUBMIT)
    assert rows[0][:3] == ["0", "SMSC address", ""]
    assert rows[1][:3] == ["1", "SMS-SUBMIT", "MO"]
    by_name = {name.strip(): rest for _, name, *rest in rows}
    assert by_name["TP-DA"] == [
        "46708251358",
        "international, plan ISDN (E.164)",
        "9.2.3.8",
        "0b 91 64 07 28 15 53 f8",
    ]
    assert by_name["TP-VP"][:2] == ["0xAA", "relative: 4 days, 0:00:00"]
    assert by_name["TP-VPF"][:2] == ["10", "relative format"]
    assert by_name["text"][0] == "hellohello"


def test_fields_inside_others_are_indented(capsys: Capture) -> None:
    names = [row[1] for row in shown(capsys, SUBMIT)]
    assert names[2:4] == ["  first octet", "    TP-RP"]


def test_smpp_pdus_are_shown_one_after_the_other(capsys: Capture) -> None:
    octets = codec.encode(EnquireLink(7)) + codec.encode(SubmitSm(8, short_message=b"hi"))
    rows = shown(capsys, octets.hex())
    assert [row[1] for row in rows if not row[1].startswith(" ")] == ["enquire_link", "submit_sm"]
    assert ["49", "    text", "hi", "2 characters", "", ""] in rows


@pytest.mark.parametrize(
    "written",
    [
        ["0011000B91", "6407281553F80000", "AA0AE8329BFD4697D9EC37"],
        ["00:11:00:0B:91:64:07:28:15:53:F8:00:00:AA:0A:E8:32:9B:FD:46:97:D9:EC:37"],
        [f"0x{SUBMIT}"],
        [" ".join(f"0x{SUBMIT[at : at + 2]}" for at in range(0, len(SUBMIT), 2))],
        [f" {SUBMIT[:10]}\n{SUBMIT[10:].lower()} "],
    ],
)
def test_octets_are_read_as_people_write_them(written: list[str]) -> None:
    assert read_hexadecimal(written) == bytes.fromhex(SUBMIT)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ([], "there are no octets: give two digits for each"),
        (["001"], "3 digits make no whole octets"),
        (["00zz"], "'z' is no hexadecimal digit: give octets as"),
        (["00\x1b"], "is no hexadecimal digit"),
    ],
)
def test_what_is_not_hexadecimal_is_told(written: list[str], message: str) -> None:
    with pytest.raises(Failure, match=message):
        read_hexadecimal(written)


EACH: list[tuple[Tpdu, str]] = [
    (Deliver(ANNA, AT, b"hi"), "SMS-DELIVER"),
    (Submit(ANNA, b"hi"), "SMS-SUBMIT"),
    (StatusReport(7, ANNA, AT, AT, 0), "SMS-STATUS-REPORT"),
    (Command(8, 2, 7, ANNA), "SMS-COMMAND"),
    (DeliverReport(), "SMS-DELIVER-REPORT"),
    (DeliverReport(0xD3, body=b"full"), "SMS-DELIVER-REPORT"),
    (SubmitReport(AT), "SMS-SUBMIT-REPORT"),
    (SubmitReport(AT, 0xC0, 0), "SMS-SUBMIT-REPORT"),
]


@pytest.mark.parametrize(("pdu", "name"), EACH)
@pytest.mark.parametrize("centre", [Address("491700000000", 1, 1), None])
def test_what_a_tpdu_is_and_where_it_begins_is_told_from_what_can_be_read(
    pdu: Tpdu, name: str, centre: Address | None
) -> None:
    octets = tpdu.encode(pdu)
    (fact,) = explained(octets)
    assert (fact.name, fact.value) == (name, pdu.direction.upper())
    if "REPORT" not in name:
        behind = explained(encode_service_centre(centre) + octets)
        assert [each.name for each in behind] == ["SMSC address", name]


def test_a_direction_can_be_forced() -> None:
    octets = bytes.fromhex("00 00")
    assert explained(octets)[0].name == "SMS-DELIVER-REPORT"
    with pytest.raises(EncodingError, match="TP-OA"):
        explained(octets, direction="mt")


def test_an_address_in_front_can_be_forced() -> None:
    octets = encode_service_centre(None) + tpdu.encode(SubmitReport(AT))
    assert explained(octets, smsc_address=True)[1].name == "SMS-SUBMIT-REPORT"


def test_smpp_can_be_forced() -> None:
    with pytest.raises(EncodingError, match="command_length"):
        explained(bytes.fromhex(SUBMIT), smpp=True)


def test_smpp_and_a_tpdu_cannot_be_forced_at_once(capsys: Capture) -> None:
    line = failed(capsys, "--smpp", "--tpdu", "mo", SUBMIT)
    assert line == ("smsc decode: --smpp is SMPP, --tpdu and --smsc-address are not: leave one out")


def test_an_error_points_at_the_octet(capsys: Capture) -> None:
    assert failed(capsys, SUBMIT[:-2]) == (
        "smsc decode: TP-UD at offset 15 needs 9 octets, 8 are left:"
        " ... 00 00 aa 0a [e8] 32 9b fd 46 ..."
    )
    assert failed(capsys, "--tpdu", "mo", "01 07") == (
        "smsc decode: TP-DA: an address at offset 2 needs 2 octets, 0 are left: 01 07 [end]"
    )


def test_an_error_in_a_later_pdu_is_counted_from_the_first_octet(capsys: Capture) -> None:
    octets = codec.encode(EnquireLink(7)) + b"\0\0\0\x10\0\0\1\0" + bytes(8)
    assert failed(capsys, octets.hex()) == (
        "smsc decode: command_id at offset 20 is 0x00000100, which is no command:"
        " ... 00 00 00 10 [00] 00 01 00 00 ..."
    )


def test_of_what_it_may_be_the_error_of_the_likeliest_is_told() -> None:
    cut = tpdu.encode(Deliver(ANNA, AT, b"hello there"))[:-3]
    with pytest.raises(EncodingError, match="TP-UD at offset"):
        explained(cut)


def test_what_a_text_has_that_a_terminal_would_obey_is_escaped(capsys: Capture) -> None:
    octets = codec.encode(SubmitSm(8, data_coding=3, short_message=b"\x1b[2J\ta"))
    (row,) = [row for row in shown(capsys, octets.hex()) if row[1].strip() == "text"]
    assert row[2] == r"\x1b[2J\ta"
