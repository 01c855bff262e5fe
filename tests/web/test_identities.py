"""What devices are known by: kinds, their values as they are compared, and names that are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.subscriber import Identity
from smsc.web.identities import HIGHEST_ID, NotIdentified, Who, canonical, who


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("491700000001", Who(None, "491700000001")),
        ("+491700000001", Who(None, "491700000001")),
        ("msisdn:491700000001", Who(None, "491700000001")),
        ("imsi:262010000000001", Who(Identity.IMSI, "262010000000001")),
        ("iccid:8949a", Who(Identity.ICCID, "8949A")),
        ("name:truck: 7", Who(Identity.NAME, "truck: 7")),
        ("id:007", Who(Identity.ID, "7")),
    ],
)
def test_a_device_goes_by_its_number_or_by_a_kind_and_a_value(name: str, told: Who) -> None:
    assert who(name) == told


def test_a_kind_that_there_is_not_is_told_with_the_nearest() -> None:
    with pytest.raises(NotIdentified, match="did you mean 'imsi'"):
        who("imsy:262010000000001")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Identity.IMSI, "26201000000000x"),
        (Identity.IMSI, "1" * 16),
        (Identity.IMSI, "٢٦٢"),
        (Identity.IMEI, ""),
        (Identity.IMEI, "1" * 17),
        (Identity.ICCID, "G"),
        (Identity.ESN, "1" * 12),
        (Identity.MEID, "1" * 19),
        (Identity.NAME, ""),
        (Identity.NAME, "a\0b"),
        (Identity.NAME, "a/b"),
        (Identity.THING_KEY, "x" * 65),
        (Identity.ID, "0"),
        (Identity.ID, "-1"),
        (Identity.ID, str(HIGHEST_ID + 1)),
    ],
)
def test_a_value_that_is_none_is_told_with_what_is_allowed(kind: Identity, value: str) -> None:
    with pytest.raises(NotIdentified, match=f"^{kind} .*: write "):
        canonical(kind, value)


@given(st.sampled_from(list(Identity)), st.text(max_size=70))
def test_a_value_as_it_is_kept_is_kept_as_it_is(kind: Identity, value: str) -> None:
    try:
        kept = canonical(kind, value)
    except NotIdentified:
        return
    assert canonical(kind, kept) == kept
    assert who(f"{kind}:{kept}") == Who(kind, kept)
