"""The loop that a server runs on has streams and a TLS of its own: the same holds there."""

import pytest
import uvloop

from smsc.message import State
from smsc.smpp.pdu import DeliverSm, DeliverSmResp, EnquireLink, Unbind, UnbindResp
from tests.upstream.authority import Authority
from tests.upstream.far import FarEnd, answers
from tests.upstream.near import bound, called_again
from tests.upstream.office import message


async def life(authority: Authority | None) -> None:
    """A link from its first bind over a loss to its end."""
    server = authority.server("127.0.0.1") if authority is not None else None
    client = authority.client() if authority is not None else None
    async with FarEnd(server) as far, bound(far, ssl=client) as (near, call):
        near.link.send([message(number) for number in range(1, 101)])
        call.send(*answers(await call.submits(100)))
        await near.office.has_answers(100)
        near.link.send([message(101)])
        await call.submits(1)
        await call.close()
        await near.office.is_down()
        assert near.office.answers[-1].status is None

        call = await called_again(near, far)
        await call.accept()
        await near.office.is_up(2)
        call.send(DeliverSm(7, esm_class=4, short_message=b"id:1 stat:DELIVRD"))
        await near.office.until(lambda: len(near.office.reports) == 1)
        ((report, reply),) = near.office.reports
        assert report.state is State.DELIVERED
        reply(0)
        near.clock.advance(0)
        assert await call.read() == DeliverSmResp(7)
        near.clock.advance(30)
        await call.expect(EnquireLink)
        near.clock.advance(10)
        await near.office.is_down(2)

        call = await called_again(near, far)
        await call.accept()
        await near.office.is_up(3)
        near.office.told.clear()
        call.send(Unbind(9))
        assert UnbindResp(9) in await call.ended()


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "tls"])
def test_a_link_lives_on_uvloop(encrypted: bool) -> None:
    uvloop.run(life(Authority() if encrypted else None))
