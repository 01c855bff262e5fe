"""What a broadcast_sm asks for: read from its TLVs, or refused with the status that says why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.smpp import broadcast, times
from smsc.smpp.broadcast import AreaFormat, Interval, TimeUnit, read
from smsc.smpp.commands import CommandStatus, PduError
from smsc.smpp.tlv import TABLE, Kind, Tag, Tlv

BERLIN = Tlv(Tag.broadcast_area_identifier, b"\0berlin")
WEATHER = Tlv(Tag.broadcast_content_type, b"\0\0\x33")
THRICE = Tlv(Tag.broadcast_rep_num, 3)
EVERY_TEN_MINUTES = Tlv(Tag.broadcast_frequency_interval, b"\x09\0\x0a")
TEXT = Tlv(Tag.message_payload, b"storm")
NEEDED = (BERLIN, WEATHER, THRICE, EVERY_TEN_MINUTES)
NOW = times.parse("260131120000000+", 0)


def refusal(*tlvs: Tlv) -> PduError:
    with pytest.raises(PduError) as caught:
        read(tlvs)
    return caught.value


def instead(wrong: Tlv) -> tuple[Tlv, ...]:
    return tuple(wrong if each.tag == wrong.tag else each for each in NEEDED)


def test_what_is_asked_for_is_read() -> None:
    asked = read((*NEEDED, TEXT, Tlv(Tag.user_message_reference, 513)))
    assert [area.name for area in asked.areas] == ["berlin"]
    assert asked.content_type == b"\0\0\x33"
    assert asked.repetitions == 3
    assert asked.interval == Interval(TimeUnit.MINUTES, 10)
    assert (asked.payload, asked.reference) == (b"storm", 513)


def test_what_need_not_be_there_may_be_missing() -> None:
    asked = read(NEEDED)
    assert (asked.payload, asked.reference) == (None, -1)


@pytest.mark.parametrize("missing", NEEDED, ids=lambda each: Tag(each.tag).name)
def test_each_of_the_four_is_missed(missing: Tlv) -> None:
    error = refusal(*(each for each in NEEDED if each is not missing))
    assert error.status is CommandStatus.ESME_RMISSINGTLV
    assert Tag(missing.tag).name in error.reason


def test_areas_come_in_their_order() -> None:
    arc = Tlv(Tag.broadcast_area_identifier, b"\x01\x10\x20")
    areas = read((arc, *NEEDED)).areas
    assert [area.format for area in areas] == [AreaFormat.ELLIPSOID_ARC, AreaFormat.ALIAS]
    assert areas[0].identifier == b"\x01\x10\x20"


def test_an_alias_may_end_with_a_nul() -> None:
    (area,) = read(instead(Tlv(Tag.broadcast_area_identifier, b"\0berlin\0"))).areas
    assert area.name == "berlin"
    assert area.identifier == b"\0berlin\0"


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        (Tlv(Tag.broadcast_area_identifier, b"\x03x"), CommandStatus.ESME_RINVBCASTAREAFMT),
        (Tlv(Tag.broadcast_area_identifier, b"\0"), CommandStatus.ESME_RINVBCASTALIAS_NAME),
        (Tlv(Tag.broadcast_area_identifier, b"\0\n"), CommandStatus.ESME_RINVBCASTALIAS_NAME),
        (Tlv(Tag.broadcast_content_type, b"\x04\0\0"), CommandStatus.ESME_RINVBCASTCNTTYPE),
        (Tlv(Tag.broadcast_rep_num, 0), CommandStatus.ESME_RINVBCAST_REP),
        (Tlv(Tag.broadcast_frequency_interval, b"\x01\0\1"), CommandStatus.ESME_RINVBCASTFREQINT),
        (Tlv(Tag.broadcast_frequency_interval, b"\x08\0\0"), CommandStatus.ESME_RINVBCASTFREQINT),
        (
            Tlv(Tag.broadcast_frequency_interval, b"\x0e\xff\xff"),
            CommandStatus.ESME_RINVBCASTFREQINT,
        ),
    ],
)
def test_a_wrong_value_has_a_status_of_its_own(wrong: Tlv, status: CommandStatus) -> None:
    assert refusal(*instead(wrong)).status is status


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        (Tlv(Tag.broadcast_message_class, 4), CommandStatus.ESME_RINVBCASTMSGCLASS),
        (Tlv(Tag.broadcast_channel_indicator, 2), CommandStatus.ESME_RINVBCASTCHANIND),
    ],
)
def test_what_only_a_mobile_goes_by_is_checked_too(wrong: Tlv, status: CommandStatus) -> None:
    assert read((*NEEDED, Tlv(wrong.tag, 1)))
    assert refusal(*NEEDED, wrong).status is status


def test_only_so_many_areas_can_be_asked_for() -> None:
    most = [BERLIN] * (broadcast.MOST_AREAS - 1)
    assert len(read((*NEEDED, *most)).areas) == broadcast.MOST_AREAS
    error = refusal(*NEEDED, *most, BERLIN)
    assert error.status is CommandStatus.ESME_RINVNUMBCAST_AREAS


@pytest.mark.parametrize(
    ("interval", "then"),
    [
        (Interval(TimeUnit.SECONDS, 90), "260131120130000+"),
        (Interval(TimeUnit.MINUTES, 10), "260131121000000+"),
        (Interval(TimeUnit.HOURS, 24), "260201120000000+"),
        (Interval(TimeUnit.DAYS, 1), "260201120000000+"),
        (Interval(TimeUnit.WEEKS, 2), "260214120000000+"),
        (Interval(TimeUnit.MONTHS, 1), "260228120000000+"),
        (Interval(TimeUnit.YEARS, 1), "270131120000000+"),
    ],
)
def test_an_interval_is_counted_in_its_unit(interval: Interval, then: str) -> None:
    assert times.format_absolute(interval.after(NOW)) == then


@given(st.integers(0, 0xFFFF))
def test_as_frequently_as_possible_is_bounded_whatever_the_count(count: int) -> None:
    assert Interval(0, count).after(NOW) == NOW + broadcast.SOONEST_MS


def a_tlv(tag: Tag) -> st.SearchStrategy[Tlv]:
    row = TABLE[tag]
    if row.kind is Kind.INTEGER:
        return st.builds(Tlv, st.just(tag), st.integers(0, 256**row.longest - 1))
    octets = st.binary(min_size=row.shortest, max_size=min(row.longest, 120))
    return st.builds(Tlv, st.just(tag), octets)


TAGS = [tag for tag in TABLE if 0x0600 <= tag <= 0x0608] + [Tag.message_payload]
TLVS = st.lists(st.one_of([a_tlv(Tag(tag)) for tag in TAGS]), max_size=12)


@given(TLVS)
def test_whatever_the_tlvs_say_it_is_read_or_refused_in_words(tlvs: list[Tlv]) -> None:
    try:
        asked = read((*tlvs, *NEEDED))
    except PduError as error:
        assert error.status is not CommandStatus.ESME_ROK
        assert error.reason
    else:
        assert 1 <= len(asked.areas) <= broadcast.MOST_AREAS
        assert asked.repetitions >= 1
        assert NOW < asked.interval.after(NOW) <= NOW + broadcast.LONGEST_INTERVAL_MS + 86_400_000


@given(st.binary(min_size=3, max_size=3))
def test_the_interval_that_is_accepted_always_leads_on(octets: bytes) -> None:
    try:
        asked = read(instead(Tlv(Tag.broadcast_frequency_interval, octets)))
    except PduError as error:
        assert error.status is CommandStatus.ESME_RINVBCASTFREQINT
    else:
        assert asked.interval.after(NOW) >= NOW + broadcast.SOONEST_MS


def test_a_cancel_may_name_a_content_type_or_none() -> None:
    assert broadcast.content_type(()) is None
    assert broadcast.content_type((WEATHER,)) == WEATHER.value
    with pytest.raises(PduError):
        broadcast.content_type((Tlv(Tag.broadcast_content_type, b"\x09\0\0"),))
