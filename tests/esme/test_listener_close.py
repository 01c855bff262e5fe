"""Closing the door: every peer is asked to unbind, and who doesn't answer is cut."""

import asyncio

import pytest

from smsc.esme.account import Account
from smsc.message import State
from smsc.smpp.pdu import (
    BindTransceiver,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    SubmitSmResp,
    Unbind,
    UnbindResp,
)
from tests.esme.road import PARTING_SECONDS, Road


def closing(road: Road) -> "asyncio.Task[None]":
    return asyncio.create_task(road.listener.close(PARTING_SECONDS))


async def test_with_nobody_there_the_door_is_closed_at_once(road: Road) -> None:
    await road.listener.close(PARTING_SECONDS)


async def test_every_peer_is_asked_to_unbind_and_the_door_is_closed_when_all_have(
    road: Road,
) -> None:
    peers = [await road.bound(), await road.bound(), await road.bound(system_id="other")]
    close = closing(road)
    for peer in peers:
        assert not close.done()
        unbind = await peer.expect(Unbind)
        peer.send(UnbindResp(unbind.sequence_number))
        assert await peer.ended() == []
    await close
    assert road.bindings.counts() == {}


async def test_who_does_not_answer_is_cut(road: Road) -> None:
    peer = await road.bound()
    close = closing(road)
    await peer.expect(Unbind)
    road.clock.advance(PARTING_SECONDS - 0.1)
    assert not close.done()
    assert road.bindings.counts() == {"fleet": 1}
    road.clock.advance(0.1)
    await close
    assert await peer.ended() == []


async def test_who_has_not_bound_is_hung_up_on_without_a_word(road: Road) -> None:
    peer = await road.peer()
    await peer.heard()
    await road.listener.close(PARTING_SECONDS)
    assert await peer.ended() == []


async def test_who_is_about_to_bind_is_hung_up_on_too(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, never = asyncio.Event(), asyncio.Event()

    async def authenticate(
        system_id: str, password: str, host: str, names: frozenset[str]
    ) -> Account:
        asked.set()
        await never.wait()
        raise AssertionError

    monkeypatch.setattr(road.door.accounts, "authenticate", authenticate)
    peer = await road.peer()
    peer.send(BindTransceiver(1, "fleet", "secret"))
    await asked.wait()
    await road.listener.close(PARTING_SECONDS)
    assert await peer.ended() == []
    assert road.bindings.counts() == {}


async def test_nobody_comes_in_any_more(road: Road) -> None:
    address = road.listener.address
    await road.listener.close(PARTING_SECONDS)
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(*address)


async def test_a_peer_that_unbinds_itself_at_the_same_time_is_answered(road: Road) -> None:
    peer = await road.bound()
    close = closing(road)
    unbind = await peer.expect(Unbind)
    peer.send(Unbind(99))
    assert await peer.ended() == [UnbindResp(99)]
    await close
    assert unbind.sequence_number


async def test_what_a_peer_says_before_it_parts_still_counts(road: Road) -> None:
    peer = await road.bound()
    number = await road.device_sends(b"hello")
    pdu = await peer.expect(DeliverSm)
    close = closing(road)
    unbind = await peer.expect(Unbind)
    submit = peer.submit_sm()
    peer.send(submit, EnquireLink(98))
    peer.send(DeliverSmResp(pdu.sequence_number))
    answers = [await peer.read(), await peer.read()]
    assert {type(answer) for answer in answers} == {SubmitSmResp, EnquireLinkResp}
    peer.send(UnbindResp(unbind.sequence_number))
    await close
    assert await road.state(number) is State.DELIVERED


async def test_what_a_peer_did_not_answer_is_kept(road: Road) -> None:
    peer = await road.bound()
    number = await road.device_sends(b"hello")
    await peer.expect(DeliverSm)
    close = closing(road)
    unbind = await peer.expect(Unbind)
    peer.send(UnbindResp(unbind.sequence_number))
    await close
    assert await road.state(number) is State.ENROUTE
    assert road.scheduler.waiting == 1


async def test_a_peer_with_a_full_window_that_never_answers_holds_nothing_up(road: Road) -> None:
    for number in range(4):
        await road.device_sends(b"%d" % number)
    peer = await road.bound()
    for _ in range(2):
        await peer.expect(DeliverSm)
    close = closing(road)
    await peer.expect(Unbind)
    road.clock.advance(PARTING_SECONDS)
    await close
    await road.until(lambda: road.scheduler.waiting == 4)
