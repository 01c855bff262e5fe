"""aiosmpplib, as an application would use it, against a server of its own."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.journeys.aiosmpp import OCTETS, Application, facts
from tests.journeys.server import DETACHED, Server, demo_world

pytestmark = pytest.mark.asyncio(loop_scope="module")

GREEK_AND_EXTENSION = "Δ Ψ Ω: [42] {€} ~ \\ | ^ @£$¥ à"
SURROGATES = "Zażółć 😀👍🏽 gęślą 𝄞"
LONG = "The quick brown fox jumps over the lazy dog. " * 10


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(demo_world(tmp_path_factory.mktemp("aiosmpplib"))) as server:
        server.start()
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def application(server: Server) -> AsyncIterator[Application]:
    async with Application(server.smpp) as application:
        yield application


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("491510000001", "Hello, device"),
        ("491510000002", GREEK_AND_EXTENSION),
        ("491510000003", SURROGATES),
        ("491510000004", LONG),
        ("491510000005", SURROGATES * 20),
    ],
    ids=["plain", "GSM 7 bit with extensions", "UCS2 with surrogates", "long", "long UCS2"],
)
async def test_a_text_reaches_the_device_and_its_receipt_the_application(
    server: Server, application: Application, number: str, text: str
) -> None:
    message_id = await application.send(number, text)
    receipt = await application.receipt()
    told = facts(receipt)
    assert told["id"] == message_id
    assert told["stat"] == "DELIVRD"
    assert told["err"] == 0
    assert receipt.log_id == text[:30], "the library knows which message the receipt is about"
    assert server.texts(number) == [text]


async def test_octets_reach_the_device_as_they_are(
    server: Server, application: Application
) -> None:
    octets = bytes(range(1, 128)) + b"\xff\x00\x80"
    message_id = await application.send("491510000006", octets.decode("latin-1"), encoding=OCTETS)
    assert facts(await application.receipt())["id"] == message_id
    (message,) = server.inbox("491510000006")
    assert bytes.fromhex(message["hex"]) == octets
    assert message["text"] is None
    assert message["data_coding"] == 4


async def test_a_text_that_the_application_cuts_itself_is_joined_on_the_device(
    server: Server, application: Application
) -> None:
    last_id = await application.send(
        "491510000007", LONG, esm_class=0x40, auto_message_payload=False
    )
    receipt = await application.receipt()
    assert facts(receipt)["stat"] == "DELIVRD"
    assert str(facts(receipt)["id"]) <= last_id, "of one of the parts"
    (message,) = server.inbox("491510000007")
    assert message["text"] == LONG
    assert message["parts"] == 3


@pytest.mark.parametrize("text", ["ping", GREEK_AND_EXTENSION, SURROGATES, LONG, SURROGATES * 20])
async def test_what_a_device_sends_reaches_the_application_with_its_text(
    server: Server, application: Application, text: str
) -> None:
    server.device_sends("491510000008", "1234", text)
    message = await application.message()
    assert message.short_message == text
    assert message.source.number == "491510000008"
    assert message.destination.number == "1234"


async def test_what_a_device_sends_to_a_number_nobody_owns_reaches_its_policys_home(
    server: Server, application: Application
) -> None:
    server.device_sends("491510000009", "7777", "to whom it may concern")
    message = await application.message()
    assert message.destination.number == "7777"
    assert message.short_message == "to whom it may concern"


async def test_a_device_writes_to_another_and_the_application_hears_nothing(
    server: Server, application: Application
) -> None:
    (message_id,) = server.device_sends("491510000010", "+491510000011", SURROGATES)
    await application.send("491510000011", "after it")
    await application.receipt()
    first, second = server.inbox("491510000011")
    assert (first["from"], first["text"]) == ("491510000010", SURROGATES)
    assert second["text"] == "after it"
    assert int(message_id) > 0
    assert application.messages.empty()


async def test_a_message_waits_until_its_device_attaches(
    server: Server, application: Application
) -> None:
    message_id = await application.send(DETACHED, "when you are back")
    assert server.state(message_id) == "ENROUTE"
    assert application.receipts.empty()
    server.attach(DETACHED)
    assert facts(await application.receipt())["id"] == message_id
    assert server.texts(DETACHED) == ["when you are back"]
    assert server.state(message_id) == "DELIVERED"
