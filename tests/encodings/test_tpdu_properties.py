"""Whatever a TPDU holds comes back, and whatever octets are, nothing else is raised."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_encodings import address, dcs, tpdu, udh
from smsc_encodings.address import Address
from smsc_encodings.dcs import Dcs
from smsc_encodings.elements import Ports16
from smsc_encodings.errors import EncodingError
from smsc_encodings.explanation import walk
from smsc_encodings.timestamps import Timestamp
from smsc_encodings.tpdu import (
    MO,
    MT,
    Command,
    Deliver,
    DeliverReport,
    StatusReport,
    Submit,
    SubmitReport,
    Tpdu,
)
from smsc_encodings.tpdu.explain import explain
from smsc_encodings.udh import Concatenation, Element
from smsc_encodings.validity import Enhanced, Relative, Unit

octet = st.integers(0, 255)
two_digits = st.integers(0, 99)
stamps = st.builds(Timestamp, *[two_digits] * 6, st.integers(-79, 79))
names = st.builds(Address, st.text("Abc @1", max_size=11), st.just(5), st.integers(0, 15))
numbers = st.builds(
    Address, st.text("0123456789*#abc", max_size=20), st.sampled_from([0, 1, 2, 6]), st.just(1)
)
addresses = names | numbers
schemes = octet.map(dcs.decode)
headers = st.just(b"") | st.lists(
    st.builds(Concatenation, octet, st.just(9), st.integers(1, 9))
    | st.builds(Ports16, st.integers(0, 65535), st.integers(0, 65535))
    | st.builds(Element, st.integers(0x80, 0x9F), st.binary(max_size=8)),
    max_size=4,
).map(udh.encode)
validities = (
    st.none()
    | st.builds(Relative, octet)
    | stamps
    | st.builds(Enhanced, st.just(Unit.SECONDS), octet, st.booleans())
)


@st.composite
def bodies(draw: st.DrawFn, scheme: Dcs) -> bytes:
    if scheme.septets:
        return draw(st.binary(max_size=90).map(lambda octets: bytes(o & 0x7F for o in octets)))
    return draw(st.binary(max_size=80))


flag = st.booleans()


@st.composite
def delivers(draw: st.DrawFn) -> Deliver:
    scheme = draw(schemes)
    body, header = draw(bodies(scheme)), draw(headers)
    flags = [draw(flag) for _ in range(4)]
    return Deliver(draw(addresses), draw(stamps), body, header, scheme, draw(octet), *flags)


@st.composite
def submits(draw: st.DrawFn) -> Submit:
    scheme = draw(schemes)
    body, header = draw(bodies(scheme)), draw(headers)
    flags = [draw(flag) for _ in range(3)]
    to, pid, reference = draw(addresses), draw(octet), draw(octet)
    return Submit(to, body, header, scheme, pid, reference, draw(validities), *flags)


@st.composite
def parameters(draw: st.DrawFn) -> tuple[int | None, Dcs | None, bytes | None, bytes]:
    scheme = draw(st.none() | schemes)
    body = draw(st.none() | bodies(scheme or Dcs()))
    return draw(st.none() | octet), scheme, body, b"" if body is None else draw(headers)


causes = st.none() | st.integers(0x80, 0xFF)
commands = st.builds(
    Command, octet, octet, octet, addresses, st.binary(max_size=90), headers, octet, flag
)
status_reports = st.builds(
    lambda head, rest, flags: StatusReport(*head, *rest, *flags),
    st.tuples(octet, addresses, stamps, stamps, octet),
    parameters(),
    st.tuples(flag, flag, flag),
)
deliver_reports = st.builds(lambda cause, rest: DeliverReport(cause, *rest), causes, parameters())
submit_reports = st.builds(
    lambda stamp, cause, rest: SubmitReport(stamp, cause, *rest), stamps, causes, parameters()
)
tpdus: st.SearchStrategy[Tpdu] = st.one_of(
    delivers(), submits(), commands, status_reports, deliver_reports, submit_reports
)


@given(tpdus)
def test_every_tpdu_comes_back(pdu: Tpdu) -> None:
    octets = tpdu.encode(pdu)
    assert tpdu.decode(octets, pdu.direction) == pdu
    assert len(octets) <= 232


@given(tpdus, st.binary(max_size=5))
def test_a_tpdu_is_read_from_where_it_stands(pdu: Tpdu, before: bytes) -> None:
    octets = before + tpdu.encode(pdu)
    assert tpdu.decode(octets, pdu.direction, len(before)) == pdu


@given(tpdus)
def test_the_fields_of_a_tpdu_cover_its_octets(pdu: Tpdu) -> None:
    octets = tpdu.encode(pdu)
    spans = tpdu.spans(octets, pdu.direction)
    assert [span.start for span in spans] == [0, *(span.end for span in spans[:-1])]
    assert spans[-1].end == len(octets)


@given(tpdus)
def test_every_tpdu_can_be_explained(pdu: Tpdu) -> None:
    octets = tpdu.encode(pdu)
    told = explain(octets, pdu.direction)
    assert b"".join(fact.octets for fact in told.facts) == octets
    for _, fact in walk([told]):
        assert 0 <= fact.offset <= len(octets)
        assert octets[fact.offset :].startswith(fact.octets)


@given(tpdus, st.integers(0, 200))
def test_a_tpdu_cut_short_is_refused_or_still_one(pdu: Tpdu, size: int) -> None:
    octets = tpdu.encode(pdu)[:size]
    try:
        tpdu.decode(octets, pdu.direction)
    except EncodingError as error:
        assert error.offset is not None
        assert 0 <= error.offset <= len(octets)


heads = st.sampled_from(["", "04 04 81 21 43", "51 07 04 81 21 43", "42 07 04 81 21 43", "01 C0"])
soup = st.builds(lambda head, rest: bytes.fromhex(head) + rest, heads, st.binary(max_size=200))


@given(soup, st.sampled_from([MO, MT]))
def test_decoding_raises_nothing_but_encoding_errors_with_an_offset(
    octets: bytes, direction: tpdu.Direction
) -> None:
    try:
        pdu = tpdu.decode(octets, direction)
    except EncodingError as error:
        assert error.offset is not None
        assert 0 <= error.offset <= len(octets)
    else:
        assert pdu.text is None or isinstance(pdu.text, str)
        explain(octets, direction)
        assert tpdu.decode(tpdu.encode(pdu), direction) == pdu


@given(soup)
def test_what_was_read_of_a_modem_is_read_or_refused(octets: bytes) -> None:
    try:
        _, at = address.decode_service_centre(octets)
        tpdu.decode(octets, MT, at)
    except EncodingError as error:
        assert error.offset is not None


def test_the_longest_nonsense_is_refused_in_a_line() -> None:
    megabyte = bytes.fromhex("44 04 81 21 43 00 04 62 11 12 01 04 34 2B FF") + bytes(1 << 20)
    for direction in (MO, MT):
        with pytest.raises(EncodingError) as refused:
            tpdu.decode(megabyte, direction)
        assert len(str(refused.value)) < 200
