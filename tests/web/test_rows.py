"""A CSV file of devices: lines however the octets come, and each line a device or a mistake."""

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.subscriber import Device, Identity
from smsc.web.rows import LONGEST_LINE, BadRow, Columns, Line, Lines

ANNA = "491700000001"


def lines(*chunks: bytes) -> list[Line]:
    reading = Lines()
    found = [line for chunk in chunks for line in reading.feed(chunk)]
    return [*found, *reading.end()]


def device(header: str, line: str) -> Device:
    return Columns(Line(1, header.encode())).read(Line(2, line.encode()))


def wrong(header: str, line: str | bytes) -> str:
    columns = Columns(Line(1, header.encode()))
    with pytest.raises(BadRow) as told:
        columns.read(Line(2, line if isinstance(line, bytes) else line.encode()))
    return str(told.value)


# Lines.


def test_lines_are_counted_from_one_and_blank_ones_are_left_out() -> None:
    assert lines(b"a\n\nb\r\n  \nc") == [Line(1, b"a"), Line(3, b"b"), Line(5, b"c")]


def test_a_mark_of_the_byte_order_is_no_part_of_the_first_line() -> None:
    assert lines(b"\xef\xbb", b"\xbfa\nb") == [Line(1, b"a"), Line(2, b"b")]


def test_a_file_of_nothing_has_no_lines() -> None:
    assert lines() == lines(b"") == lines(b"\n\r\n") == []


@pytest.mark.parametrize("size", [LONGEST_LINE + 1, 10 * LONGEST_LINE])
def test_a_line_that_is_too_long_is_known_by_its_number_alone(size: int) -> None:
    octets = b"a\n" + b"x" * size + b"\nb\n"
    parts = [octets[at : at + 1000] for at in range(0, len(octets), 1000)]
    assert lines(*parts) == lines(octets) == [Line(1, b"a"), Line(2, None), Line(3, b"b")]


def test_a_line_that_never_ends_is_not_kept() -> None:
    reading = Lines()
    for _ in range(1000):
        assert list(reading.feed(b"x" * 1000)) == []
    assert len(reading._rest) <= LONGEST_LINE
    assert list(reading.end()) == [Line(1, None)]


@given(st.binary(max_size=60), st.lists(st.integers(0, 60), max_size=6))
def test_lines_are_the_same_however_the_octets_come(octets: bytes, cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(octets)]
    assert lines(*(octets[a:b] for a, b in itertools.pairwise(places))) == lines(octets)


# Columns.


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("msisdn,imsy", "no such column: 'imsy'; did you mean 'imsi'?"),
        ("msisdn;imsi", "no such column: 'msisdn;imsi'; did you mean 'msisdn'?"),
        ("msisdn,override.mt_limt", "did you mean 'override.mt_limit'?"),
        ("msisdn,override.name", "no such column: 'override.name'"),
        ("msisdn,", "no such column: ''"),
        ("imsi,policy", "there is no column msisdn"),
        ("msisdn,imsi,imsi", "column 'imsi' stands there twice"),
        ('"msisdn', "not CSV"),
    ],
)
def test_columns_that_are_wrong_are_told_with_the_cure(header: str, told: str) -> None:
    with pytest.raises(BadRow) as error:
        Columns(Line(1, header.encode()))
    assert told in str(error.value)


@pytest.mark.parametrize("octets", [b"\xff\xfem\0s\0i\0", b"PK\x03\x04\xff", None])
def test_a_file_that_is_no_text_is_told_by_its_first_line(octets: bytes | None) -> None:
    with pytest.raises(BadRow, match=r"UTF-8|is it one line"):
        Columns(Line(1, octets))


# Rows.


