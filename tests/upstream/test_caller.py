"""What a link takes from aiosmpplib, and what it puts in the place of its own."""

import inspect

import pytest
from aiosmpplib import ESME
from structlog.testing import capture_logs

from smsc.upstream.caller import Caller
from tests.upstream.far import FarEnd
from tests.upstream.near import PASSWORD, bound

ADDED = ("_connect", "_bind_answer", "gone")
REPLACED = [
    name
    for name in vars(Caller)
    if inspect.iscoroutinefunction(vars(Caller)[name]) and name not in ADDED
]


def test_all_that_the_library_runs_is_replaced() -> None:
    assert set(REPLACED) == {
        "connect",
        "stop",
        "_receive_data",
        "_dequeue_messages",
        "_connection_keeper",
        "_end_task",
        "_disconnect",
    }


@pytest.mark.parametrize("name", REPLACED)
def test_what_is_replaced_is_there_and_is_called(name: str) -> None:
    theirs = inspect.signature(getattr(ESME, name))
    assert list(theirs.parameters) == list(inspect.signature(getattr(Caller, name)).parameters)
    if name != "stop":
        assert name in inspect.getsource(ESME.start)


async def test_the_library_says_nothing_and_nobody_says_a_password(
    far: FarEnd, capsys: pytest.CaptureFixture[str]
) -> None:
    with capture_logs() as logs:
        async with bound(far) as (near, call):
            await call.close()
            await near.office.is_down()
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")
    assert [each["event"] for each in logs] == ["link_up", "link_down"]
    assert PASSWORD not in str(logs)
