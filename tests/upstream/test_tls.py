"""Links over TLS."""

import pytest
from structlog.testing import capture_logs

from tests.upstream.authority import Authority
from tests.upstream.far import FarEnd, answers
from tests.upstream.near import advanced, bound, called_again, linked
from tests.upstream.office import message


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.mark.parametrize(
    ("names", "server_hostname"),
    [(("127.0.0.1",), ""), (("smsc.example",), "smsc.example")],
    ids=["by its host", "by another name"],
)
async def test_a_link_goes_over_tls(
    authority: Authority, names: tuple[str, ...], server_hostname: str
) -> None:
    async with (
        FarEnd(authority.server(*names)) as far,
        bound(far, ssl=authority.client(), server_hostname=server_hostname) as (near, call),
    ):
        near.link.send([message()])
        call.send(*answers(await call.submits(1)))
        await near.office.has_answers(1)
        assert near.office.answers[0].status == 0


async def test_a_certificate_of_another_name_is_no_bind(authority: Authority) -> None:
    with capture_logs() as logs:
        async with (
            FarEnd(authority.server("other.example")) as far,
            linked(far, ssl=authority.client(), server_hostname="smsc.example") as near,
        ):
            await advanced(near, lambda: bool(logs), seconds=0)
    assert logs[0]["event"] == "link_not_bound"
    assert "certificate" in logs[0]["reason"]


async def test_a_link_over_tls_that_is_lost_is_made_again(authority: Authority) -> None:
    async with (
        FarEnd(authority.server("127.0.0.1")) as far,
        bound(far, ssl=authority.client()) as (near, call),
    ):
        await call.close()
        await near.office.is_down()
        again = await called_again(near, far)
        await again.accept()
        await near.office.is_up(2)


async def test_a_far_end_that_speaks_no_tls_is_called_again(authority: Authority) -> None:
    with capture_logs() as logs:
        async with FarEnd() as far, linked(far, ssl=authority.client()) as near:
            await far.call()
            await called_again(near, far, seconds=1)
    assert logs[0]["reason"] == "no answer within 10 s"
