"""Requests as octets, and where their answers end."""

import pytest

from bench.requests import answer, send, send_all

ANSWER = b"HTTP/1.1 201 Created\r\ndate: x\r\nContent-Length: 2\r\n\r\n{}"


def test_an_answer_that_is_not_whole_is_none_yet() -> None:
    for length in range(len(ANSWER)):
        assert answer(ANSWER[:length]) is None


def test_the_first_answer_ends_where_the_second_begins() -> None:
    assert answer(ANSWER + ANSWER) == (len(ANSWER), b"201")


def test_an_answer_must_tell_its_length() -> None:
    with pytest.raises(ValueError, match="without its length"):
        answer(b"HTTP/1.1 200 OK\r\n\r\n")


@pytest.mark.parametrize("request_", [send("447200000001"), send_all(["447200000001"] * 3)])
def test_a_request_tells_the_length_of_its_body(request_: bytes) -> None:
    head, _, body = request_.partition(b"\r\n\r\n")
    assert b"Content-Length: %d" % len(body) in head
    assert body.count(b"447200000001") in (1, 3)
