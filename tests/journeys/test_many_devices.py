"""More devices than fit into memory: each gets what it is sent, in order, whenever it attaches."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import httpx
import pytest

from smsc import centre as room
from smsc.centre import ServiceCentre
from smsc.config import Config, parse
from smsc.smpp.pdu import BindTransceiver, SubmitSm, SubmitSmResp
from smsc.store.sqlite import SqliteStore
from smsc.store.store import Batch
from smsc.subscriber import Device
from tests.esme.peer import Peer

IN_MEMORY = 50
NUMBERS = [f"4917{number:08d}" for number in range(200)]
NEAR, FAR = NUMBERS[:120], NUMBERS[120:]
TEXTS = ["one", "two"]
CONFIG = """
[store]
url = "sqlite:{folder}/smsc.db"
[smpp]
listen = "127.0.0.1:0"
[http]
listen = "127.0.0.1:0"
[[accounts]]
system_id = "fleet"
password = "secret"
api_token = "token"
operator = true
addresses = ["1234"]
submit_window = 1000
[[policies]]
name = "meters"
mo = false
[[policies]]
name = "trackers"
"""


async def filled(folder: Path) -> Config:
    """Put the devices into a store, those that are far detached; return its config."""
    store, batch = SqliteStore(folder / "smsc.db"), Batch()
    await store.open(0)
    for number in NUMBERS:
        batch.devices[number] = Device(number=number, policy="meters", attached=number in NEAR)
    await store.write(batch, 0)
    await store.close()
    return parse(CONFIG.format(folder=folder), "smsc.toml")


@asynccontextmanager
async def opened(config: Config) -> AsyncIterator[tuple[ServiceCentre, httpx.AsyncClient]]:
    centre = ServiceCentre(config)
    await centre.open()
    url = "http://{}:{}".format(*centre.http_address)
    headers = {"Authorization": "Bearer token"}
    try:
        async with httpx.AsyncClient(
            base_url=url, headers=headers, timeout=None, trust_env=False
        ) as client:
            yield centre, client
    finally:
        await centre.close()


async def submit(centre: ServiceCentre, numbers: Sequence[str], text: str) -> None:
    peer = await Peer.connect(centre.smpp_address)
    await peer.bind(BindTransceiver, "fleet", "secret")
    for number in numbers:
        body = text.encode()
        peer.send(SubmitSm(peer.number(), "", 1, 1, "1234", 1, 1, number, short_message=body))
    for _ in numbers:
        assert (await peer.expect(SubmitSmResp)).command_status == 0
    await peer.close()


def received(centre: ServiceCentre, number: str) -> list[str | None]:
    device = centre.devices.find(number)
    return [each.text for each in device.inbox] if device is not None else []


async def delivered(client: httpx.AsyncClient, centre: ServiceCentre, to: Sequence[str]) -> None:
    """Wait until devices have all that they were sent."""
    while any(received(centre, number) != TEXTS for number in to):
        await client.get("/healthz")


async def test_devices_of_a_store_beyond_memory_get_all_messages_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "VISITORS", IN_MEMORY)
    config = await filled(tmp_path)
    shuffled = Random(1).sample(NUMBERS, len(NUMBERS))
    async with opened(config) as (centre, client):
        for text in TEXTS:
            await submit(centre, shuffled, text)
        await delivered(client, centre, NEAR)
        assert not any(received(centre, number) for number in FAR)
        assert centre.hlr.known <= 2 * IN_MEMORY + 500
    async with opened(config) as (centre, client):
        calls = [client.post(f"/v1/devices/{number}/attach") for number in FAR]
        assert {answer.status_code for answer in await asyncio.gather(*calls)} == {200}
        await delivered(client, centre, FAR)
        listed = (await client.get("/v1/devices?limit=1000")).json()["devices"]
    assert [(each["msisdn"], each["attached"]) for each in listed] == [(n, True) for n in NUMBERS]


async def test_what_a_device_of_the_store_sends_is_under_its_policy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "VISITORS", 1)
    message = {"to": "1234", "text": "hello"}
    async with opened(await filled(tmp_path)) as (centre, client):
        refused = await client.post(f"/v1/devices/{NEAR[7]}/messages", json=message)
        assert refused.status_code == 403
        await centre.hlr.read([NEAR[7]])
        centre.hlr.put(Device(number=NEAR[7], policy="trackers"))
        sent = await client.post(f"/v1/devices/{NEAR[7]}/messages", json=message)
        assert sent.status_code == 201
