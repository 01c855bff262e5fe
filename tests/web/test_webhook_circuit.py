"""The circuit of a webhook: when it opens, and how it closes again."""

from hypothesis import given
from hypothesis import strategies as st

from smsc.web.webhooks.circuit import FAILURES, LONGEST_SECONDS, Circuit

MOST = 8


def broken() -> Circuit:
    circuit = Circuit()
    for _ in range(FAILURES):
        circuit.failed(0.0)
    return circuit


def test_it_opens_after_failures_in_a_row() -> None:
    circuit = Circuit()
    for _ in range(FAILURES - 1):
        assert not circuit.failed(0.0)
    assert circuit.room(MOST, 0.0) == MOST
    assert circuit.failed(0.0)
    assert circuit.room(MOST, 0.9) == 0


def test_a_success_in_between_starts_the_count_anew() -> None:
    circuit = Circuit()
    for _ in range(3):
        for _ in range(FAILURES - 1):
            assert not circuit.failed(0.0)
        circuit.succeeded()


def test_when_it_has_been_open_for_a_while_one_call_probes() -> None:
    circuit = broken()
    assert circuit.room(MOST, 1.0) == 1
    circuit.succeeded()
    assert circuit.room(MOST, 1.0) == MOST


def test_each_probe_that_fails_opens_it_for_twice_as_long() -> None:
    circuit, now = broken(), 0.0
    waits = []
    for _ in range(8):
        waits.append(circuit.opens_until - now)
        now = circuit.opens_until
        assert circuit.failed(now)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


def test_what_was_under_way_when_it_opened_opens_it_no_further() -> None:
    circuit = broken()
    assert not circuit.failed(0.5)
    assert circuit.room(MOST, 1.0) == 1


def test_one_answer_that_asks_for_less_opens_it_for_as_long_as_it_says() -> None:
    circuit = Circuit()
    assert circuit.throttled(0.0, 600.0)
    assert circuit.room(MOST, 599.0) == 0
    assert circuit.room(MOST, 600.0) == 1


def test_the_longest_wait_that_was_asked_for_counts() -> None:
    circuit = Circuit()
    circuit.throttled(0.0, 10.0)
    assert circuit.throttled(0.0, 600.0)
    assert not circuit.throttled(0.0, 20.0)
    assert circuit.opens_until == 600.0


@given(st.lists(st.sampled_from(["ok", "fail", "less", "wait"]), max_size=200))
def test_it_is_never_shut_for_longer_than_a_minute_unless_asked_to(deeds: list[str]) -> None:
    circuit, now = Circuit(), 0.0
    for deed in deeds:
        if deed == "ok":
            circuit.succeeded()
        elif deed == "fail":
            circuit.failed(now)
        elif deed == "less":
            circuit.throttled(now, 0)
        else:
            now += 1.5
        assert circuit.opens_until <= now + LONGEST_SECONDS
        assert circuit.room(MOST, now) in (0, 1, MOST)