def test_a_row_describes_a_device_by_what_its_columns_say() -> None:
    header = (
        "msisdn,iccid,imsi,imei,esn,meid,name,thing_key,id,policy,attached,link,latency,error,"
        "permanent,memory,nb_iot"
    )
    line = (
        f'{ANNA},8949a,26201,35,80a1,a1,"Truck ""7"", red",k-1,7,meters,no,att,500ms,22,yes,20,no'
    )
    assert device(header, line) == Device(
        number=ANNA,
        policy="meters",
        attached=False,
        identities={
            Identity.ICCID: "8949A",
            Identity.IMSI: "26201",
            Identity.IMEI: "35",
            Identity.ESN: "80A1",
            Identity.MEID: "A1",
            Identity.NAME: 'Truck "7", red',
            Identity.THING_KEY: "k-1",
            Identity.ID: "7",
        },
        link="att",
        latency_ms=500,
        error=22,
        permanent=True,
        memory=20,
    )


def test_an_empty_value_is_as_none_at_all() -> None:
    header = "msisdn,imsi,policy,attached,overrides,override.mo,error"
    assert device(header, f"{ANNA},,,,,,") == Device(number=ANNA)


@pytest.mark.parametrize(
    ("header", "cells", "keys"),
    [
        (
            "overrides",
            '"{""mo"": false, ""mt_limit"": [""1/s""]}"',
            {"mo": False, "mt_limit": ["1/s"]},
        ),
        ("override.mo", "false", {"mo": False}),
        ("override.mo", "no", {"mo": False}),
        ("override.mo_limit", "10/min", {"mo_limit": ["10/min"]}),
        ("override.mo_limit", '"[""10/min"", ""200/day""]"', {"mo_limit": ["10/min", "200/day"]}),
        ("override.deliver_to", "fleet", {"deliver_to": "fleet"}),
        ("override.deliver_to", "1234", {"deliver_to": "1234"}),
        ("override.blocked_sources", "4912345", {"blocked_sources": ["4912345"]}),
        ("override.forbidden_text", "[0-9]{16}", {"forbidden_text": ["[0-9]{16}"]}),
        ("override.forbidden_text", "true", {"forbidden_text": ["true"]}),
        ("override.max_segments", "3", {"max_segments": 3}),
        ("overrides,override.mt", '"{""mo"": false}",false', {"mo": False, "mt": False}),
    ],
)
def test_overrides_are_an_object_or_columns_of_their_own(
    header: str, cells: str, keys: dict[str, object]
) -> None:
    found = device(f"msisdn,{header}", f"{ANNA},{cells}").overrides
    assert json.loads(found) == keys


@pytest.mark.parametrize(
    ("header", "line", "told"),
    [
        ("msisdn,imsi", ANNA, "1 values for 2 columns"),
        ("msisdn", f"{ANNA},1", "2 values for 1 columns"),
        ("msisdn,imsi", ",1", "required field `msisdn`"),
        ("msisdn,imsi", f"{ANNA},x", "imsi 'x': write up to 15 digits"),
        ("msisdn,name", f'{ANNA},"two', "not CSV"),
        ("msisdn,name", f'{ANNA},"two" three', "not CSV"),
        ("msisdn,name", f"{ANNA},a\0b", "name "),
        ("msisdn,attached", f"{ANNA},perhaps", "attached: "),
        ("msisdn,error", f"{ANNA},1000", "error: "),
        ("msisdn,error", f"{ANNA},x", "error: "),
        ("msisdn,latency", f"{ANNA},soon", "latency 'soon': not a duration"),
        ("msisdn,overrides", f"{ANNA},[]", "overrides: not a JSON object"),
        ("msisdn,overrides", f"{ANNA},{'[' * 10_000}", "overrides: not a JSON object"),
        ("msisdn,link", f"{ANNA},{'x' * 65}", "link: "),
    ],
)
def test_a_row_that_is_no_device_is_told_with_the_reason(header: str, line: str, told: str) -> None:
    assert told in wrong(header, line)


def test_a_row_in_another_encoding_is_told_so() -> None:
    assert "UTF-8" in wrong("msisdn,name", f"{ANNA},Müller".encode("latin-1"))


@given(st.binary(max_size=80).filter(lambda octets: b"\n" not in octets))
def test_a_row_is_a_device_or_a_mistake_whatever_is_in_it(octets: bytes) -> None:
    columns = Columns(Line(1, b"msisdn,name,overrides,override.mt_limit,error,attached"))
    try:
        columns.read(Line(2, octets))
    except BadRow as error:
        assert str(error)
