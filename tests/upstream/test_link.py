"""A link to a far end on a real socket: binding, submitting, answering, parting."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from smsc.clock import SimulatedClock
from smsc.smpp.commands import CommandStatus
from smsc.smpp.pdu import (
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    SubmitSmResp,
    Unbind,
    UnbindResp,
)
from smsc.upstream.line import Answer, Terms
from smsc.upstream.link import Link
from tests.upstream.far import Call, FarEnd, answers
from tests.upstream.office import Office, message

SYSTEM_ID, PASSWORD = "near", "a password of more than eight characters"


class Near:
    """A link with its listener and its clock."""

    def __init__(self, far: FarEnd, **terms: Any) -> None:
        given = {
            "name": "far",
            "host": far.host,
            "port": far.port,
            "system_id": SYSTEM_ID,
            "password": PASSWORD,
            **terms,
        }
        self.clock = SimulatedClock()
        self.office = Office()
        self.link = Link(Terms(**given), self.office, self.clock, lambda: 1.0)


@asynccontextmanager
async def linked(far: FarEnd, **terms: Any) -> AsyncIterator[Near]:
    """Open a link to a far end; what is left of it is cut off in the end."""
    near = Near(far, **terms)
    near.link.open()
    yield near
    closing = asyncio.get_running_loop().create_task(near.link.close())
    while not closing.done():
        near.clock.advance(60)
        await asyncio.sleep(0)
    await closing


@pytest.fixture
async def far() -> AsyncIterator[FarEnd]:
    async with FarEnd() as far:
        yield far


@asynccontextmanager
async def bound(far: FarEnd, **terms: Any) -> AsyncIterator[tuple[Near, Call]]:
    async with linked(far, **terms) as near:
        call = await far.bound()
        await near.office.is_up()
        yield near, call


# Binding.


async def test_it_binds_as_a_transceiver_under_its_terms(far: FarEnd) -> None:
    async with linked(far, system_type="VMA") as near:
        call = await far.call()
        bind = await call.accept()
        await near.office.is_up()
        assert (bind.system_id, bind.password, bind.system_type) == (SYSTEM_ID, PASSWORD, "VMA")
        assert bind.interface_version == 0x34
        assert near.link.room == 100


async def test_there_is_no_room_before_it_is_bound(far: FarEnd) -> None:
    async with linked(far) as near:
        await far.call()
        assert near.link.room == 0
        assert near.office.told == []


# Submitting.


async def test_messages_are_submitted_and_answered_with_the_ids_of_the_far_end(
    far: FarEnd,
) -> None:
    async with bound(far) as (near, call):
        messages = [message(number) for number in range(1, 4)]
        near.link.send(messages)
        assert near.link.room == 97
        submits = await call.submits(3)
        assert [submit.destination_addr for submit in submits] == [
            each.dest.digits for each in messages
        ]
        call.send(*answers(submits))
        await near.office.has_answers(3)
        assert near.office.batches == [
            [Answer(each, 0, str(number)) for number, each in enumerate(messages, 1)]
        ]
        assert near.link.room == 100


async def test_a_refusal_is_answered_with_its_status(far: FarEnd) -> None:
    async with bound(far) as (near, call):
        near.link.send([message()])
        (submit,) = await call.submits(1)
        call.send(SubmitSmResp(submit.sequence_number, CommandStatus.ESME_RTHROTTLED))
        await near.office.has_answers(1)
        assert near.office.answers == [Answer(message(), CommandStatus.ESME_RTHROTTLED)]


async def test_a_generic_nack_is_a_refusal(far: FarEnd) -> None:
    async with bound(far) as (near, call):
        near.link.send([message()])
        (submit,) = await call.submits(1)
        call.send(GenericNack(submit.sequence_number, CommandStatus.ESME_RINVCMDID))
        await near.office.has_answers(1)
        assert near.office.answers == [Answer(message(), CommandStatus.ESME_RINVCMDID)]


async def test_nobody_is_called_within_send(far: FarEnd) -> None:
    async with bound(far) as (near, _call):
        unwritable = message(service_type="much too long")
        near.link.send([unwritable])
        assert near.office.answers == []
        near.clock.advance(0)
        assert near.office.answers == [Answer(unwritable, CommandStatus.ESME_RINVSERTYP)]


async def test_parting(far: FarEnd) -> None:
    async with bound(far) as (near, call):
        closing = asyncio.get_running_loop().create_task(near.link.close())
        unbind = await call.expect(Unbind)
        assert near.link.room == 0
        call.send(UnbindResp(unbind.sequence_number))
        assert await call.ended() == []
        await closing
        assert near.office.told == ["up", "down"]


async def test_keepalive(far: FarEnd) -> None:
    async with bound(far) as (near, call):
        near.clock.advance(30)
        ask = await call.expect(EnquireLink)
        call.send(EnquireLinkResp(ask.sequence_number))
        await call.heard()
        near.clock.advance(10)
        await call.heard()
        assert near.link.room == 100
