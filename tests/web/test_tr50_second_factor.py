"""The second factor of TR50: after the right password a code, once, in its time."""

import pytest

from smsc.clock import SimulatedClock
from smsc.web.tr50.login import LOCKOUT
from smsc.web.tr50.second_factor import SECONDS_TO_ANSWER, SecondFactor, code_of
from tests.web.rooms import FLEET, SLOW, Rooms, token
from tests.web.tr50 import as_application, as_user, failure, make_thing, password, post, session

SECRET = b"12345678901234567890"


@pytest.fixture
def asked(rooms: Rooms) -> None:
    rooms.second_factors[FLEET] = SECRET


def code(rooms: Rooms, beside: int = 0) -> str:
    return code_of(SECRET, rooms.clock.now() // 30_000 + beside)


async def login(rooms: Rooms, secret: str = "") -> int:
    """Log in; return the code of the failure, 0 if there is none."""
    reply = await post(rooms, {"auth": as_user(FLEET, secret)})
    return 0 if "auth" in reply else failure(reply)[0]


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_the_specification(seconds: int, written: str) -> None:
    """RFC 6238, appendix B, of which the last six digits."""
    assert code_of(SECRET, seconds // 30) == written


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("beside", [-1, 0, 1])
async def test_after_the_password_a_code_opens_the_session(rooms: Rooms, beside: int) -> None:
    assert await login(rooms) == -90041
    assert await login(rooms, code(rooms, beside)) == 0


@pytest.mark.usefixtures("asked")
async def test_a_code_passes_once(rooms: Rooms) -> None:
    assert [await login(rooms), await login(rooms, code(rooms))] == [-90041, 0]
    assert [await login(rooms), await login(rooms, code(rooms))] == [-90041, -90001]
    assert await login(rooms, code(rooms, -1)) == -90001
    rooms.clock.advance(30)
    assert [await login(rooms), await login(rooms, code(rooms))] == [-90041, 0]


@pytest.mark.usefixtures("asked")
async def test_a_code_without_the_password_before_it_is_worth_nothing(rooms: Rooms) -> None:
    assert await login(rooms, code(rooms)) == -90001
    assert await login(rooms) == -90041
    rooms.clock.advance(SECONDS_TO_ANSWER)
    assert await login(rooms, code(rooms)) == -90001


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("wrong", ["000000", "", "12345", "x", "\u0661" * 6, "1" * 900])
async def test_another_code_opens_nothing(rooms: Rooms, wrong: str) -> None:
    assert await login(rooms) == -90041
    params = {"username": FLEET, "password": wrong}
    reply = await post(rooms, {"auth": {"command": "api.authenticate", "params": params}})
    assert failure(reply)[0] == -90001


@pytest.mark.usefixtures("asked")
async def test_wrong_codes_lock_out_though_the_password_is_right_in_between(rooms: Rooms) -> None:
    for _ in range(8):
        assert [await login(rooms), await login(rooms, "wrong")] == [-90041, -90001]
    assert [await login(rooms), await login(rooms, code(rooms))] == [-90041, -90001]
    rooms.clock.advance(30 * 60 + 1)
    assert [await login(rooms), await login(rooms, code(rooms))] == [-90041, 0]


@pytest.mark.usefixtures("asked")
async def test_who_has_no_second_factor_is_not_asked_for_it(rooms: Rooms) -> None:
    await make_thing(rooms)
    assert await session(rooms, as_user(SLOW))
    assert await session(rooms, as_application(token(FLEET)))


@pytest.mark.usefixtures("asked")
async def test_a_form_asks_for_the_code_too(rooms: Rooms) -> None:
    form = {"username": FLEET, "password": password(FLEET)}
    assert (await rooms.client.post("/rest/auth", data=form)).status_code == 401
    form["password"] = code(rooms)
    assert (await rooms.client.post("/rest/auth", data=form)).status_code == 200


def test_a_code_must_come_from_where_the_password_came_from() -> None:
    clock = SimulatedClock()
    second = SecondFactor({FLEET: SECRET}, clock, LOCKOUT)
    right = code_of(SECRET, clock.now() // 30_000)
    second.ask(FLEET, "192.0.2.1")
    assert not second.passes(FLEET, right, "192.0.2.2")
    assert second.passes(FLEET, right, "192.0.2.1")
