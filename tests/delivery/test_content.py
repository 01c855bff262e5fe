"""What rules see of a message: its segments, whether it is binary, and the text a phone shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.config import parse
from smsc.delivery import intake
from smsc.delivery.admission import unfit
from smsc.delivery.content import content
from smsc.delivery.submission import Submission
from smsc.message import Address
from smsc.policies import Policies
from smsc.smpp.commands import ESM_UDHI
from smsc_encodings import gsm7, udh
from smsc_encodings.elements import NationalSingleShift
from smsc_encodings.shift_tables import Language
from smsc_routing.decision import Reason
from smsc_routing.rules import Content
from smsc_routing.traffic import Party
from tests.delivery.world import ANNA, World


def seen(payload: bytes, data_coding: int = 0, esm_class: int = 0) -> Content:
    return content(submission(payload, data_coding, esm_class), with_text=True)


def submission(payload: bytes, data_coding: int = 0, esm_class: int = 0) -> Submission:
    source, dest = Address(0, 1, "1234"), Address(1, 1, ANNA)
    return Submission(
        Party.APPLICATION, "fleet", source, dest, payload, data_coding, esm_class=esm_class
    )


@pytest.mark.parametrize(
    ("payload", "data_coding", "text"),
    [
        (b"hello", 0, "hello"),
        (b"\x00 \x1be", 0, "@ \u20ac"),
        (b"hello", 1, "hello"),
        ("caf\u00e9".encode("latin-1"), 3, "caf\u00e9"),
        ("\u00e7a".encode("latin-1"), 3, "\u00e7a"),
        ("\u043f\u0440\u0438".encode("utf-16-be"), 8, "\u043f\u0440\u0438"),
        ("\u0434\u0430".encode("iso8859-5"), 6, "\u0434\u0430"),
        (b"flash", 0x10, "flash"),
        (b"", 0, ""),
    ],
)
def test_text_is_read_in_its_alphabet(payload: bytes, data_coding: int, text: str) -> None:
    assert seen(payload, data_coding) == Content(1, False, text)


@pytest.mark.parametrize("data_coding", [2, 4, 9, 15, 0x14, 0xF4])
def test_what_goes_as_8_bit_is_binary_and_has_no_text(data_coding: int) -> None:
    assert seen(b"http://x", data_coding) == Content(1, True, "")


def test_what_is_compressed_is_binary_for_nobody_can_read_it() -> None:
    assert seen(b"http://x", 0x20).binary


def test_what_is_no_text_in_the_alphabet_it_names_is_binary() -> None:
    assert seen(b"\xff\xfe", 1).binary


@pytest.mark.parametrize(
    ("payload", "data_coding", "text"),
    [
        (b"ht\xfftp", 0, "ht?tp"),
        (b"http\x1b", 0, "http "),
        ("\ud83d".encode("utf-16-be", "surrogatepass") + b"\x00x", 8, "\ufffdx"),
        (b"\x00h\x00t\x00", 8, "ht\ufffd"),
    ],
)
def test_octets_that_the_alphabet_does_not_hold_do_not_hide_the_others(
    payload: bytes, data_coding: int, text: str
) -> None:
    assert seen(payload, data_coding).text == text


def test_a_text_is_read_by_the_national_tables_that_its_header_announces() -> None:
    header = udh.encode([NationalSingleShift(Language.TURKISH)])
    body = gsm7.encode("\u015fimdi", Language.DEFAULT, Language.TURKISH)
    assert seen(header + body, 0, ESM_UDHI) == Content(1, False, "\u015fimdi")


def test_a_long_text_has_the_segments_that_it_is_cut_into() -> None:
    assert [seen(b"x" * size).segments for size in (160, 161, 306, 307)] == [1, 2, 2, 3]
    assert seen(b"x" * 65_000).segments == 255


def test_a_part_that_was_cut_before_has_the_segments_of_the_whole() -> None:
    header = udh.encode([udh.Concatenation(7, 4, 2, False)])
    assert seen(header + b"part", 0, ESM_UDHI) == Content(4, False, "part")


def test_a_header_that_is_about_something_else_is_one_segment() -> None:
    assert seen(b"\x06\x05\x04\x0b\x84\x23\xf0body", 0, ESM_UDHI) == Content(1, False, "body")


@given(st.binary(max_size=300), st.integers(0, 255), st.sampled_from([0, ESM_UDHI]))
def test_whatever_the_octets_they_can_be_looked_at(
    payload: bytes, data_coding: int, esm_class: int
) -> None:
    if unfit(payload, esm_class, data_coding) is None:
        found = seen(payload, data_coding, esm_class)
        assert 1 <= found.segments <= 255
        assert found.text.encode() is not None
        assert not (found.binary and found.text)


# On the road.

STRICT = """
[[policies]]
name = "strict"
max_segments = 1
binary = false
forbidden_text = ['(?i)https?://']
"""


@pytest.mark.parametrize(
    ("payload", "data_coding", "reason"),
    [
        (b"x" * 161, 0, Reason.TOO_LONG),
        (b"data", 4, Reason.SWITCHED_OFF),
        (b"see HTTP://x", 0, Reason.SWITCHED_OFF),
        ("see http://x \u2713".encode("utf-16-be"), 8, Reason.SWITCHED_OFF),
    ],
)
async def test_rules_look_at_what_is_submitted(
    world: World, payload: bytes, data_coding: int, reason: Reason
) -> None:
    world.numbers.policies[ANNA] = Policies(parse(STRICT, "smsc.toml").policies).find("strict")
    await world.send()
    token = world.submit(payload=payload, data_coding=data_coding)
    assert world.door.verdicts[token].reason is reason


async def test_a_text_is_not_read_where_no_rule_looks_at_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    def spied(submission: Submission, with_text: bool) -> Content:
        asked.append(with_text)
        return content(submission, with_text)

    monkeypatch.setattr(intake, "content", spied)
    await world.send()
    short = '[[policies]]\nname = "short"\nmax_segments = 1'
    world.numbers.policies[ANNA] = Policies(parse(short, "smsc.toml").policies).find("short")
    await world.send()
    assert asked == [False]
