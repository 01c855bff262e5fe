"""What a message is: its states, its destinations, and its id in words."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.message import (
    ACCOUNT,
    DEVICE,
    Address,
    Message,
    Receipt,
    State,
    kind_and_key,
    to_account,
    to_device,
    wire_id,
)

# SMPP 5.0, 4.7.15.
NUMBERS = {
    "SCHEDULED": 0,
    "ENROUTE": 1,
    "DELIVERED": 2,
    "EXPIRED": 3,
    "DELETED": 4,
    "UNDELIVERABLE": 5,
    "ACCEPTED": 6,
    "UNKNOWN": 7,
    "REJECTED": 8,
    "SKIPPED": 9,
}


def test_states_have_the_numbers_of_the_specification() -> None:
    assert {state.name: state.value for state in State} == NUMBERS


def test_a_message_on_its_way_is_not_final() -> None:
    assert [state for state in State if not state.final] == [State.SCHEDULED, State.ENROUTE]


def test_destinations_name_their_kind() -> None:
    assert kind_and_key(to_device("491700000001")) == (DEVICE, "491700000001")
    assert kind_and_key(to_account("fleet")) == (ACCOUNT, "fleet")


@given(st.text())
def test_a_name_comes_back_whole_from_its_destination(name: str) -> None:
    assert kind_and_key(to_account(name)) == (ACCOUNT, name)
    assert kind_and_key(to_device(name)) == (DEVICE, name)


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "0000000001"), (9_999_999_999, "9999999999"), (10**10, "1" + "0" * 10)],
)
def test_an_id_is_written_with_ten_digits_or_more(number: int, words: str) -> None:
    assert wire_id(number) == words


@given(
    id=st.integers(0, 2**63 - 1),
    payload=st.binary(max_size=200),
    text=st.text(max_size=20),
    state=st.sampled_from(State),
)
def test_a_message_survives_being_written_down(
    id: int, payload: bytes, text: str, state: State
) -> None:
    receipt = Receipt(id, state, 27, 1, 2, text)
    address = Address(5, 0, text)
    message = Message(id, text, to_account(text), address, address, payload, 1, 2, receipt=receipt)
    written = msgspec.msgpack.encode(message)
    assert msgspec.msgpack.decode(written, type=Message) == message
