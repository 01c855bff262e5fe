"""The ids of messages as ESMEs write and read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.esme.ids import Base, ids_of
from smsc.smpp.commands import Version

NEWER = [Version.V34, Version.V50]
LATEST = 1 << 62


@pytest.mark.parametrize("version", NEWER)
def test_an_id_has_ten_digits_or_more(version: Version) -> None:
    write = ids_of(version, Base.DECIMAL).write
    assert write(7) == "0000000007"
    assert write(12345678901) == "12345678901"


@pytest.mark.parametrize("version", NEWER)
def test_a_hexadecimal_id_has_eight_digits_or_more(version: Version) -> None:
    write = ids_of(version, Base.HEXADECIMAL).write
    assert write(0x1F) == "0000001F"
    assert write(0x1_0000_001F) == "10000001F"


@pytest.mark.parametrize("base", Base)
def test_an_id_of_3_3_has_eight_hexadecimal_digits_whatever_the_account_wants(base: Base) -> None:
    write = ids_of(Version.V33, base).write
    assert write(0x1F) == "0000001F"
    assert write(0x1_0000_001F) == "0000001F"


@given(st.sampled_from(Version), st.sampled_from(Base), st.integers(1, LATEST), st.integers(0))
def test_an_id_is_read_back(version: Version, base: Base, number: int, later: int) -> None:
    ids = ids_of(version, base)
    # 3.3 has 32 bits: of two messages that share them, the later one is meant.
    latest = number + later % (1 << 32)
    assert ids.read(ids.write(number), latest) == number


@given(st.sampled_from(Version), st.sampled_from(Base), st.text(max_size=70), st.integers(0))
def test_whatever_the_text_it_is_an_id_of_ours_or_none(
    version: Version, base: Base, text: str, latest: int
) -> None:
    found = ids_of(version, base).read(text, latest)
    assert found is None or 1 <= found <= latest


@pytest.mark.parametrize("text", ["", "12 ", "-1", "+1", "1_0", "٣", "0x1F", "G", "1" * 65])
@pytest.mark.parametrize("version", Version)
@pytest.mark.parametrize("base", Base)
def test_only_plain_digits_are_an_id(text: str, version: Version, base: Base) -> None:
    assert ids_of(version, base).read(text, LATEST) is None


def test_an_id_that_was_never_given_out_is_none() -> None:
    for base in Base:
        ids = ids_of(Version.V34, base)
        assert ids.read(ids.write(8), 7) is None
        assert ids.read(ids.write(0), 7) is None
    assert ids_of(Version.V33, Base.DECIMAL).read("00000008", 7) is None
