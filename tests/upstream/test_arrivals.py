"""What other SMSCs bring: messages for devices, with a verdict for each."""

import pytest

from smsc.message import Address
from smsc.smpp.commands import ESM_MODE_DATAGRAM, CommandStatus
from smsc.upstream.line import Arrival
from smsc.upstream.meanings import ANSWERS, MEANINGS, Meaning, meaning
from smsc_routing.decision import Reason
from smsc_routing.policy import Policy
from smsc_routing.quota import Rate
from tests.delivery.world import ANNA, BERT
from tests.upstream.world import ELSEWHERE, Abroad

ROK = CommandStatus.ESME_ROK


async def test_a_message_from_a_link_reaches_its_device(world: Abroad) -> None:
    world.attach()
    assert await world.bring(world.a, payload=b"from afar") == ROK
    assert world.radio.texts == ["from afar"]
    assert world.journal.submits["p2p_external_mt", "accepted"] == 1


async def test_it_is_acknowledged_when_it_is_on_the_disk(world: Abroad) -> None:
    await world.store.hold()
    world.a.bring(Arrival(Address(1, 1, ELSEWHERE), Address(1, 1, ANNA), b"hello"))
    await world.calm()
    assert world.a.replies == []
    world.store.release()
    await world.calm()
    assert world.a.replies == [ROK]


async def test_a_delivery_has_no_mode(world: Abroad) -> None:
    assert await world.bring(world.a, esm_class=ESM_MODE_DATAGRAM) == ROK
    assert world.scheduler.waiting == 1


async def test_a_device_whose_policy_shuts_it_off_gets_nothing(world: Abroad) -> None:
    status = await world.bring(world.a, dest=Address(1, 1, BERT))
    assert status == CommandStatus.ESME_RX_R_APPN


@pytest.mark.parametrize("dest", [ELSEWHERE, "1234"])
async def test_a_link_reaches_nothing_but_devices(world: Abroad, dest: str) -> None:
    status = await world.bring(world.a, dest=Address(1, 1, dest))
    assert status == CommandStatus.ESME_RX_P_APPN


async def test_a_device_that_had_enough_is_spared_for_a_while(world: Abroad) -> None:
    world.numbers.policies[ANNA] = Policy(p2p_external=True, mt_limit=(Rate(1, 60_000),))
    assert await world.bring(world.a) == ROK
    assert await world.bring(world.a) == CommandStatus.ESME_RTHROTTLED


async def test_a_message_that_has_been_here_before_is_refused(world: Abroad) -> None:
    status = await world.bring(world.a, trail="2 smsc far")
    assert status == CommandStatus.ESME_RX_P_APPN


async def test_a_bad_disk_is_told_as_temporary(world: Abroad) -> None:
    world.store.fails_to_write = True
    assert await world.bring(world.a) == CommandStatus.ESME_RX_T_APPN


@pytest.mark.parametrize("reason", Reason)
def test_every_verdict_has_an_answer(reason: Reason) -> None:
    assert (ANSWERS[reason] == ROK) is (reason is Reason.ACCEPTED)


def test_no_answer_to_a_submit_means_that_it_was_taken_but_one() -> None:
    assert [status for status in MEANINGS if meaning(status) is Meaning.TAKEN] == [ROK]
