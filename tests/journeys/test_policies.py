"""Policies from the file to the answer at the door: what an application is told, and why."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest_asyncio

from smsc.centre import ServiceCentre
from smsc.config import parse

CONFIG = """
[store]
url = "sqlite:{folder}/smsc.db"
[smpp]
listen = "127.0.0.1:0"
[http]
listen = "127.0.0.1:0"
[[accounts]]
system_id = "fleet"
password = "pw"
api_token = "token"
operator = true
addresses = ["FLEET"]
quota = ["4/day"]
[[policies]]
name = "meters"
mt_limit = ["2/day"]
forbidden_text = ["https?://"]
[[devices]]
msisdn = "491700000001"
policy = "meters"
[[devices]]
msisdn = "491700000002"
"""
ANNA, BERT = "491700000001", "491700000002"


@pytest_asyncio.fixture
async def centre(tmp_path: Path) -> AsyncIterator[ServiceCentre]:
    made = ServiceCentre(parse(CONFIG.format(folder=tmp_path), "smsc.toml"))
    await made.open()
    yield made
    await made.close()


async def send(centre: ServiceCentre, to: str, text: str = "hello") -> httpx.Response:
    host, port = centre.http_address
    async with httpx.AsyncClient(base_url=f"http://{host}:{port}", trust_env=False) as client:
        return await client.post(
            "/v1/messages",
            json={"from": "FLEET", "to": to, "text": text},
            headers={"Authorization": "Bearer token"},
        )


async def told(centre: ServiceCentre, to: str, text: str = "hello") -> tuple[int, str]:
    answer = await send(centre, to, text)
    return answer.status_code, answer.json().get("detail", "")


async def test_each_refusal_names_what_refused(centre: ServiceCentre) -> None:
    assert await told(centre, ANNA, "see http://x") == (
        403,
        "rule 'forbidden_text' of policy 'meters' of the receiver: "
        "the text has something in it that is forbidden by expression 1",
    )
    for _ in range(2):
        assert (await told(centre, ANNA))[0] == 201
    assert await told(centre, ANNA) == (429, f"device {ANNA} may receive at most 2/day")
    for _ in range(2):
        assert (await told(centre, BERT))[0] == 201
    refused = await send(centre, BERT)
    assert refused.status_code == 429
    assert refused.json()["detail"] == "account 'fleet' may send at most 4/day"
    assert 0 < int(refused.headers["retry-after"]) <= 86_400
